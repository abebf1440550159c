"""``edge-digits batch`` and what it stands on: rows of many files, in order, by several processes."""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

import edge_runtime
from edge_runtime import DigitReader, ModelError, Picture, Reading, find_files, read_files
from edge_runtime.batch.rows import ROW_FIELDS, Row
from edge_runtime.images.files import natural_key
from tests.conftest import Run, one_line


@pytest.fixture
def folder(tmp_path: Path, page_png: bytes) -> Path:
    root = tmp_path / "scans ünd 三"
    for name in ("img10.png", "img2.png", "IMG1.png", "a/deep/page.png", "b.d/1.png", ".hidden/x.png", ".DS_Store"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(page_png)
    (root / "img3.jpg").write_bytes(b"no picture at all")
    (root / "img4.png").touch()
    os.symlink(root, root / "loop")
    return root


ORDER = ["a/deep/page.png", "b.d/1.png", "IMG1.png", "img2.png", "img3.jpg", "img4.png", "img10.png"]


def test_batch_writes_one_row_a_file_in_natural_order(run: Run, folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "rows.jsonl"
    result = run("batch", folder, "--output", output, "--min-confidence", 0)
    assert (result.exit_code, result.stdout) == (1, "")  # two files are broken
    rows = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
    assert [row["path"] for row in rows] == [str(folder / name) for name in ORDER]
    assert [row["status"] for row in rows] == ["read", "read", "read", "read", "error", "error", "read"]
    assert all(row["ms"] >= 0 for row in rows)
    assert one_line(result.stderr).startswith("7 files: 5 read, 0 unsure, 0 empty, 2 error")


def test_batch_without_output_prints_json_lines(run: Run, folder: Path) -> None:
    result = run("batch", folder)
    assert [json.loads(line)["path"] for line in result.stdout.splitlines()] == [str(folder / name) for name in ORDER]


def test_batch_exits_with_0_when_all_is_good(run: Run, tmp_path: Path, blank: Path, picture: Path) -> None:
    result = run("batch", tmp_path, "--output", tmp_path / "rows.csv")
    assert result.exit_code == 0
    again = run("batch", tmp_path, "--output", tmp_path / "rows.csv")  # its own output is no input
    assert again.exit_code == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "rows.csv").read_text("utf-8"))))
    assert [Path(row["path"]).name for row in rows] == ["blank.png", "page.png"]
    assert rows[0]["status"] == "empty" and rows[0]["confidence"] == "" and rows[0]["error"] == ""
    assert not list(tmp_path.glob("*.part"))


def test_an_empty_folder_gives_no_rows_and_exit_0(run: Run, tmp_path: Path) -> None:
    result = run("batch", tmp_path, "--output", tmp_path / "rows.csv")
    assert result.exit_code == 0
    assert (tmp_path / "rows.csv").read_text("utf-8") == ",".join(ROW_FIELDS) + "\n"


def test_a_csv_has_its_name_only_when_it_is_complete(
    run: Run, tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out" / "rows.csv"
    output.parent.mkdir()
    output.write_text("of an earlier run", "utf-8")

    def fail(paths: object, reader: object, workers: int) -> object:
        yield Row.of("first.png", [], 1.0)
        raise ModelError("gone")

    monkeypatch.setattr(edge_runtime, "read_files", fail)
    assert run("batch", tmp_path, "--output", output).exit_code == 1
    assert output.read_text("utf-8") == "of an earlier run"
    assert "first.png" in (output.parent / "rows.csv.part").read_text("utf-8")


def test_min_confidence_decides_what_is_accepted(run: Run, tmp_path: Path, picture: Path) -> None:
    def status(least: float) -> str:
        return str(json.loads(run("batch", tmp_path, "--min-confidence", least).stdout)["status"])

    assert (status(0), status(1)) == ("read", "unsure")


def test_an_output_that_cannot_be_written_is_one_line_and_exit_1(run: Run, tmp_path: Path, picture: Path) -> None:
    result = run("batch", tmp_path, "--output", tmp_path / "no" / "folder" / "rows.jsonl")
    assert result.exit_code == 1
    assert "rows.jsonl" in one_line(result.stderr)


def test_file_names_that_are_not_unicode_come_back_from_json(run: Run, tmp_path: Path, page_png: bytes) -> None:
    name = os.fsencode(tmp_path) + b"/bad\xff\xfename.png"
    Path(os.fsdecode(name)).write_bytes(page_png)
    output = tmp_path / "rows.jsonl"
    assert run("batch", tmp_path, "--output", output).exit_code == 0
    assert os.fsencode(json.loads(output.read_bytes())["path"]) == name


def test_megapixels_are_bounded(run: Run, tmp_path: Path, picture: Path) -> None:
    result = run("batch", tmp_path, "--max-megapixels", 0.01)
    assert result.exit_code == 1
    assert "320x240" in json.loads(result.stdout)["error"]


def test_worker_processes_give_the_same_rows(tiny_reader: DigitReader, folder: Path) -> None:
    paths = list(find_files(folder)) * 5
    alone, shared = (list(read_files(paths, tiny_reader, workers)) for workers in (1, 2))
    assert [row.path for row in shared] == paths
    assert [(row.status, row.readings, row.error) for row in shared] == [
        (row.status, row.readings, row.error) for row in alone
    ]


class KillsItsProcess(DigitReader):
    """Ends the process on one picture, as a fault in a decoder would."""

    def read(self, image: Picture) -> list[Reading]:  # type: ignore[override]
        if image.pixels.shape[0] == 13:
            os.kill(os.getpid(), signal.SIGKILL)
        return []


def test_a_file_that_kills_its_process_is_a_row(tiny_path: Path, folder: Path) -> None:
    (folder / "img2.png").write_bytes(cv2.imencode(".png", np.zeros((13, 20), np.uint8))[1].tobytes())
    paths = list(find_files(folder))
    rows = list(read_files(paths, KillsItsProcess(tiny_path), workers=2))
    assert [row.path for row in rows] == paths
    killed = [row for row in rows if "killed the process" in str(row.error)]
    assert [Path(row.path).name for row in killed] == ["img2.png"]
    assert [row.status for row in rows] == ["empty"] * 3 + ["error"] * 3 + ["empty"]


def test_files_are_taken_as_they_are_needed(tiny_reader: DigitReader, picture: Path) -> None:
    taken = 0

    def endless() -> object:
        nonlocal taken
        while True:
            taken += 1
            yield str(picture)

    rows = read_files(endless(), tiny_reader, workers=2)  # type: ignore[arg-type]
    for _ in range(3):
        assert next(rows).path == str(picture)
    rows.close()  # type: ignore[attr-defined]
    assert taken <= 3 + 2 * 8


def test_unexpected_errors_of_one_file_are_rows(
    tiny_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = DigitReader(tiny_path)
    monkeypatch.setattr(reader, "read", lambda path: 1 / 0)
    (row,) = read_files([str(picture)], reader)
    assert row.status == "error" and "page.png: ZeroDivisionError" in str(row.error)
    assert row.state.is_known, "it would go wrong again"


@pytest.mark.parametrize("workers", [1, 2])
def test_rows_among_the_paths_come_out_in_their_place(
    tiny_reader: DigitReader, picture: Path, blank: Path, workers: int
) -> None:
    done = [Row.failed(f"done{number}", "as before") for number in range(40)]
    items = [str(picture), *done[:30], str(blank), str(picture), done[30], str(blank), *done[31:]]
    rows = list(read_files(items, tiny_reader, workers))
    assert [row.path for row in rows] == [item.path if isinstance(item, Row) else item for item in items]
    assert [row for row in rows if row.status == "error"] == done


def test_a_row_tells_the_state_of_its_file_and_what_was_done_to_it(
    tiny_reader: DigitReader, tmp_path: Path, page_png: bytes
) -> None:
    clear = tmp_path / "clear.png"
    clear.write_bytes(cv2.imencode(".png", np.zeros((30, 40, 4), np.uint8))[1].tobytes())
    os.utime(clear, ns=(5, 1_700_000_000_000_000_007))
    (row,) = read_files([str(clear)], tiny_reader)
    assert (row.state.size, row.state.mtime_ns) == (clear.stat().st_size, 1_700_000_000_000_000_007)
    assert row.note == "transparent parts made white"


@pytest.mark.parametrize(
    ("names", "ordered"),
    [
        (["10", "9", "1"], ["1", "9", "10"]),
        (["b2", "B10", "a"], ["a", "b2", "B10"]),
        (["x1y2", "x1y10", "x"], ["x", "x1y2", "x1y10"]),
        (["01", "1", "001"], ["001", "01", "1"]),
        (["²", "1", "٣"], ["1", "²", "٣"]),
    ],
)
def test_natural_order(names: list[str], ordered: list[str]) -> None:
    assert sorted(names, key=natural_key) == ordered


ENDLESS = """
import itertools, sys
from edge_runtime import DigitReader, read_files
if __name__ == "__main__":
    for row in read_files(itertools.repeat(sys.argv[1]), DigitReader(sys.argv[2]), workers=2):
        print(row.status, flush=True)
"""


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


@pytest.fixture
def heeding_ctrl_c() -> Iterator[None]:
    """Processes started here heed Ctrl-C, also where the tests run in the background of a shell, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def long_batch(tiny_path: Path, tmp_path: Path, page_png: bytes) -> Callable[..., subprocess.Popen[str]]:
    """Starts a batch of 1000 pictures, with so many workers, that has written its first row to rows.jsonl."""
    folder, output = tmp_path / "many", tmp_path / "rows.jsonl"
    folder.mkdir()
    for number in range(1000):
        (folder / f"{number}.png").write_bytes(page_png)

    def start(workers: int) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "edge_runtime", "batch", str(folder), "--output", str(output)]
        command += ["--model", str(tiny_path), "--workers", str(workers)]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
        while not output.exists() or not output.stat().st_size:
            time.sleep(0.02)
        return process

    return start


@pytest.mark.usefixtures("heeding_ctrl_c")
@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_ends_in_one_line_and_keeps_the_rows(
    long_batch: Callable[..., subprocess.Popen[str]], tmp_path: Path, workers: int
) -> None:
    with long_batch(workers) as process:
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to the workers too
        errors = process.communicate()[1]
    assert process.returncode == 1
    assert one_line(errors.strip()).startswith("interrupted after ") and str(tmp_path / "rows.jsonl") in errors
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text("utf-8").splitlines()]
    assert [Path(row["path"]).name for row in rows] == [f"{number}.png" for number in range(len(rows))]
    assert len(rows) < 1000


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("workers", [1, 2])
def test_sigterm_ends_as_ctrl_c_does(long_batch: Callable[..., subprocess.Popen[str]], workers: int) -> None:
    with long_batch(workers) as process:
        process.terminate()  # the parent alone, as systemd's KillMode=mixed does
        errors = process.communicate()[1]
    assert process.returncode == 1
    assert one_line(errors.strip()).startswith("interrupted after ") and "--resume" in errors


def test_closed_standard_output_is_one_line(tiny_path: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "edge_runtime", "batch", str(folder), "--model", str(tiny_path)]
    batch = f"{shlex.join(command)} >&-"
    done = subprocess.run(["sh", "-c", batch], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and one_line(done.stderr).startswith("Error: standard output: is closed")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
def test_the_bar_is_on_a_terminal_and_never_in_the_rows(tiny_path: Path, folder: Path) -> None:
    terminal, end_of_process = os.openpty()
    command = [sys.executable, "-m", "edge_runtime", "batch", str(folder), "--model", str(tiny_path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=end_of_process, text=True, timeout=60)
    os.close(end_of_process)
    shown = os.read(terminal, 100_000).decode()
    os.close(terminal)
    assert "7/7" in shown
    assert [json.loads(line)["path"] for line in done.stdout.splitlines()] == [str(folder / name) for name in ORDER]


def test_a_closed_pipe_ends_with_one_line(tiny_path: Path, folder: Path) -> None:
    for number in range(100, 160):
        (folder / f"more{number}.png").write_bytes((folder / "img2.png").read_bytes())
    command = [sys.executable, "-m", "edge_runtime", "batch", str(folder), "--model", str(tiny_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stderr
        assert json.loads(process.stdout.readline())["path"]
        process.stdout.close()
        errors = process.stderr.read()
        process.wait(timeout=30)
    assert one_line(errors).startswith("Error: standard output: ")
    assert process.returncode == 1


def test_an_interrupted_batch_says_where_its_rows_are(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> Iterator[Row]:
        yield Row.failed("a.png", "broken")
        raise KeyboardInterrupt

    monkeypatch.setattr(edge_runtime, "read_files", interrupted)
    result = run("batch", folder, "--output", tmp_path / "rows.csv")
    assert result.exit_code == 1
    unfinished = tmp_path / "rows.csv.part"
    said = f"interrupted after 1 files: 0 read, 0 unsure, 0 empty, 1 error -> {unfinished}; go on with --resume"
    assert one_line(result.stderr) == said
    assert "a.png,error" in unfinished.read_text("utf-8")
