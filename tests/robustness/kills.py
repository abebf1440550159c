"""Fault: ``kill -9`` at random moments of ``edge-digits batch --resume``, again and again, until the folder is done."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import cv2

from benchmarks.throughput.pictures import repeat_files
from tests.robustness.outcome import Outcome, Say, child_environment, edge_digits, watch
from tests.robustness.pictures import draw_page

KILLS: Final[Mapping[str, int]] = {"rows.jsonl": 50, "rows.csv": 16}
QUICK_KILLS: Final[Mapping[str, int]] = {"rows.jsonl": 3, "rows.csv": 2}
FILES_PER_KILL: Final = 60
WORKERS: Final = (1, 2)  # in turn
DISTINCT: Final = 16
START_UP_S: Final = 0.8  # about what the command needs until its first row; a third of the kills fall in there
LIMIT_S: Final = 240.0  # for one run
DONE: Final = (
    "edge-digits batch --resume killed with SIGKILL while it starts or after a random number of new rows, with one and "
    "with two workers in turn, resumed each time; its rows compared with those of a run that nobody disturbed."
)
_SEED: Final = 9
_POLL_S: Final = 0.001
_MUST_BE_ZERO: Final = ("rows_lost", "rows_doubled", "rows_strange", "rows_broken", "rows_different")
_OF_THE_ANSWER: Final = ("status", "text", "confidence", "readings", "error")

Rows = list[Mapping[str, Any] | None]


def run(quick: bool, say: Say) -> Outcome:
    """Kill, resume, kill, resume; then let it end, and compare with a run that nobody disturbed."""
    planned = QUICK_KILLS if quick else KILLS
    counts: dict[str, Any] = {}
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "pictures"
        files = make_pictures(folder, max(planned.values()) * FILES_PER_KILL, Path(scratch) / "drawn")
        for name, kills in planned.items():
            say(f"kills: {name}, {len(files):,} files, {kills} times kill -9")
            found, problems = _kill_and_compare(folder, Path(scratch) / name, kills, files)
            counts[name] = found
            wrong += [f"{name}: {problem}" for problem in problems]
    counts = {"files": len(files), "kills": sum(found["kills"] for found in counts.values()), **counts}
    return Outcome(DONE, counts, tuple(wrong))


def make_pictures(folder: Path, count: int, drawn: Path) -> list[str]:
    """A few drawn numbers under ``count`` names, in the order in which they are read."""
    drawn.mkdir()
    folder.mkdir()
    sources = [drawn / f"{index}.png" for index in range(min(DISTINCT, count))]
    for index, path in enumerate(sources):
        cv2.imwrite(str(path), draw_page(str(1000 + 617 * index), (48, 100), index))
    repeat_files(sources, count, folder)
    return sorted(str(path) for path in folder.iterdir())


def read_rows(path: Path) -> Rows:
    """Every row of a .jsonl or .csv file; None for a line of the first that is not whole."""
    if not path.exists():
        return []
    text = path.read_text("utf-8")
    if path.suffix == ".csv":
        return list(csv.DictReader(text.splitlines()))
    return [_parsed(line) for line in text.splitlines()]


def compare(files: Iterable[str], rows: Rows, expected: Rows) -> dict[str, int]:
    """Rows lost, doubled, of no such file, broken, or other than expected."""
    files = set(files)
    seen = Counter(row["path"] for row in rows if row)
    right = {row["path"]: _answer(row) for row in expected if row}
    return {
        "rows": len(rows),
        "rows_lost": len(files - set(seen)),
        "rows_doubled": sum(times - 1 for times in seen.values()),
        "rows_strange": len(set(seen) - files),
        "rows_broken": sum(row is None for row in rows),
        "rows_different": sum(_answer(row) != right.get(row["path"]) for row in rows if row),
    }


def _kill_and_compare(folder: Path, output: Path, kills: int, files: list[str]) -> tuple[dict[str, Any], list[str]]:
    undisturbed = output.with_stem("undisturbed")
    first = watch(_batch(folder, undisturbed, 2), LIMIT_S)
    whole_bytes = undisturbed.stat().st_size
    moments = [_kill_once(folder, output, whole_bytes, index, kills) for index in range(kills)]
    last = watch([*_batch(folder, output, 2), "--resume"], LIMIT_S)
    compared = compare(files, read_rows(output), read_rows(undisturbed))
    codes = {"the undisturbed run": first, "the last resumed run": last}
    wrong = [
        f"exit code {run.code} of {name}: {run.errors.strip()[-200:]}" for name, run in codes.items() if run.code != 0
    ]
    wrong += [f"{name} {compared[name]}" for name in _MUST_BE_ZERO if compared[name]]
    wrong += [] if all(moments) else [f"{moments.count('')} runs ended before they could be killed"]
    kinds = {f"kills_{moment}": moments.count(moment) for moment in ("at_start", "while_reading")}
    return {"kills": len(moments) - moments.count(""), **kinds, **compared}, wrong


def _kill_once(folder: Path, output: Path, whole_bytes: int, index: int, kills: int) -> str:
    """Start, wait for a random moment, kill; tells in which part of the run, empty where it had ended before."""
    chance = random.Random(1000 * _SEED + index)
    done_bytes = _written_bytes(output)
    share_bytes = max(0, whole_bytes - done_bytes) / (kills - index + 1)  # leaves something for every kill to come
    at_start = index % 3 == 0
    wait_s = chance.uniform(0, START_UP_S) if at_start else LIMIT_S
    until_bytes = whole_bytes if at_start else done_bytes + chance.uniform(0.1, 1.5) * share_bytes
    child = subprocess.Popen(
        [*_batch(folder, output, WORKERS[index % len(WORKERS)]), "--resume"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=child_environment(),
    )
    end_s = time.monotonic() + wait_s
    try:
        while child.poll() is None and time.monotonic() < end_s and _written_bytes(output) < until_bytes:
            time.sleep(_POLL_S)
        had_ended = child.poll() is not None
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    return "" if had_ended else "at_start" if at_start else "while_reading"


def _written_bytes(output: Path) -> int:
    """How far the rows have come: those of the present run, or of the earlier ones, which it goes through first."""
    names = (output.name, f"{output.name}.part", f"{output.name}.earlier")
    return max(_size(output.with_name(name)) for name in names)


def _size(path: Path) -> int:
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0


def _batch(folder: Path, output: Path, workers: int) -> list[str]:
    return edge_digits("batch", str(folder), "--output", str(output), "--workers", str(workers))


def _answer(row: Mapping[str, Any]) -> dict[str, Any]:
    """What does not depend on the moment."""
    return {key: row.get(key) for key in _OF_THE_ANSWER}


def _parsed(line: str) -> Mapping[str, Any] | None:
    try:
        row: Mapping[str, Any] = json.loads(line)
    except ValueError:
        return None
    return row
