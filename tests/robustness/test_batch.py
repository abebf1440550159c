"""``edge-digits batch`` killed at random moments, on a full disk: no row is lost or doubled."""

from __future__ import annotations

import csv
import json
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import cv2
import pytest

from benchmarks.throughput.pictures import repeat_files
from tests.robustness import LONG
from tests.robustness.faults.pictures import draw_page
from tests.robustness.faults.processes import edge_digits

KILLS = {"rows.jsonl": 50 if LONG else 3, "rows.csv": 16 if LONG else 2}
FILES_PER_KILL = 60
DISTINCT = 16
START_UP_S = 0.8  # about what the command needs until its first row; a third of the kills fall in there
LIMIT_S = 240.0  # for one run
FULL_BYTES = 16 * 1024  # some thirty rows

Row = dict[str, Any]


def make_pictures(folder: Path, count: int) -> list[str]:
    """A few drawn numbers under ``count`` names, in the order in which they are read."""
    drawn = folder.with_name("drawn")
    drawn.mkdir()
    folder.mkdir()
    sources = [drawn / f"{index}.png" for index in range(min(DISTINCT, count))]
    for index, path in enumerate(sources):
        cv2.imwrite(str(path), draw_page(str(1000 + 617 * index), (48, 100), index))
    repeat_files(sources, count, folder)
    return sorted(str(path) for path in folder.iterdir())


def read_rows(path: Path) -> list[Row]:
    """Every row of a .jsonl or .csv file, each of them whole."""
    text = path.read_text("utf-8-sig")
    return (
        list(csv.DictReader(text.splitlines())) if path.suffix == ".csv" else list(map(json.loads, text.splitlines()))
    )


def answers(path: Path) -> list[Row]:
    """The rows without what depends on the moment."""
    return [{key: value for key, value in row.items() if key != "ms"} for row in read_rows(path)]


def batch(folder: Path, output: Path, *more: object) -> list[str]:
    return edge_digits("batch", folder, "--output", output, *more)


def ended(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, **options)


# Kills


@pytest.mark.slow
@pytest.mark.parametrize("name", list(KILLS))
def test_a_batch_that_is_killed_and_resumed_gives_the_rows_of_one_that_is_not(tmp_path: Path, name: str) -> None:
    kills = KILLS[name]
    folder, output, undisturbed = tmp_path / "pictures", tmp_path / name, tmp_path / f"undisturbed-{name}"
    files = make_pictures(folder, kills * FILES_PER_KILL)
    assert ended(batch(folder, undisturbed, "--workers", 2)).returncode == 0
    killed = [kill_once(folder, output, len(files), index, kills) for index in range(kills)]
    assert all(killed), "a run ended before it could be killed"
    last = ended(batch(folder, output, "--workers", 2, "--resume"))
    assert last.returncode == 0, last.stderr[-500:]
    assert [row["path"] for row in answers(output)] == files
    assert answers(output) == answers(undisturbed)


def kill_once(folder: Path, output: Path, files: int, index: int, kills: int) -> bool:
    """Start, wait for a random moment, kill; False where the command had ended before."""
    chance = random.Random(9_000 + index)
    done = written_rows(output)
    share = max(0, files - done) / (kills - index + 1)  # leaves something for every kill to come
    at_start = index % 3 == 0
    end_s = time.monotonic() + (chance.uniform(0, START_UP_S) if at_start else LIMIT_S)
    until = files if at_start else done + chance.uniform(0.1, 1.5) * share
    child = subprocess.Popen(
        batch(folder, output, "--workers", 1 + index % 2, "--resume"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while child.poll() is None and time.monotonic() < end_s and written_rows(output) < until:
            time.sleep(0.002)
        return child.poll() is None
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()


def written_rows(output: Path) -> int:
    """How far the rows have come, whatever the files are called that batch keeps them in."""
    counts = [0]
    for path in output.parent.glob(f"{output.name}*"):
        try:
            counts.append(path.read_bytes().count(b"\n"))
        except FileNotFoundError:  # renamed meanwhile
            continue
    return max(counts)


# A full disk


@pytest.mark.slow
@pytest.mark.parametrize("name", list(KILLS))
def test_a_file_that_may_not_grow_is_told_and_resumed(tmp_path: Path, name: str) -> None:
    """Rows that were written are kept beside the output, which is not there while incomplete; then the rest follows."""
    resource = pytest.importorskip("resource")
    folder, output = tmp_path / "pictures", tmp_path / name
    files = make_pictures(folder, 240)

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (FULL_BYTES, FULL_BYTES))

    done = ended(batch(folder, output), preexec_fn=small_files)
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert sum(line.startswith("Error") for line in done.stderr.splitlines()) == 1 and name in done.stderr, done.stderr
    assert not output.exists() and output.with_name(f"{name}.part").exists()
    again = ended(batch(folder, output, "--resume"))
    assert again.returncode == 0, again.stderr
    assert [row["path"] for row in read_rows(output)] == files
