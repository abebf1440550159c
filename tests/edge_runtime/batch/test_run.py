"""``read_files``: one row for each picture, in order, whatever a file does; by one or several processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import DigitReader, ModelError, Picture, Reading, read_files


@pytest.fixture
def files(tmp_path: Path, page_png: bytes) -> list[str]:
    """Four pictures, one broken and one empty file, and a name that is no file."""
    for number in range(4):
        (tmp_path / f"{number}.png").write_bytes(page_png)
    (tmp_path / "broken.jpg").write_bytes(b"no picture at all")
    (tmp_path / "empty.png").touch()
    names = ("0.png", "broken.jpg", "1.png", "gone.png", "2.png", "empty.png", "3.png")
    return [str(tmp_path / name) for name in names]


class Faulty(DigitReader):
    """Fails on pictures of certain heights, as a fault of a library would."""

    def read(self, image: Picture) -> list[Reading]:  # type: ignore[override]
        height = image.pixels.shape[0]
        if height == 13:
            os.kill(os.getpid(), signal.SIGKILL)
        if height == 14:
            raise ZeroDivisionError("division by zero")
        if height == 15:
            raise MemoryError
        if height == 16:
            raise ModelError("the model has gone")
        return []


def png(height: int) -> bytes:
    return cv2.imencode(".png", np.zeros((height, 20), np.uint8))[1].tobytes()


def test_every_file_gives_a_row_in_order(tiny_reader: DigitReader, files: list[str]) -> None:
    rows = list(read_files(files, tiny_reader))
    assert [row.path for row in rows] == files
    assert [row.status == "error" for row in rows] == [False, True, False, True, False, True, False]
    assert all(row.ms >= 0 for row in rows)
    assert [bool(row.error and row.path in row.error) for row in rows] == [row.status == "error" for row in rows]


def test_worker_processes_give_the_same_rows_and_take_files_as_they_are_needed(
    tiny_reader: DigitReader, files: list[str]
) -> None:
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        while True:
            yield files[taken % len(files)]
            taken += 1

    rows = read_files(endless(), tiny_reader, workers=2)
    shared = [next(rows) for _ in range(3 * len(files))]
    rows.close()  # type: ignore[attr-defined]
    assert taken <= len(shared) + 2 * 8
    alone = list(read_files(files, tiny_reader)) * 3
    assert [(row.path, row.status, row.readings, row.error) for row in shared] == [
        (row.path, row.status, row.readings, row.error) for row in alone
    ]


def test_an_error_of_one_file_does_not_end_the_run_but_one_of_the_model_does(tiny_path: Path, tmp_path: Path) -> None:
    paths = [str(tmp_path / f"{height}.png") for height in (14, 15, 20, 16)]
    for path, height in zip(paths, (14, 15, 20, 16), strict=True):
        Path(path).write_bytes(png(height))
    rows = read_files(paths, Faulty(tiny_path))
    first, second, third = (next(rows) for _ in range(3))
    assert first.error == f"{paths[0]}: ZeroDivisionError: division by zero"
    assert first.state.is_known, "it would go wrong again"
    assert "not enough memory" in str(second.error) and not second.state.is_known
    assert third.status == "empty"
    with pytest.raises(ModelError, match="has gone"):
        next(rows)


def test_a_row_tells_the_state_of_its_file_and_what_was_done_to_it(tiny_reader: DigitReader, tmp_path: Path) -> None:
    clear = tmp_path / "clear.png"
    clear.write_bytes(cv2.imencode(".png", np.zeros((30, 40, 4), np.uint8))[1].tobytes())
    os.utime(clear, ns=(5, 1_700_000_000_000_000_007))
    (row,) = read_files([str(clear)], tiny_reader)
    assert (row.state.size, row.state.mtime_ns) == (clear.stat().st_size, 1_700_000_000_000_000_007)
    assert row.note == "transparent parts made white"


@pytest.mark.slow
def test_a_file_that_kills_its_process_is_a_row(tiny_path: Path, files: list[str]) -> None:
    Path(files[2]).write_bytes(png(13))
    rows = list(read_files(files, Faulty(tiny_path), workers=2))
    assert [row.path for row in rows] == files
    assert [row.path for row in rows if "killed the process" in str(row.error)] == [files[2]]
    assert [row.status for row in rows] == ["empty", "error", "error", "error", "empty", "error", "empty"]


ENDLESS = """
import itertools, sys
from edge_runtime import DigitReader, read_files
if __name__ == "__main__":
    for row in read_files(itertools.repeat(sys.argv[1]), DigitReader(sys.argv[2]), workers=2):
        print(row.status, flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for children in /proc")
def test_workers_end_when_their_parent_is_killed(tmp_path: Path, tiny_path: Path, picture: Path) -> None:
    script = tmp_path / "endless.py"
    script.write_text(ENDLESS, "utf-8")
    command = [sys.executable, str(script), str(picture), str(tiny_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdout.readline()
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("utf-8").split()
        process.kill()
    assert len(children) >= 2
    end = time.monotonic() + 10
    while any(is_running(child) for child in children):
        assert time.monotonic() < end, "workers outlive their parent"
        time.sleep(0.05)


def is_running(process: str) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
