"""``edge-digits batch``: which files it reads, what it writes, what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result

from tests.conftest import Run, one_line


@pytest.fixture
def folder(tmp_path: Path, page_png: bytes) -> Path:
    root = tmp_path / "scans ünd 三"
    for name in ("img10.png", "img2.png", "IMG1.png", "a/deep/page.PNG", "b.d/1.png", ".hidden/x.png", ".DS_Store"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(page_png)
    (root / "img3.jpg").write_bytes(b"no picture at all")
    (root / "img4.png").touch()
    os.symlink(root, root / "loop")
    return root


ORDER = ["a/deep/page.PNG", "b.d/1.png", "IMG1.png", "img2.png", "img3.jpg", "img4.png", "img10.png"]


def paths(result: Result, folder: Path) -> list[str]:
    return [os.path.relpath(json.loads(line)["path"], folder) for line in result.stdout.splitlines()]


def test_batch_writes_one_row_a_file_in_natural_order(run: Run, folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "rows.jsonl"
    result = run("batch", folder, "--output", output, "--min-confidence", 0)
    assert (result.exit_code, result.stdout) == (1, "")  # two files are broken
    rows = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
    assert [row["path"] for row in rows] == [str(folder / name) for name in ORDER]
    assert [row["status"] for row in rows] == ["read", "read", "read", "read", "error", "error", "read"]
    assert one_line(result.stderr) == f"7 files: 5 read, 0 unsure, 0 empty, 2 error -> {output}"
    assert paths(run("batch", folder), folder) == ORDER


@pytest.mark.parametrize(
    ("patterns", "read"),
    [
        (["*.png"], [name for name in ORDER if name != "img3.jpg"]),
        (["*.jpg", "img1?.*"], ["img3.jpg", "img10.png"]),
        (["b.d/*.png"], ["b.d/1.png"]),
        (["a/*.png"], []),
        (["a/**/*.png"], ["a/deep/page.PNG"]),
        (["**/page.*"], ["a/deep/page.PNG"]),
        (["img[12].png"], ["IMG1.png", "img2.png"]),
    ],
)
def test_patterns_choose_files_as_a_shell_does_in_any_case(
    run: Run, folder: Path, patterns: list[str], read: list[str]
) -> None:
    options = [word for pattern in patterns for word in ("--pattern", pattern)]
    result = run("batch", folder, *options)
    assert paths(result, folder) == read
    assert result.stderr.startswith(f"{len(read)} files: ")


def test_a_pattern_that_no_file_fits_is_told(run: Run, folder: Path) -> None:
    result = run("batch", folder, "--pattern", "*.xyz")
    assert result.exit_code == 1 and f"{folder}: no file below it fits *.xyz" in result.stderr


def test_batch_does_not_read_its_own_output(run: Run, tmp_path: Path, blank: Path, picture: Path) -> None:
    for options in ([], ["--overwrite"], ["--resume"]):
        result = run("batch", tmp_path, "--output", tmp_path / "rows.csv", *options)
        assert result.exit_code == 0 and result.stderr.startswith("2 files: ")
    header, empty, _ = (tmp_path / "rows.csv").read_text("utf-8").splitlines()
    assert header == "path,status,text,confidence,error,note,ms,size,mtime_ns"
    assert empty.startswith(f"{blank},empty,,,,,")


@pytest.mark.parametrize(("name", "size"), [("rows.csv", 56), ("rows.jsonl", 0), ("rows.parquet", None)])
def test_an_empty_folder_gives_no_rows_and_exit_0(run: Run, tmp_path: Path, name: str, size: int | None) -> None:
    if size is None:
        pytest.importorskip("pyarrow")
    (tmp_path / "in").mkdir()
    assert run("batch", tmp_path / "in", "--output", tmp_path / name).exit_code == 0
    assert size in (None, (tmp_path / name).stat().st_size)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", name]


def test_pages_are_rows_and_are_gone_on_with_one_by_one(run: Run, tmp_path: Path, page: object) -> None:
    import cv2

    folder, output = tmp_path / "in", tmp_path / "rows.jsonl"
    folder.mkdir()
    cv2.imwritemulti(str(folder / "scan.tif"), [page, page, page])

    def rows(*options: object) -> tuple[list[str], str]:
        result = run("batch", folder, "--output", output, *options)
        assert result.exit_code == 0
        found = [json.loads(line)["path"] for line in output.read_text("utf-8").splitlines()]
        return [Path(path).name for path in found], result.stderr

    every = [f"scan.tif#page={number}" for number in (1, 2, 3)]
    assert rows()[0] == ["scan.tif"]
    assert rows("--resume", "--pages", "1-2")[0] == every[:2], "the row of the whole file goes"
    names, said = rows("--resume", "--pages", "all", "--report", tmp_path / "report")
    assert names == every and "(2 of them from before)" in said
    assert len(list((tmp_path / "report" / "pictures").iterdir())) == 3
    cv2.imwritemulti(str(folder / "scan.tif"), [page, page])
    names, said = rows("--resume", "--pages", "all")
    assert names == every[:2] and "from before" not in said, "a changed file is read anew, and has no third page now"


def test_min_confidence_decides_what_is_accepted(run: Run, tmp_path: Path, picture: Path) -> None:
    def status(least: float) -> str:
        return str(json.loads(run("batch", tmp_path, "--min-confidence", least).stdout)["status"])

    assert (status(0), status(1)) == ("read", "unsure")


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


def test_without_pyarrow_a_parquet_file_is_refused_before_anything_is_read(
    run: Run, tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = run("batch", tmp_path, "--output", tmp_path / "rows.parquet", "--model", "no-such-model.onnx")
    assert result.exit_code == 1
    assert one_line(result.stderr).startswith("Error: pyarrow is missing")
    assert result.stderr.endswith("pip install pyarrow\n")


def test_parquet_carries_the_readings(run: Run, tmp_path: Path, picture: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    run("batch", tmp_path, "--output", tmp_path / "rows.parquet")
    run("batch", tmp_path, "--output", tmp_path / "rows.jsonl", "--pattern", "*.png")
    (row,) = parquet.read_table(tmp_path / "rows.parquet").to_pylist()
    as_json = json.loads((tmp_path / "rows.jsonl").read_text("utf-8"))
    assert row | {"ms": 0} == as_json | {"ms": 0} and row["readings"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
def test_the_bar_is_on_a_terminal_and_never_in_the_rows(tiny_path: Path, folder: Path) -> None:
    terminal, end_of_process = os.openpty()
    command = [sys.executable, "-m", "edge_runtime", "batch", str(folder), "--model", str(tiny_path)]
    command += ["--pattern", "*.png"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=end_of_process, text=True, timeout=60)
    os.close(end_of_process)
    shown = os.read(terminal, 100_000).decode()
    os.close(terminal)
    assert "6/6" in shown
    assert [json.loads(line)["status"] == "error" for line in done.stdout.splitlines()] == [False] * 4 + [True, False]
