"""Files that claim too much, cost too much, or are no pictures."""

from __future__ import annotations

import itertools
import struct
import time

import pytest

from edge_runtime import ImageError, load_picture
from edge_runtime.images.probe.formats import read_header

from .drawn import Image, marked, saved

# Larger than allowed


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        *itertools.product(["JPEG", "BMP", "PPM"], ["plain"]),
        *itertools.product(["PNG", "GIF", "WEBP", "TIFF", "AVIF"], ["plain", "alpha", "frames"]),
    ],
)
def test_every_kind_is_refused_by_its_claimed_size(kind: str, form: str) -> None:
    picture = Image.new("RGBA" if form == "alpha" else "RGB", (301, 203), (9, 9, 9, 128)[: 4 if form == "alpha" else 3])
    options = {"save_all": True, "append_images": [Image.new("RGB", (301, 203))]} if form == "frames" else {}
    data = saved(picture, kind, **options)
    assert load_picture(data, max_megapixels=0.07).pixels.shape == (203, 301, 3)
    with pytest.raises(ImageError, match=r"claims 301x203 pixels, more than the 0\.05 megapixels allowed"):
        load_picture(data, max_megapixels=0.05)


def test_tiles_larger_than_allowed_are_refused() -> None:
    data = saved(marked(), "TIFF")
    count = struct.unpack_from("<H", data, struct.unpack_from("<I", data, 4)[0])[0]
    entries = bytearray(data[10 : 10 + 12 * count] if struct.unpack_from("<I", data, 4)[0] == 8 else b"")
    assert entries, "Pillow writes the directory first"
    for number, tag in enumerate((322, 323)):  # in place of two tags without which the size is still known
        struct.pack_into("<HHII", entries, 12 * (count - 1 - number), tag, 4, 1, 50_000)
    with pytest.raises(ImageError, match=r"claims 80x40 pixels in tiles of 2500000000, more than the 100 megapixels"):
        load_picture(data[:10] + bytes(entries) + data[10 + len(entries) :])


@pytest.mark.parametrize(
    "data",
    [
        b"GIF89a" + b"\1\0\1\0\0\0\0" + b"\x21\xfe" + b"\1\1" * 8_000_000,
        b"RIFF\0\0\0\0WEBPVP8X\n\0\0\0" + b"\0" * 16_000_000,
        b"\xff\xd8" + b"\xff\xe2\0\2" * 4_000_000,
        b"\xff\xd8" + b"\xff" * 16_000_000,
        b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + b"\0\0\0\1\0\0\0\1\x08\0\0\0\0----" + b"\0" * 12 * 1_300_000,
        b"II*\0\x08\0\0\0\xff\xff" + b"\1" * 16_000_000,
        b"P5 " + b"9" * 4000 + b" 1 255 ",
    ],
    ids=["GIF", "WebP", "JPEG", "JPEG of fill bytes", "PNG", "TIFF", "PGM"],
)
def test_files_of_nothing_but_parts_cost_no_time(data: bytes) -> None:
    start = time.process_time()
    read_header(data)
    assert time.process_time() - start < 3


def test_an_avif_that_claims_less_than_it_holds_is_not_decoded_to_more() -> None:
    data = saved(Image.new("RGB", (2000, 1000)), "AVIF")
    small = data.replace(b"ispe" + struct.pack(">III", 0, 2000, 1000), b"ispe" + struct.pack(">III", 0, 20, 10))
    assert small != data
    try:
        pixels = load_picture(small, max_megapixels=0.1).pixels
    except ImageError:
        return
    assert pixels.shape[0] * pixels.shape[1] <= 100_000


# Not pictures, or not of a kind that is read


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"\0\0\0\x18ftypheic" + b"\0" * 40, "a HEIC picture"),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 40, "a video"),
        (b"PK\3\4" + b"\0" * 40, "a ZIP archive"),
    ],
)
def test_a_kind_that_is_known_but_not_read_is_named(data: bytes, named: str) -> None:
    with pytest.raises(ImageError, match=f"is {named}, which is not read; give PNG"):
        load_picture(data)
