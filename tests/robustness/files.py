"""Fault: damaged picture files of every format, thousands of them, in one run of ``edge-digits batch``."""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from tests.robustness.mutations import mutated
from tests.robustness.outcome import SHOWN, Outcome, Say, Watched, edge_digits, growth, watch
from tests.robustness.pictures import NUMBER, originals

FILES: Final = 40_000  # what the C library keeps of large pictures settles in the first 20,000
QUICK_FILES: Final = 400
LIMIT_S: Final = 900.0
MOST_GROWTH_BYTES: Final = 8_000_000  # 1.6 kB a file, of two workers and their parent together
SLOWEST_MS: Final = 15_000.0  # for one file; a decoder that runs wild would take longer
_SEED: Final = 20_250
_NEED_NOT_BE_READ: Final = ("pbm", "pam", "pfm", "jp2", "sr", "hdr", "exr")  # of two values only, or refused
_UNEXPECTED: Final = re.compile(r"[A-Za-z]+: ")  # the type of an exception that is none of the package's own


def run(quick: bool, say: Say, workers: int = 2) -> Outcome:
    """Write the files, read them, compare rows with files."""
    count = QUICK_FILES if quick else FILES
    sound = originals()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "pictures"
        say(f"files: writing {count:,} damaged files of {len(sound)} forms")
        expected = write_folder(folder, sound, count)
        output = Path(scratch) / "rows.jsonl"
        say("files: edge-digits batch")
        watched = watch(edge_digits("batch", str(folder), "--output", str(output), "--workers", str(workers)), LIMIT_S)
        rows = [json.loads(line) for line in output.read_text("utf-8").splitlines()] if output.exists() else []
    return judge(expected, rows, watched, sorted(sound))


def write_folder(folder: Path, sound: Mapping[str, bytes], count: int) -> dict[str, str]:
    """Damaged files, and every sound one once; what was done to each, by path."""
    folder.mkdir(parents=True)
    expected = {}
    for index, (kind, name, content) in enumerate(mutated(sound, count, _SEED)):
        path = folder / f"{index:06d}-{name}"
        path.write_bytes(content)
        expected[str(path)] = kind
    for name, content in sound.items():
        path = folder / f"sound-{name}"
        path.write_bytes(content)
        expected[str(path)] = "sound"
    return expected


def judge(
    expected: Mapping[str, str], rows: Iterable[Mapping[str, Any]], watched: Watched, forms: Iterable[str]
) -> Outcome:
    """Every file one row, none killed the process, the sound ones read, memory flat."""
    rows = list(rows)
    seen = Counter(row["path"] for row in rows)
    status = Counter(row["status"] for row in rows)
    missing = [path for path in expected if path not in seen]
    doubled = [path for path, times in seen.items() if times > 1]
    crashes = [row for row in rows if "killed the process" in (row["error"] or "")]
    nameless = [row for row in rows if row["status"] == "error" and row["path"] not in row["error"]]
    unexpected = [row for row in rows if _UNEXPECTED.match((row["error"] or "").removeprefix(f"{row['path']}: "))]
    sound = [row for row in rows if expected.get(row["path"]) == "sound"]
    sound = [row for row in sound if Path(row["path"]).name.removeprefix("sound-") not in _NEED_NOT_BE_READ]
    read = [row for row in sound if row["text"] == NUMBER]
    slowest_ms = max((row["ms"] for row in rows), default=0.0)
    grown = growth(watched.resident_bytes)
    wrong = [f"{len(missing)} files without a row, first: {_form(missing[0])}"] if missing else []
    wrong += [f"{len(doubled)} files with several rows"] if doubled else []
    wrong += [f"a process was killed by {_form(row['path'])} ({expected[row['path']]})" for row in crashes[:SHOWN]]
    wrong += [f"an error does not name its file: {_form(row['path'])}" for row in nameless[:SHOWN]]
    wrong += [f"exit code {watched.code}: {watched.errors.strip()[-200:]}"] if watched.code not in (0, 1) else []
    wrong += [f"{_form(row['path'])}: {row['error']}".replace(row["path"], "") for row in unexpected[:SHOWN]]
    wrong += [] if len(read) == len(sound) > 0 else [f"only {len(read)} of {len(sound)} sound files are read"]
    wrong += [f"one file took {slowest_ms:.0f} ms"] if slowest_ms > SLOWEST_MS else []
    wrong += [f"memory grew by {grown / 1e6:.1f} MB"] if grown is not None and grown > MOST_GROWTH_BYTES else []
    counts = {
        "files": len(expected),
        "rows": len(rows),
        "rows_missing": len(missing),
        "rows_doubled": len(doubled),
        "crashes": len(crashes) + (watched.code not in (0, 1)),
        "unexpected_errors": len(unexpected),
        **{f"rows_{name}": status[name] for name in ("read", "unsure", "empty", "error")},
        "mutations": dict(Counter(expected.values())),
        "forms": list(forms),
        "sound_files_read": f"{len(read)} of {len(sound)}",
        "slowest_ms": round(slowest_ms),
        "memory_highest_mb": round(max(watched.resident_bytes, default=0) / 1e6, 1),
        "memory_growth_mb": None if grown is None else round(grown / 1e6, 1),
    }
    done = (
        "Picture files of every format that this OpenCV writes and reads, damaged in seeded ways, read by one "
        "edge-digits batch with its usual limits; memory is that of the command and its workers."
    )
    return Outcome(done, counts, tuple(wrong))


def _form(path: str) -> str:
    """The file's number and form, without the folder."""
    return Path(path).stem + " " + Path(path).suffix.lstrip(".")
