"""Damaged picture files of every format in one run of ``edge-digits batch``."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.robustness import LONG
from tests.robustness.faults.mutations import MUTATIONS, mutated
from tests.robustness.faults.pictures import NUMBER, originals
from tests.robustness.faults.processes import edge_digits, growth, watch

FILES = 40_000 if LONG else 300  # what the C library keeps of large pictures settles in the first 20,000
LIMIT_S = 900.0
MOST_GROWTH_BYTES = 8_000_000  # 1.6 kB a file, of two workers and their parent together
SLOWEST_MS = 15_000.0  # for one file; a decoder that runs wild would take longer
NEED_NOT_BE_READ = {"pbm", "pam", "pfm", "jp2", "sr", "hdr", "exr"}  # of two values only, or refused
UNEXPECTED = re.compile(r"[A-Za-z]+: ")  # the type of an exception that is none of the package's own


@pytest.mark.slow
def test_every_damaged_file_gives_one_row(tmp_path: Path) -> None:
    """None crashes a worker, an error names its file, sound files among them are read, memory stays flat."""
    folder, output = tmp_path / "pictures", tmp_path / "rows.jsonl"
    damage = write_folder(folder, FILES)
    watched = watch(edge_digits("batch", folder, "--output", output, "--workers", 2), LIMIT_S)
    assert watched.code in (0, 1), watched.errors[-500:]
    rows = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
    assert sorted(row["path"] for row in rows) == sorted(damage), "a row is missing or doubled"
    for row in rows:
        told = f"{damage[row['path']]}: {row['error']}"
        assert "killed the process" not in told
        assert row["status"] != "error" or row["path"] in row["error"], told
        assert not UNEXPECTED.match((row["error"] or "").removeprefix(f"{row['path']}: ")), told
    sound = {row["path"]: row["text"] for row in rows if damage[row["path"]] == "sound"}
    assert len(sound) > 10 and set(sound.values()) == {NUMBER}, sound
    assert max(row["ms"] for row in rows) < SLOWEST_MS
    assert growth(watched.resident_bytes) < MOST_GROWTH_BYTES
    print(f"{len(rows):,} files:", Counter(row["status"] for row in rows), Counter(damage.values()))


@pytest.mark.parametrize("name", list(MUTATIONS))
def test_every_mutation_damages_and_is_the_same_for_a_seed(name: str) -> None:
    sound = originals()["png"]
    mutate = MUTATIONS[name][0]
    damaged = [mutate(sound, random.Random(seed)) for seed in range(20)]
    assert damaged == [mutate(sound, random.Random(seed)) for seed in range(20)]
    assert sum(content != sound for content in damaged) >= 15
    assert max(map(len, damaged)) < 3 * len(sound) + 300_000


def test_growth_is_that_of_the_last_quarter() -> None:
    assert growth([100 * index for index in range(100)]) == 2_500
    assert growth([*range(50), *[50] * 50]) == 0


def write_folder(folder: Path, count: int) -> dict[str, str]:
    """Damaged files, and every sound one that must be read; what was done to each, by path."""
    folder.mkdir()
    sound = originals()
    done = {}
    for index, (kind, name, content) in enumerate(mutated(sound, count, seed=20_250)):
        path = folder / f"{index:06d}-{name}"
        path.write_bytes(content)
        done[str(path)] = kind
    for name in sorted(sound.keys() - NEED_NOT_BE_READ):
        path = folder / f"sound-{name}"
        path.write_bytes(sound[name])
        done[str(path)] = "sound"
    return done
