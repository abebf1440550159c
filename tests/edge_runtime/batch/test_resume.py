"""``batch --resume``: cut off, changed, killed, full; and what it refuses."""

from __future__ import annotations

import csv
import errno
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result

from edge_runtime import find_files
from edge_runtime.batch.resume import RowFile
from edge_runtime.batch.tables import JsonLines
from tests.conftest import Run, one_line

ENDINGS = pytest.mark.parametrize("ending", [".jsonl", ".csv", ".parquet"])
Rows = list[dict[str, object]]


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


def rows_of(path: Path) -> Rows:
    """The rows of a finished file without the time they took."""
    rows: Rows
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
    elif path.suffix == ".parquet":
        rows = pytest.importorskip("pyarrow.parquet").read_table(path).to_pylist()
    else:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [{**row, "ms": None} for row in rows]


def names(rows: Rows) -> list[str]:
    return [Path(str(row["path"])).name for row in rows]


def kept(result: Result) -> int:
    """How many rows a run took over from before, as it says."""
    found = re.search(r"\((\d+) of them from before\)", result.stderr)
    return int(found[1]) if found else 0


def beside(output: Path) -> list[str]:
    return sorted(path.name for path in output.parent.glob(f"{output.name}*"))


@pytest.fixture
def whole(run: Run, folder: Path, tmp_path: Path) -> bytes:
    """The rows of the folder as JSON Lines, which is what ``FILE.part`` holds."""
    output = tmp_path / "whole.jsonl"
    run("batch", folder, "--output", output)
    return output.read_bytes()


# Cut off anywhere


@ENDINGS
def test_rows_cut_off_at_any_byte_are_repaired_and_completed(
    run: Run, folder: Path, tmp_path: Path, whole: bytes, ending: str
) -> None:
    output = tmp_path / f"rows{ending}"
    assert run("batch", folder, "--output", output).exit_code == 1
    expected = rows_of(output)
    chance = random.Random(3)
    for cut in [0, 1, len(whole) - 1, len(whole), *(chance.randrange(len(whole)) for _ in range(4))]:
        output.unlink()
        (tmp_path / f"rows{ending}.part").write_bytes(whole[:cut])
        result = run("batch", folder, "--output", output, "--resume")
        assert rows_of(output) == expected
        assert kept(result) == whole[:cut].count(b"\n"), "what stood there whole is not read again"
        assert beside(output) == [output.name]


def test_a_row_that_a_crash_spoiled_is_read_again(run: Run, folder: Path, tmp_path: Path, whole: bytes) -> None:
    part = tmp_path / "rows.jsonl.part"
    middle = whole.index(b"10.png")
    part.write_bytes(whole[: middle - 5] + b"\0" * 11 + whole[middle + 6 :] + b"\0" * 4096)
    result = run("batch", folder, "--output", tmp_path / "rows.jsonl", "--resume")
    assert kept(result) == whole.count(b"\n") - 1
    assert names(rows_of(tmp_path / "rows.jsonl")) == [Path(path).name for path in find_files(folder)]


# What has changed


@ENDINGS
def test_only_what_is_new_or_has_changed_is_read_again(
    run: Run, folder: Path, tmp_path: Path, page_png: bytes, ending: str
) -> None:
    output = tmp_path / f"rows{ending}"
    run("batch", folder, "--output", output)
    before = {str(row["path"]): row for row in rows_of(output)}
    (folder / "2.png").write_bytes(b"broken now")
    os.utime(folder / "b" / "1.png", ns=(7, 7))
    (folder / "3.png").write_bytes(page_png)
    (folder / "10.png").unlink()
    (folder / "broken.jpg").unlink()
    result = run("batch", folder, "--output", output, "--resume")
    rows = {str(row["path"]): row for row in rows_of(output)}
    assert len(rows) == len(rows_of(output)), "no path has two rows"
    in_folder = [path.encode("utf-8", "backslashreplace").decode() for path in find_files(folder)]
    assert [path.encode("utf-8", "backslashreplace").decode() for path in rows] == [
        *in_folder,
        str(folder / "10.png"),
    ], "what was read of a file that has gone is kept, at the end, but not its error"
    assert rows[str(folder / "2.png")]["status"] == "error"
    assert kept(result) == len(in_folder) - 3
    same = set(rows) - {str(folder / name) for name in ("2.png", "3.png", "b/1.png")}
    assert {path: rows[path] for path in same} == {path: before[path] for path in same}


def test_a_file_that_could_not_be_opened_is_tried_again(run: Run, tmp_path: Path) -> None:
    folder, output = tmp_path / "in", tmp_path / "rows.csv"
    folder.mkdir()
    (folder / "loop.png").symlink_to(folder / "loop.png")
    for options in ([], ["--resume"]):
        result = run("batch", folder, "--output", output, *options)
        assert result.exit_code == 1 and kept(result) == 0
        assert names(rows_of(output)) == ["loop.png"]


def test_a_narrower_pattern_keeps_the_other_rows(run: Run, folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "rows.csv"
    run("batch", folder, "--output", output)
    run("batch", folder, "--output", output, "--resume", "--pattern", "1*.PNG")
    assert names(rows_of(output))[:3] == ["1.png", "10.png", "1.png"]
    assert len(rows_of(output)) == len(list(find_files(folder))) - 1, "all but the error"


# Killed, interrupted, full


def test_every_state_that_a_kill_can_leave_is_gone_on_with(
    run: Run, folder: Path, tmp_path: Path, whole: bytes
) -> None:
    output = tmp_path / "rows.csv"
    run("batch", folder, "--output", output)
    expected, final = rows_of(output), output.read_bytes()
    count, half = whole.count(b"\n"), whole[: whole.index(b"broken.jpg")]
    half_count = half.count(b"\n")
    states: list[tuple[dict[str, bytes], int]] = [
        ({"": final, ".part": b""}, count),
        ({"": final, ".new": half}, count),
        ({"": final, ".part": half}, half_count),  # begun anew by --overwrite
        ({".part": half, ".new": final[:50]}, half_count),
        ({".part": half + whole}, count),  # rows read again come later
        ({"": final, ".part": whole, ".lock": b""}, count),
    ]
    for number, (state, done) in enumerate(states):
        output.unlink()
        for ending, data in state.items():
            output.with_name(output.name + ending).write_bytes(data)
        result = run("batch", folder, "--output", output, "--resume")
        assert (rows_of(output), kept(result)) == (expected, done), f"state {number}"
        assert beside(output) == [output.name], f"state {number}"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit of the file size")
def test_a_full_disk_is_one_line_and_the_rows_are_whole_and_gone_on_with(
    run: Run, tiny_path: Path, folder: Path, tmp_path: Path
) -> None:
    output, part = tmp_path / "rows.csv", tmp_path / "rows.csv.part"
    limited = f"""
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
from edge_runtime.cli.main import main
main(["batch", {str(folder)!r}, "--output", {str(output)!r}, "--model", {str(tiny_path)!r}])
"""
    done = subprocess.run([sys.executable, "-c", limited], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert one_line(done.stderr).startswith(f"Error: {part}: ") and "--resume" in done.stderr
    assert part.read_bytes().endswith(b"\n") and part.stat().st_size <= 2000
    done_before = part.read_bytes().count(b"\n")
    assert done_before > 1
    assert kept(run("batch", folder, "--output", output, "--resume")) == done_before
    assert len(rows_of(output)) == len(list(find_files(folder)))


def test_a_disk_that_is_full_at_the_very_end_leaves_all_rows(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    output = tmp_path / "rows.csv"
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        result = run("batch", folder, "--output", output)
    assert result.exit_code == 1 and one_line(result.stderr).startswith(f"Error: {output}.part: No space left")
    assert beside(output) == ["rows.csv.part"]
    assert kept(run("batch", folder, "--output", output, "--resume")) == len(rows_of(output))


# What is refused


@pytest.mark.skipif(sys.platform == "win32", reason="locks files by itself")
def test_a_second_run_on_the_same_output_is_refused_until_the_first_ends(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    output = tmp_path / "rows.jsonl"
    with RowFile(output, JsonLines()):
        result = run("batch", folder, "--output", output, "--resume")
        assert result.exit_code == 1
        assert one_line(result.stderr) == f"Error: {output}: another run is writing it; wait for its end"
    assert run("batch", folder, "--output", output, "--resume").exit_code == 1
    assert len(rows_of(output)) == len(list(find_files(folder)))
    assert beside(output) == [output.name]


@ENDINGS
def test_rows_of_another_folder_are_refused_and_kept(run: Run, folder: Path, tmp_path: Path, ending: str) -> None:
    output = tmp_path / f"rows{ending}"
    run("batch", folder, "--output", output)
    before = output.read_bytes()
    result = run("batch", folder / "b", "--output", output, "--resume")
    assert result.exit_code == 1 and "same way" in one_line(result.stderr)
    assert output.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.jsonl", "hello\n"),
        ("notes.jsonl", '{"path": "elsewhere/1.png"}\n'),
        ("notes.jsonl.part", "hello\n"),
        ("notes.csv", "a,b\n1,2\n"),
        ("notes.csv", ""),
        ("notes.parquet", "hello\n"),
    ],
)
def test_a_file_that_is_not_ours_stays_as_it_is(
    run: Run, folder: Path, tmp_path: Path, name: str, content: str
) -> None:
    file = tmp_path / name
    file.write_text(content, "utf-8")
    result = run("batch", folder, "--output", tmp_path / name.removesuffix(".part"), "--resume")
    assert result.exit_code == 1 and name in one_line(result.stderr)
    assert file.read_text("utf-8") == content
    assert [path.name for path in tmp_path.glob("notes*") if path.stat().st_size] == [name] * bool(content)


@pytest.mark.parametrize("left", ["rows.csv", "rows.csv.part"])
def test_what_exists_is_only_replaced_when_that_is_asked_for(run: Run, folder: Path, tmp_path: Path, left: str) -> None:
    (tmp_path / left).write_text("of an earlier run\n", "utf-8")
    output = tmp_path / "rows.csv"
    result = run("batch", folder, "--output", output, "--model", "no-such-model.onnx")
    assert result.exit_code == 2 and result.stdout == ""
    assert one_line(result.stderr).startswith(f"Error: {tmp_path / left}: exists already; go on with it by --resume")
    assert (tmp_path / left).read_text("utf-8") == "of an earlier run\n"
    assert run("batch", folder, "--output", output, "--overwrite").exit_code == 1
    assert len(rows_of(output)) == len(list(find_files(folder)))
    assert beside(output) == [output.name]


def test_the_options_for_a_file_need_one_and_do_not_go_together(run: Run, folder: Path, tmp_path: Path) -> None:
    wrong: list[list[object]] = [["--resume"], ["--overwrite"], ["--long"]]
    wrong += [
        ["--output", tmp_path / "r.csv", "--resume", "--overwrite"],
        ["--output", tmp_path / "r.jsonl", "--excel"],
    ]
    for options in wrong:
        result = run("batch", folder, *options)
        assert result.exit_code == 2 and str(options[-1]) in result.stderr
