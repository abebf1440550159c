"""What ``batch`` does with files that are there already: it refuses, goes on, or replaces, and never by itself."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from edge_runtime import find_files
from edge_runtime.batch.resume import RowFile
from edge_runtime.batch.tables import JsonLines
from tests.conftest import Run, one_line

from .tables import ENDINGS, beside, rows_of


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
    assert one_line(result.stderr).startswith(f"Error: {tmp_path / left}: exists already; resume it by --resume")
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
