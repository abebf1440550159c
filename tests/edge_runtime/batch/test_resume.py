"""``batch --resume``: cut off, changed, killed, full; and what it refuses."""

from __future__ import annotations

import errno
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from edge_runtime import find_files
from tests.conftest import Run, one_line

from .tables import ENDINGS, beside, kept, names, rows_of


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
