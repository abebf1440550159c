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


@pytest.mark.parametrize("name", ["ünïcödé.png", "三 五.png", "with space.png", "new\nline.png", "-h.png"])
def test_any_file_name_is_read(tmp_path: Path, page_png: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(page_png)
    assert load_picture(tmp_path / name).pixels.shape == (240, 320, 3)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_of_every_kind_are_read(page_png: bytes, kind: type) -> None:
    assert load_picture(kind(page_png)).pixels.shape == (240, 320, 3)


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_transparent_parts_become_white(suffix: str) -> None:
    black = np.zeros((20, 30, 4), np.uint8)
    black[5:10, 5:10, 3] = 255
    for picture in (black, cv2.imencode(suffix, black)[1].tobytes()):
        pixels = load_picture(picture).pixels
        assert pixels.shape == (20, 30, 3)
        assert pixels[0, 0].tolist() == [255] * 3 and pixels[7, 7].tolist() == [0] * 3


def test_half_transparent_black_is_grey() -> None:
    veil = np.zeros((4, 4, 4), np.uint8)
    veil[:, :, 3] = 128
    assert load_picture(veil).pixels[0, 0].tolist() == [127] * 3


def test_sixteen_bits_become_eight() -> None:
    data = cv2.imencode(".png", np.full((4, 6), 0x8000, np.uint16))[1].tobytes()
    assert load_picture(data).pixels[0, 0].tolist() == [128] * 3


def test_exif_orientation_is_applied() -> None:
    jpeg = encode(".jpg", gradient(40, 80))
    # One TIFF entry: tag 0x0112, a short, value 6 (turned a quarter clockwise).
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    turned = jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]
    assert load_picture(jpeg).pixels.shape == (40, 80, 3)
    assert load_picture(turned).pixels.shape == (80, 40, 3)


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
        (b"hello, world", "not a picture"),
        ("no/such/file.png", "no/such/file.png.*No such file"),
        ("null\0character", "cannot be read"),
    ],
)
def test_what_is_no_picture_is_refused_with_its_name(image: object, named: str) -> None:
    with pytest.raises(ImageError, match=named):
        load_picture(image)  # type: ignore[arg-type]


def test_a_folder_an_empty_file_and_a_pipe_are_refused(tmp_path: Path) -> None:
    empty, pipe = tmp_path / "empty.png", tmp_path / "pipe.png"
    empty.touch()
    os.mkfifo(pipe)
    for path, named in [(tmp_path, "folder.*edge-digits batch"), (empty, "empty"), (pipe, "not a regular file")]:
        with pytest.raises(ImageError, match=named) as refusal:
            load_picture(path)
        assert str(path) in str(refusal.value)


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


def test_the_limit_of_megapixels_is_an_argument(page_png: bytes) -> None:
    assert load_picture(page_png, max_megapixels=320 * 240 / 1e6).pixels.size
    with pytest.raises(ImageError, match="320x240"):
        load_picture(page_png, max_megapixels=0.0767)


@pytest.mark.parametrize("suffix", KINDS)
def test_broken_files_give_an_error_or_a_picture_but_never_a_crash(suffix: str) -> None:
    data = encode(suffix, gradient(33, 65))
    random = np.random.default_rng(3)
    for _ in range(60):
        broken = bytearray(data[: random.integers(1, len(data) + 1)])
        for place in random.integers(0, len(broken), random.integers(0, 6)):
            broken[place] = random.integers(0, 256)
        try:
            picture = load_picture(bytes(broken), max_megapixels=1)
        except ImageError as error:
            assert str(error).startswith(f"picture of {len(broken)} bytes: ")
        else:
            assert picture.pixels.dtype == np.uint8 and 0 < picture.pixels.size <= 3e6


@pytest.mark.parametrize(
    "signature", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM", b"GIF89a", b"RIFF", b"II*\0", b"MM\0*", b"P5"]
)
def test_a_bare_signature_is_no_picture(signature: bytes) -> None:
    for data in (signature, signature + b"\0" * 200, signature + b"\xff" * 200):
        with pytest.raises(ImageError):
            load_picture(data)
