"""``batch --resume`` and the files of rows that it goes on with: killed, cut off, changed, full."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edge_runtime import DigitReader, OutputError, find_files, read_files
from edge_runtime.batch.claim import claimed
from edge_runtime.batch.resume import RowPlaces, skip_done
from edge_runtime.batch.row_files import CSV, JSON_LINES, RowFile, read_rows
from edge_runtime.batch.rows import FileState, Row
from edge_runtime.images.files import path_key
from tests.conftest import Run, one_line

ENDINGS = pytest.mark.parametrize("ending", [".jsonl", ".csv"])


@pytest.fixture
def folder(tmp_path: Path, page_png: bytes) -> Path:
    root = tmp_path / "pictures"
    for name in ("1.png", "2.png", "10.png", "b/1.png", "b/new\nline.png", '"quoted",.png', "ünï.png"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(page_png)
    (root / "b" / os.fsdecode(b"\xff2.png")).write_bytes(page_png)
    (root / "broken.jpg").write_bytes(b"no picture")
    return root


def rows_of(path: Path) -> list[dict[str, object]]:
    """The rows of a finished file without the time they took."""
    if ".csv" in path.name:
        with path.open(encoding="utf-8", newline="") as stream:
            rows: list[dict[str, object]] = list(csv.DictReader(stream))
    else:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [{**row, "ms": None} for row in rows]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are truly read, in order."""
    import edge_runtime.batch.run

    seen: list[str] = []
    read_file = edge_runtime.batch.read_file

    def spy(path: str, reader: DigitReader) -> Row:
        seen.append(path)
        return read_file(path, reader)

    monkeypatch.setattr(edge_runtime.batch, "read_file", spy)
    return seen


# Cut off anywhere


@ENDINGS
def test_a_file_cut_off_at_any_byte_is_repaired_and_completed(
    run: Run, folder: Path, tmp_path: Path, reads: list[str], ending: str
) -> None:
    output = tmp_path / f"rows{ending}"
    part = RowPlaces(output).part
    assert run("batch", folder, "--output", output).exit_code == 1
    whole, data = rows_of(output), output.read_bytes()
    chance = random.Random(3)
    for cut in [0, 1, len(data) - 1, *(chance.randrange(len(data)) for _ in range(12))]:
        reads.clear()
        output.unlink()
        part.write_bytes(data[:cut])
        done = sum(1 for _ in read_rows(part, CSV if ending == ".csv" else JSON_LINES))
        assert run("batch", folder, "--output", output, "--resume").exit_code == 1
        assert rows_of(output) == whole
        assert len(reads) == len(whole) - done, "what stood there whole is not read again"
        assert not list(tmp_path.glob("*.part")) and not list(tmp_path.glob("*.earlier"))


@ENDINGS
def test_a_record_that_a_crash_spoiled_is_read_again(
    run: Run, folder: Path, tmp_path: Path, reads: list[str], ending: str
) -> None:
    output = tmp_path / f"rows{ending}"
    run("batch", folder, "--output", output)
    whole = rows_of(output)
    data = output.read_bytes()
    middle = data.index(b"10.png")
    output.write_bytes(data[: middle - 5] + b"\0" * 11 + data[middle + 6 :] + b"\0" * 4096)
    reads.clear()
    run("batch", folder, "--output", output, "--resume")
    assert rows_of(output) == whole
    assert [Path(path).name for path in reads] == ["10.png"]


# What has changed


@ENDINGS
def test_only_what_is_new_or_has_changed_is_read_again(
    run: Run, folder: Path, tmp_path: Path, page_png: bytes, reads: list[str], ending: str
) -> None:
    output = tmp_path / f"rows{ending}"
    run("batch", folder, "--output", output)
    (folder / "2.png").write_bytes(b"broken now")
    os.utime(folder / "b" / "1.png", ns=(7, 7))
    (folder / "3.png").write_bytes(page_png)
    (folder / "10.png").unlink()
    (folder / "broken.jpg").unlink()
    reads.clear()
    result = run("batch", folder, "--output", output, "--resume")
    assert [Path(path).name for path in reads] == ["2.png", "3.png", "1.png"]
    rows = {str(row["path"]): row["status"] for row in rows_of(output)}
    assert len(rows) == len(rows_of(output)), "no path has two rows"
    assert rows[str(folder / "2.png")] == "error"
    assert rows[str(folder / "10.png")] != "error", "what was read of a file that has gone is kept"
    assert str(folder / "broken.jpg") not in rows, "but not its error"
    assert "(6 of them from before)" in result.stderr
    paths = list(rows)
    assert paths == sorted(paths, key=path_key)


def test_a_file_that_could_not_be_opened_is_tried_again(tiny_reader: DigitReader, tmp_path: Path) -> None:
    loop = tmp_path / "loop.png"
    loop.symlink_to(loop)
    (row,) = read_files([str(loop)], tiny_reader)
    assert row.status == "error" and not row.state.is_known
    assert list(skip_done([str(loop)], [row])) == [str(loop)]


def test_walking_earlier_rows_holds_no_more_than_one(tmp_path: Path) -> None:
    taken = 0

    def endless() -> object:
        nonlocal taken
        while True:
            taken += 1
            yield Row.of(f"{taken}.png", [], 1.0, state=FileState(1, 1))

    items = skip_done((f"{number}.png" for number in range(1, 10**9)), endless())  # type: ignore[arg-type]
    assert [next(items) for _ in range(3)] == ["1.png", "2.png", "3.png"]
    assert taken <= 4


# Killed, interrupted, full


def test_every_state_that_a_kill_can_leave_is_gone_on_with(
    run: Run, folder: Path, tmp_path: Path, reads: list[str]
) -> None:
    output = tmp_path / "rows.csv"
    places = RowPlaces(output)
    run("batch", folder, "--output", output)
    whole, lines = rows_of(output), output.read_bytes()
    header = lines[: lines.index(b"\n") + 1]
    half = lines[: lines.index(b"broken.jpg")]
    states: list[dict[Path, bytes]] = [
        {places.earlier: lines},
        {places.earlier: lines, places.part: b""},
        {places.earlier: lines, places.part: header},
        {places.earlier: lines, places.part: half},
        {places.earlier: half, places.part: lines, places.joined: half[:50]},
        {places.earlier: half, places.part: half, output: lines},
        {places.part: lines},
        {output: lines, places.earlier: lines},
    ]
    for number, state in enumerate(states):
        for path in places.all:
            path.unlink(missing_ok=True)
        for path, data in state.items():
            path.write_bytes(data)
        reads.clear()
        run("batch", folder, "--output", output, "--resume")
        assert rows_of(output) == whole, f"state {number}"
        assert [path for path in places.all if path.exists()] == [output], f"state {number}"
        has_all = lines in state.values() and number != 5
        assert bool(reads) is not has_all, f"state {number}: read {reads}"


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize(("ending", "workers"), [(".csv", 1), (".jsonl", 2)])
def test_kill_9_and_resume_give_every_file_one_row(
    tiny_path: Path, tmp_path: Path, page_png: bytes, ending: str, workers: int
) -> None:
    folder, output = tmp_path / "many", tmp_path / f"rows{ending}"
    folder.mkdir()
    for number in range(400):
        (folder / f"{number}.png").write_bytes(page_png)
    command = [sys.executable, "-m", "edge_runtime", "batch", str(folder), "--output", str(output), "--resume"]
    command += ["--model", str(tiny_path), "--workers", str(workers)]
    part, chance = RowPlaces(output).part, random.Random(workers)
    for _ in range(3):
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True) as process:
            wait_until(lambda: process.poll() is not None or (part.exists() and part.stat().st_size > 500))
            time.sleep(chance.uniform(0, 0.1))
            os.killpg(process.pid, signal.SIGKILL)
    assert subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=120).returncode == 0
    rows = rows_of(output)
    assert [row["path"] for row in rows] == list(find_files(folder))
    assert {row["status"] for row in rows} == {rows[0]["status"]}


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit of the file size")
@ENDINGS
def test_a_full_disk_is_one_line_and_the_rows_are_whole_and_gone_on_with(
    run: Run, tiny_path: Path, folder: Path, tmp_path: Path, reads: list[str], ending: str
) -> None:
    output = tmp_path / f"rows{ending}"
    part = RowPlaces(output).part
    limited = f"""
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
from edge_runtime.cli import main
main(["batch", {str(folder)!r}, "--output", {str(output)!r}, "--model", {str(tiny_path)!r}])
"""
    done = subprocess.run([sys.executable, "-c", limited], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert one_line(done.stderr).startswith(f"Error: {part}: ") and "--resume" in done.stderr
    assert part.read_bytes().endswith(b"\n") and part.stat().st_size <= 2000
    kept = len(rows_of(part))
    assert kept > 1
    run("batch", folder, "--output", output, "--resume")
    assert [row["path"] for row in rows_of(output)] == [written(path, ending) for path in find_files(folder)]
    assert len(reads) == len(rows_of(output)) - kept


def written(path: str, ending: str) -> str:
    """CSV has no way to write what is not Unicode but as \\udcXX; in JSON that is the name itself."""
    return path.encode("utf-8", "backslashreplace").decode() if ending == ".csv" else path


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_stdout_is_one_line(tiny_path: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "edge_runtime", "batch", str(folder), "--model", str(tiny_path)]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 1
    assert one_line(done.stderr).startswith("Error: standard output: No space left")


def test_an_error_while_writing_leaves_the_rows_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rows.jsonl"
    with RowFile(path, JSON_LINES) as rows:
        rows.write(Row.of("a", [], 1.0))
        monkeypatch.setattr(rows, "_file", HalfFull(rows._file))
        with pytest.raises(OutputError, match=r"rows\.jsonl: No space left"):
            rows.write(Row.of("b", [], 1.0))
    assert [row.path for row in read_rows(path, JSON_LINES)] == ["a"]
    assert path.read_bytes().endswith(b"\n")


class HalfFull:
    """A file on a disk with room for ten bytes more."""

    def __init__(self, file: object) -> None:
        self._file = file
        self._room = 10

    def write(self, data: memoryview) -> int:
        if not self._room:
            raise OSError(28, "No space left on device")
        count = self._file.write(data[: self._room])  # type: ignore[attr-defined]
        self._room -= count
        return int(count)

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)


# What is refused


@pytest.mark.skipif(sys.platform == "win32", reason="locks files by itself")
def test_a_second_run_on_the_same_output_is_refused_until_the_first_ends(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    output = tmp_path / "rows.csv"
    with claimed(RowPlaces(output).lock):
        result = run("batch", folder, "--output", output, "--resume")
        assert result.exit_code == 1
        assert one_line(result.stderr) == f"Error: {output}: another run is writing it; wait for its end"
    assert run("batch", folder, "--output", output, "--resume").exit_code == 1
    assert len(rows_of(output)) == len(list(find_files(folder)))
    assert not RowPlaces(output).lock.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="locks files by itself")
def test_the_lock_of_a_killed_run_holds_nobody_up(tmp_path: Path) -> None:
    lock = tmp_path / "rows.csv.lock"
    script = "import sys, time; from pathlib import Path; from edge_runtime.claim import claimed\n"
    script += "with claimed(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", script, str(lock)], stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline()
        with pytest.raises(OutputError, match="another run"), claimed(lock):
            pass
        process.kill()
    assert lock.exists()
    with claimed(lock):
        pass
    assert not lock.exists()


def test_resume_needs_an_output(run: Run, folder: Path) -> None:
    result = run("batch", folder, "--resume")
    assert result.exit_code == 2 and "--output" in result.stderr


@ENDINGS
def test_rows_of_another_folder_are_refused_and_kept(run: Run, folder: Path, tmp_path: Path, ending: str) -> None:
    output = tmp_path / f"rows{ending}"
    run("batch", folder, "--output", output)
    whole = rows_of(output)
    result = run("batch", folder / "b", "--output", output, "--resume")
    assert result.exit_code == 1 and "same way" in one_line(result.stderr)
    assert run("batch", folder, "--output", output, "--resume").exit_code == 1
    assert rows_of(output) == whole


@pytest.mark.parametrize("content", ["hello\n", '{"path": "elsewhere/1.png"}\n'])
def test_a_file_that_is_not_ours_stays_as_it_is(run: Run, folder: Path, tmp_path: Path, content: str) -> None:
    output = tmp_path / "notes.jsonl"
    output.write_text(content, "utf-8")
    result = run("batch", folder, "--output", output, "--resume")
    assert result.exit_code == 1 and "notes.jsonl" in one_line(result.stderr)
    assert output.read_text("utf-8") == content
    assert [path.name for path in tmp_path.glob("notes*")] == ["notes.jsonl"]


def test_rows_out_of_order_and_other_tables_are_refused(run: Run, folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "rows.csv"
    run("batch", folder, "--output", output)
    header, *lines = output.read_text("utf-8").split("\n")[:-1]
    output.write_text("\n".join([header, lines[2], lines[1], ""]), "utf-8")
    result = run("batch", folder, "--output", output, "--resume")
    assert result.exit_code == 1 and "not in its place" in one_line(result.stderr)
    RowPlaces(output).begin_anew()
    RowPlaces(output).part.unlink()
    output.write_text("a,b\n1,2\n", "utf-8")
    result = run("batch", folder, "--output", output, "--resume")
    assert result.exit_code == 1 and "columns" in one_line(result.stderr)
    assert output.read_text("utf-8") == "a,b\n1,2\n"


def test_without_resume_everything_is_read_anew(run: Run, folder: Path, tmp_path: Path, reads: list[str]) -> None:
    output = tmp_path / "rows.csv"
    run("batch", folder, "--output", output)
    count = len(reads)
    RowPlaces(output).earlier.write_text("old", "utf-8")
    run("batch", folder, "--output", output)
    assert len(reads) == 2 * count
    assert not RowPlaces(output).earlier.exists()
