"""How a run of ``edge-digits batch`` may end early: killed, interrupted, its output closed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge_runtime import find_files
from tests.conftest import one_line

Start = Callable[..., "subprocess.Popen[str]"]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and shells of POSIX")
SLOW = pytest.param(2, marks=pytest.mark.slow)


@pytest.fixture
def many(tmp_path: Path, page_png: bytes) -> Path:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(400):
        (folder / f"{number}.png").write_bytes(page_png)
    return folder


@pytest.fixture
def start(tiny_path: Path, many: Path) -> Iterator[Start]:
    """Starts a batch with these options that heeds Ctrl-C, also where a shell in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def start(*options: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "edge_runtime", "batch", str(many), "--model", str(tiny_path)]
        command += map(str, options)
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    yield start
    signal.signal(signal.SIGINT, before)


def wait_for_rows(process: subprocess.Popen[str], part: Path, least_bytes: int) -> None:
    end = time.monotonic() + 60
    while process.poll() is None and not (part.exists() and part.stat().st_size >= least_bytes):
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "workers"), [("rows.csv", 1), ("rows.jsonl", 2), ("rows.parquet", 1)])
def test_kill_9_and_resume_give_every_file_one_row(
    start: Start, many: Path, tmp_path: Path, name: str, workers: int
) -> None:
    output, part = tmp_path / name, tmp_path / f"{name}.part"
    chance = random.Random(workers)
    for _ in range(3):
        written = part.stat().st_size if part.exists() else 0
        with start("--output", output, "--resume", "--workers", workers) as process:
            wait_for_rows(process, part, written + 1000)
            time.sleep(chance.uniform(0, 0.1))
            os.killpg(process.pid, signal.SIGKILL)
    with start("--output", output, "--resume", "--workers", workers, "--report", tmp_path / "report") as process:
        errors = process.communicate(timeout=120)[1]
    assert process.returncode == 0 and "from before) -> " in errors
    assert errors.startswith("400 files: ") and not part.exists()
    if name == "rows.jsonl":
        rows = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
        assert [row["path"] for row in rows] == list(find_files(many))
        assert {row["status"] for row in rows} == {rows[0]["status"]}


@pytest.mark.parametrize("workers", [1, SLOW])
@pytest.mark.parametrize("end", ["Ctrl-C", "SIGTERM"])
def test_an_interruption_ends_in_one_line_and_keeps_the_rows(
    start: Start, many: Path, page_png: bytes, tmp_path: Path, workers: int, end: str
) -> None:
    for number in range(400, 1500):  # so many that a busy machine does not read them all before the signal
        (many / f"{number}.png").write_bytes(page_png)
    part = tmp_path / "rows.csv.part"
    with start("--output", tmp_path / "rows.csv", "--workers", workers) as process:
        wait_for_rows(process, part, 1)
        if end == "Ctrl-C":
            os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to the workers too
        else:
            process.terminate()  # the parent alone, as systemd's KillMode=mixed does
        errors = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert one_line(errors.strip()).startswith("interrupted after ")
    assert errors.strip().endswith(f" -> {part}; continue with --resume")
    rows = [json.loads(line) for line in part.read_text("utf-8").splitlines()]
    assert [Path(row["path"]).name for row in rows] == [f"{number}.png" for number in range(len(rows))]
    assert 0 < len(rows) < 1500


def test_a_closed_pipe_ends_without_a_word(start: Start) -> None:
    with start() as process:
        assert process.stdout and process.stderr
        assert Path(json.loads(process.stdout.readline())["path"]).name == "0.png"
        process.stdout.close()
        assert process.stderr.read() == ""
        process.wait(timeout=30)
    assert process.returncode == 1


def test_closed_standard_output_is_one_line(tiny_path: Path, many: Path) -> None:
    batch = f"'{sys.executable}' -m edge_runtime batch '{many}' --model '{tiny_path}' >&-"
    done = subprocess.run(["sh", "-c", batch], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and one_line(done.stderr).startswith("Error: standard output: is closed")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_stdout_is_one_line(tiny_path: Path, many: Path) -> None:
    command = [sys.executable, "-m", "edge_runtime", "batch", str(many), "--model", str(tiny_path)]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 1
    assert one_line(done.stderr).startswith("Error: standard output: No space left")
