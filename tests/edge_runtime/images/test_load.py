"""Loading pictures: what is read, what is refused, and how it is said."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import ImageError, load_picture
from edge_runtime.images.load import MAX_FILE_BYTES
from edge_runtime.images.probe.formats import read_header

KINDS = [".png", ".jpg", ".bmp", ".tiff", ".webp", ".ppm", ".pgm", ".gif", ".avif"]


def gradient(height: int, width: int) -> np.ndarray:
    row = np.linspace(0, 255, width, dtype=np.uint8)
    return np.dstack([np.tile(row, (height, 1))] * 3)


def encode(suffix: str, picture: np.ndarray) -> bytes:
    if suffix == ".pgm":
        picture = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    try:
        ok, data = cv2.imencode(suffix, picture)
    except cv2.error:
        pytest.skip(f"this OpenCV writes no {suffix}")
    assert ok
    return data.tobytes()


def png_claiming(width: int, height: int) -> bytes:
    """A valid small file whose header claims any size."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    )


# What is read


@pytest.mark.parametrize("suffix", KINDS)
def test_every_kind_is_read_by_content_and_its_header_tells_the_size(tmp_path: Path, suffix: str) -> None:
    picture = gradient(37, 121)
    data = encode(suffix, picture)
    header = read_header(data)
    assert header is not None and (header.width, header.height) == (121, 37)
    path = tmp_path / "picture.dat"
    path.write_bytes(data)
    loaded = load_picture(path)
    assert loaded.pixels.shape == (37, 121, 3) and loaded.scale == 1
    assert np.abs(loaded.pixels.astype(int) - picture).mean() < 20


def test_files_of_any_name_and_bytes_of_every_kind_are_read(tmp_path: Path, page_png: bytes) -> None:
    for name in ("ünïcödé.png", "三 五.png", "with space.png", "new\nline.png", "-h.png"):
        (tmp_path / name).write_bytes(page_png)
        assert load_picture(tmp_path / name).pixels.shape == (240, 320, 3)
    for kind in (bytes, bytearray, memoryview):
        assert load_picture(kind(page_png)).pixels.shape == (240, 320, 3)


@pytest.mark.parametrize(("width", "scale"), [(3199, 1), (3200, 2), (6399, 2), (6400, 4), (12800, 8)])
def test_large_jpegs_are_decoded_reduced(width: int, scale: int) -> None:
    picture = load_picture(encode(".jpg", gradient(16, width)))
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
def test_a_bomb_is_refused_by_its_claimed_size(size: tuple[int, int]) -> None:
    with pytest.raises(ImageError, match=f"{size[0]}x{size[1]}.*100 megapixels"):
        load_picture(png_claiming(*size))
