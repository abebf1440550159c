"""Walking folders: order, links, loops, depths, and what cannot be listed."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_runtime import DigitReader, find_files, read_files
from edge_runtime.images.files import listing_error, natural_key


def make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def names(root: Path, **options: object) -> list[str]:
    return [os.path.relpath(path, root) for path in find_files(root, **options)]  # type: ignore[arg-type]


def test_paths_come_in_the_order_of_their_keys(tmp_path: Path) -> None:
    chance = random.Random(1)
    alphabet = ["a", "B", "ab", "1", "2", "10", "010", " ", "-", "é", "三", "\udcff", "x1y", "X01Y", '"', "\n"]
    for _ in range(300):
        parts = ["".join(chance.choices(alphabet, k=chance.randint(1, 3))) for _ in range(chance.randint(1, 3))]
        try:
            make(tmp_path, "/".join(parts))
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            continue  # a file where another path has a folder
    paths = list(find_files(tmp_path))
    assert len(set(paths)) == len(paths) > 150
    assert paths == sorted(paths, key=lambda path: [natural_key(part) for part in path.split(os.sep)])
    assert set(paths) == {str(path) for path in tmp_path.rglob("*") if path.is_file() and "/." not in str(path)}


def test_links_to_files_are_followed_and_links_to_folders_are_not(tmp_path: Path) -> None:
    make(tmp_path, "a/1.png")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "a" / "up").symlink_to("..")
    (tmp_path / "other.png").symlink_to("a/1.png")
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "dangling").symlink_to("nowhere")
    assert names(tmp_path) == ["a/1.png", "dangling", "other.png", "self"]


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[str]:
    """A file in folders nested deeper than Python calls; taken away again, since pytest cannot."""
    here, depth = os.getcwd(), 1200
    try:
        os.chdir(tmp_path)
        for _ in range(depth):
            os.mkdir("d")
            os.chdir("d")
        Path("deep.png").touch()
        yield os.path.join(tmp_path, *["d"] * depth, "deep.png")
        Path("deep.png").unlink()
        for _ in range(depth):
            os.chdir("..")
            os.rmdir("d")
    finally:
        os.chdir(here)


def test_folders_nested_deeper_than_python_calls(tmp_path: Path, deep: str) -> None:
    assert list(find_files(tmp_path)) == [deep]


def test_what_is_left_out_is_left_out_by_any_of_its_names(tmp_path: Path) -> None:
    make(tmp_path, "1.png", "out/index.html", "out/pictures/1.jpg", "a/out/2.png", "rows.csv", "a/rows.csv")
    given = [os.path.relpath(tmp_path / "out"), tmp_path / "a" / ".." / "rows.csv", tmp_path / "not-there"]
    assert names(tmp_path, leave_out=given) == ["1.png", "a/out/2.png", "a/rows.csv"]


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> str:
    """A name of folders that nobody may list, whoever runs the tests."""
    scandir = os.scandir

    def refuse(path: str) -> object:
        if os.path.basename(path) == "locked":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    return "locked"


def test_a_folder_that_cannot_be_listed_is_a_row_that_says_why(
    tiny_reader: DigitReader, tmp_path: Path, locked: str, page_png: bytes
) -> None:
    make(tmp_path, f"a/{locked}/hidden.png")
    (tmp_path / "b.png").write_bytes(page_png)
    rows = list(read_files(find_files(tmp_path), tiny_reader))
    assert [(Path(row.path).name, row.status == "error") for row in rows] == [(locked, True), ("b.png", False)]
    assert rows[0].error == f"{rows[0].path}: folder cannot be listed (Permission denied); check its permissions"
    assert isinstance(listing_error(rows[0].path), PermissionError)
    assert listing_error(str(tmp_path)) is None and listing_error(str(tmp_path / "b.png")) is None


def test_a_file_that_vanishes_is_an_error_row_and_the_others_are_read(
    tiny_reader: DigitReader, tmp_path: Path, page_png: bytes
) -> None:
    for name in "abc":
        (tmp_path / f"{name}.png").write_bytes(page_png)
    rows = read_files(find_files(tmp_path), tiny_reader)
    first = next(rows)
    (tmp_path / "b.png").unlink()
    rest = list(rows)
    assert [row.status == "error" for row in (first, *rest)] == [False, True, False]
    assert "b.png: cannot be read (No such file or directory)" in str(rest[0].error)
    (gone,) = read_files(find_files(tmp_path / "gone"), tiny_reader)
    assert gone.path == str(tmp_path / "gone") and "No such file" in str(gone.error)
