"""Loading pictures: what is read, what is refused, and how it is said."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import ImageError, load_picture
from edge_runtime.images.load import MAX_FILE_BYTES

# What is read


def test_files_of_any_name_and_bytes_of_every_kind_are_read(tmp_path: Path, page_png: bytes) -> None:
    for name in ("ünïcödé.png", "三 五.png", "with space.png", "new\nline.png", "-h.png", "of-another.jpg", "none"):
        (tmp_path / name).write_bytes(page_png)
        assert load_picture(tmp_path / name).pixels.shape == (240, 320, 3)
    for kind in (bytes, bytearray, memoryview):
        assert load_picture(kind(page_png)).pixels.shape == (240, 320, 3)


@pytest.mark.parametrize(("width", "scale"), [(3199, 1), (3200, 2), (6399, 2), (6400, 4), (12800, 8)])
def test_large_jpegs_are_decoded_reduced(width: int, scale: int) -> None:
    picture = load_picture(cv2.imencode(".jpg", np.zeros((16, width), np.uint8))[1].tobytes())
    assert picture.scale == pytest.approx(scale, rel=1e-3)
    assert picture.pixels.shape[1] == -(-width // scale)


# What is refused


@pytest.mark.parametrize(
    ("image", "named"),
    [
        (None, "cv2.imread gives None"),
        (7, "int"),
        ([1, 2], "list"),
        (np.zeros((4, 4), np.float32), "float32"),
        (np.zeros((4, 4), bool), "bool"),
        (np.zeros((4, 4, 2), np.uint8), r"\[4, 4, 2\]"),
        (np.zeros(4, np.uint8), r"\[4\]"),
        (np.zeros((1, 4, 4, 3), np.uint8), r"\[1, 4, 4, 3\]"),
        (np.zeros((0, 4), np.uint8), r"\[0, 4\]"),
        (b"", "empty"),
        ("null\0character", "cannot be read"),
    ],
)
def test_what_is_no_picture_is_refused_with_its_name(image: object, named: str) -> None:
    with pytest.raises(ImageError, match=named):
        load_picture(image)  # type: ignore[arg-type]


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ImageError, match=r"pipe\.png: is not a regular file"):
        load_picture(tmp_path / "pipe.png")


def test_a_giant_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "giant.png"
    path.touch()
    os.truncate(path, MAX_FILE_BYTES + 1)
    with pytest.raises(ImageError, match=r"giant\.png: larger than 200 MB"):
        load_picture(path)
    os.truncate(path, MAX_FILE_BYTES)
    with pytest.raises(ImageError, match=r"giant\.png: is not a picture"):
        load_picture(path)


@pytest.mark.parametrize("size", [(50_000, 50_000), (2**31 - 1, 2**31 - 1), (100_000, 1_001)])
def test_a_bomb_is_refused_by_its_claimed_size(page_png: bytes, size: tuple[int, int]) -> None:
    with pytest.raises(ImageError, match=f"{size[0]}x{size[1]}.*100 megapixels"):
        load_picture(page_png[:16] + struct.pack(">II", *size) + page_png[24:])
