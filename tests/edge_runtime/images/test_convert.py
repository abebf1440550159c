"""Pictures of every form: turned, transparent, deep, for the press, of several pages; what is done and said."""

from __future__ import annotations

import itertools
import struct

import cv2
import numpy as np
import pytest

from edge_runtime import load_picture
from edge_runtime.images.convert import in_colour
from edge_runtime.images.probe.formats import read_header

from .drawn import Image, marked, saved


def colour_at(pixels: np.ndarray, down: float, right: float) -> str:
    blue, _, red = (int(value) for value in pixels[int(down * pixels.shape[0]), int(right * pixels.shape[1])])
    return "red" if red - blue > 100 else "blue" if blue - red > 100 else "other"


# Turned


@pytest.mark.parametrize(
    ("kind", "alpha"),
    [("JPEG", False), *itertools.product(["PNG", "WEBP", "TIFF", "AVIF"], [False, True])],
)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_to_every_kind(kind: str, alpha: bool, orientation: int) -> None:
    picture = marked("RGBA" if alpha else "RGB")
    if alpha:
        picture.putpixel((79, 39), (0, 0, 0, 0))  # so that it truly has transparent parts
    exif = Image.Exif()
    exif[0x0112] = orientation
    loaded = load_picture(saved(picture, kind, exif=exif))
    assert loaded.pixels.shape == ((40, 80, 3) if orientation < 5 else (80, 40, 3))
    # Where the stored picture's top left and bottom left quarters are seen: as Exif 2.3, 4.6.4 A tells.
    seen = {
        1: ((0.2, 0.2), (0.8, 0.2)), 2: ((0.2, 0.8), (0.8, 0.8)), 3: ((0.8, 0.8), (0.2, 0.8)),
        4: ((0.8, 0.2), (0.2, 0.2)), 5: ((0.2, 0.2), (0.2, 0.8)), 6: ((0.2, 0.8), (0.2, 0.2)),
        7: ((0.8, 0.8), (0.8, 0.2)), 8: ((0.8, 0.2), (0.8, 0.8)),
    }[orientation]  # fmt: skip
    assert [colour_at(loaded.pixels, *place) for place in seen] == ["red", "blue"]
    assert (f"orientation ({orientation})" in loaded.note) == (orientation > 1 and kind != "TIFF")


# Transparent


def drawn(ink: int, ground: int | None) -> np.ndarray:
    """BGRA: a bar of ink, on a ground or on nothing."""
    picture = np.zeros((40, 60, 4), np.uint8)
    if ground is not None:
        picture[8:32, 8:52] = (ground, ground, ground, 255)
    picture[15:25, 20:40] = (ink, ink, ink, 255)
    return picture


@pytest.mark.parametrize(
    ("ink", "ground", "becomes"),
    [(0, None, 255), (90, None, 255), (255, None, 0), (200, None, 0), (0, 255, 255), (255, 0, 255)],
)
@pytest.mark.parametrize("source", ["array", ".png", ".webp", ".tiff"])
def test_transparent_parts_take_the_ground_on_which_the_ink_shows(
    ink: int, ground: int | None, becomes: int, source: str
) -> None:
    picture = drawn(ink, ground)
    options = [cv2.IMWRITE_WEBP_QUALITY, 101] if source == ".webp" else []  # above 100: without loss
    loaded = load_picture(picture if source == "array" else cv2.imencode(source, picture, options)[1].tobytes())
    assert loaded.pixels[2, 2].tolist() == [becomes] * 3
    assert loaded.pixels[20, 30].tolist() == [ink] * 3
    assert loaded.note == f"transparent parts made {'black' if becomes == 0 else 'white'}"


def test_a_picture_that_is_all_visible_or_all_transparent() -> None:
    opaque = np.full((4, 4, 4), 255, np.uint8)
    assert load_picture(opaque).note == ""
    assert load_picture(np.zeros((4, 4, 4), np.uint8)).pixels[0, 0].tolist() == [255] * 3


# Deep


@pytest.mark.parametrize("suffix", [".png", ".tiff", ".pgm"])
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_of_16_bits_those_that_are_used_are_kept(suffix: str, bits: int) -> None:
    ramp = np.linspace(0, 2**bits - 1, 64).astype(np.uint16)
    data = cv2.imencode(suffix, np.tile(ramp, (8, 1)))[1].tobytes()
    loaded = load_picture(data)
    assert loaded.pixels.shape == (8, 64, 3)
    assert loaded.pixels[0, 0, 0] == 0 and loaded.pixels[0, 63, 0] == 255
    assert loaded.note == f"16 bits a sample, of which {bits} are used, brought to 8"


def test_deep_colours_with_transparency_keep_both() -> None:
    picture = np.full((6, 6, 4), 40_000, np.uint16)
    picture[:3, :, 3] = 0
    picture[3:, :, 3] = 65_535
    loaded = load_picture(cv2.imencode(".png", picture)[1].tobytes())
    assert loaded.pixels[0, 0].tolist() == [0] * 3 and loaded.pixels[5, 5].tolist() == [40_000 >> 8] * 3
    assert "16 bits" in loaded.note and "made black" in loaded.note


def test_floats_are_stretched() -> None:
    ramp = np.tile(np.linspace(-1, 3, 64, dtype=np.float32), (8, 1))
    ramp[0, 5] = np.nan
    loaded = load_picture(cv2.imencode(".tiff", ramp)[1].tobytes())
    assert loaded.pixels[4, 0, 0] == 0 and loaded.pixels[4, 63, 0] == 255
    assert loaded.note == "float32 from -1 to 3 brought to 8 bits"


# Of other colours, of several pages


def test_grey_with_transparency_is_read() -> None:
    loaded = load_picture(saved(marked("LA"), "PNG"))
    assert loaded.pixels.shape == (40, 80, 3)
    two = np.dstack([np.full((4, 4), 9, np.uint8), np.full((4, 4), 255, np.uint8)])
    assert in_colour(two)[0, 0].tolist() == [9, 9, 9, 255]


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_is_brought_to_rgb(kind: str) -> None:
    loaded = load_picture(saved(marked("CMYK"), kind))
    assert colour_at(loaded.pixels, 0.2, 0.2) == "red" and colour_at(loaded.pixels, 0.8, 0.2) == "blue"
    assert loaded.note == "CMYK brought to RGB"


@pytest.mark.parametrize(("mode", "kind"), [("P", "PNG"), ("P", "TIFF"), ("P", "GIF"), ("P", "BMP"), ("LAB", "TIFF")])
def test_palettes_and_other_colour_spaces_are_read(mode: str, kind: str) -> None:
    picture = marked()
    if mode == "LAB":
        from PIL import ImageCms

        spaces = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        picture = ImageCms.profileToProfile(picture, *spaces, outputMode="LAB")
    else:
        picture = picture.convert(mode)
    loaded = load_picture(saved(picture, kind))
    assert colour_at(loaded.pixels, 0.2, 0.2) == "red" and colour_at(loaded.pixels, 0.8, 0.2) == "blue"
    assert loaded.note == ""


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("TIFF", "first of 3 pages"),
        ("GIF", "first of 3 frames"),
        ("PNG", "first of 3 frames"),
        ("WEBP", "first of 3 frames"),
        ("AVIF", "first of several frames"),
    ],
)
def test_of_several_pages_the_first_is_read(kind: str, said: str) -> None:
    others = [Image.new("RGB", (80, 40), colour) for colour in ("black", "white")]
    loaded = load_picture(saved(marked(), kind, save_all=True, append_images=others))
    assert colour_at(loaded.pixels, 0.2, 0.2) == "red" and colour_at(loaded.pixels, 0.8, 0.2) == "blue"
    assert loaded.note == said


def test_pages_that_bite_their_tail_are_counted_once() -> None:
    data = bytearray(saved(marked(), "TIFF", save_all=True, append_images=[marked()]))
    first = struct.unpack_from("<I", data, 4)[0]
    last = first + 2 + 12 * struct.unpack_from("<H", data, first)[0]
    second = struct.unpack_from("<I", data, last)[0]
    end = second + 2 + 12 * struct.unpack_from("<H", data, second)[0]
    struct.pack_into("<I", data, end, second)
    header = read_header(bytes(data))
    assert header is not None and header.frames == 2
