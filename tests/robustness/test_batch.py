"""``edge-digits batch`` killed at random moments, on full disks and into closed pipes: no row is lost or doubled."""

from __future__ import annotations

import csv
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
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
    killed = [kill_once(folder, output, undisturbed.stat().st_size, index, kills) for index in range(kills)]
    assert all(killed), "a run ended before it could be killed"
    last = ended(batch(folder, output, "--workers", 2, "--resume"))
    assert last.returncode == 0, last.stderr[-500:]
    assert [row["path"] for row in answers(output)] == files
    assert answers(output) == answers(undisturbed)


def kill_once(folder: Path, output: Path, whole_bytes: int, index: int, kills: int) -> bool:
    """Start, wait for a random moment, kill; False where the command had ended before."""
    chance = random.Random(9_000 + index)
    done_bytes = written_bytes(output)
    share_bytes = max(0, whole_bytes - done_bytes) / (kills - index + 1)  # leaves something for every kill to come
    at_start = index % 3 == 0
    end_s = time.monotonic() + (chance.uniform(0, START_UP_S) if at_start else LIMIT_S)
    until_bytes = whole_bytes if at_start else done_bytes + chance.uniform(0.1, 1.5) * share_bytes
    child = subprocess.Popen(
        batch(folder, output, "--workers", 1 + index % 2, "--resume"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while child.poll() is None and time.monotonic() < end_s and written_bytes(output) < until_bytes:
            time.sleep(0.001)
        return child.poll() is None
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()


def written_bytes(output: Path) -> int:
    """How far the rows have come, whatever the files are called that batch keeps them in."""
    sizes = [0]
    for path in output.parent.glob(f"{output.name}*"):
        try:
            sizes.append(path.stat().st_size)
        except FileNotFoundError:  # renamed meanwhile
            continue
    return max(sizes)


# Full disks, closed pipes


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("batch") / "pictures"
    make_pictures(path, 240 if LONG else 60)
    return path


def assert_complains_once(done: subprocess.CompletedProcess[str], named: str = "") -> None:
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert sum(line.startswith("Error") for line in done.stderr.splitlines()) == 1 and named in done.stderr, done.stderr


def assert_resumes(folder: Path, output: Path) -> None:
    """What was written are whole rows of the first files, and with room the rest follows."""
    files = sorted(map(str, folder.iterdir()))
    kept = [row["path"] for row in read_rows(output.with_name(f"{output.name}.part"))]
    assert kept and kept == files[: len(kept)]
    again = ended(batch(folder, output, "--resume"))
    assert again.returncode == 0, again.stderr
    assert [row["path"] for row in read_rows(output)] == files


def small_files() -> Callable[[], None]:
    """For a child before it begins: no file may grow beyond a few kilobytes."""
    resource = pytest.importorskip("resource")
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (FULL_BYTES, FULL_BYTES))


@pytest.mark.slow
def test_a_file_that_may_not_grow_is_told_and_resumed(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "rows.jsonl"
    assert_complains_once(ended(batch(folder, output), preexec_fn=small_files()), output.name)
    assert_resumes(folder, output)


@pytest.mark.slow
def test_an_incomplete_csv_does_not_stand_under_its_final_name(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "rows.csv"
    assert_complains_once(ended(batch(folder, output), preexec_fn=small_files()))
    assert not output.exists()


@pytest.fixture
def tmpfs(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few kilobytes, where it may be mounted."""
    place = tmp_path / "full"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={FULL_BYTES}", "tmpfs", str(place)]
    if not sys.platform.startswith("linux") or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("this system does not let us mount a tmpfs")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.slow
def test_a_full_file_system_is_told_and_resumed(folder: Path, tmpfs: Path) -> None:
    output = tmpfs / "rows.jsonl"
    assert_complains_once(ended(batch(folder, output)), output.name)
    subprocess.run(["mount", "-o", "remount,size=64m", str(tmpfs)], check=True)
    assert_resumes(folder, output)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_device_is_told(folder: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(edge_digits("batch", folder), stdout=full, stderr=subprocess.PIPE, text=True)
    assert_complains_once(done)


@pytest.mark.slow
def test_a_closed_pipe_ends_the_command_quietly(folder: Path) -> None:
    """As ``edge-digits batch FOLDER | head -1``."""
    with subprocess.Popen(edge_digits("batch", folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stderr is not None
        first = child.stdout.readline()
        child.stdout.close()
        assert b"Traceback" not in child.stderr.read()
    assert json.loads(first)["path"] == min(map(str, folder.iterdir()))
