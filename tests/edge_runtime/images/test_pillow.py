"""Images of Pillow are read as the files that they come from."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import DigitReader, ImageError, load_picture

Image = pytest.importorskip("PIL.Image")

INK, PAPER = 30, 220


def number(mode: str = "L") -> object:
    """A sheet with the number 42, 160 pixels wide and 100 high, darker at its left."""
    sheet = np.tile(np.linspace(PAPER - 40, PAPER, 160).astype(np.uint8), (100, 1))
    cv2.putText(sheet, "42", (30, 75), cv2.FONT_HERSHEY_SIMPLEX, 2, INK, 6)
    return Image.fromarray(sheet).convert(mode)


def saved(image: object, form: str, **options: object) -> bytes:
    data = BytesIO()
    image.save(data, form, **options)  # type: ignore[attr-defined]
    return data.getvalue()


def both(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """The pixels as we decode the file, and as Pillow does."""
    return load_picture(data).pixels, load_picture(Image.open(BytesIO(data))).pixels


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_of_png_gives_the_pixels_of_the_file(mode: str) -> None:
    image = number() if mode == "I;16" else number(mode)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 16)  # 12 bits of 16
    if mode in ("LA", "RGBA"):
        image.putalpha(Image.fromarray(np.tile(np.arange(160, dtype=np.uint8), (100, 1))))  # type: ignore[attr-defined]
    ours, pillows = both(saved(image, "PNG"))
    assert pillows.dtype == np.uint8 and pillows.shape == (100, 160, 3)
    np.testing.assert_array_equal(pillows, ours)


def test_a_palette_with_a_transparent_colour_gets_its_ground() -> None:
    data = saved(number("P"), "PNG", transparency=255)
    np.testing.assert_array_equal(*both(data))


def test_colour_is_not_swapped() -> None:
    pixels = load_picture(Image.new("RGB", (4, 3), (10, 20, 30))).pixels
    assert pixels.shape == (3, 4, 3) and pixels[0, 0].tolist() == [30, 20, 10]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_the_image_as_it_turns_the_file(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    ours, pillows = both(saved(number("RGB"), "JPEG", exif=exif, quality=95))
    assert ours.shape == pillows.shape
    assert np.abs(ours.astype(int) - pillows).max() < 12  # their JPEG libraries round differently


@pytest.mark.parametrize(
    ("mode", "note"), [("I", "16 bits a sample"), ("F", "float32 from"), ("CMYK", ""), ("HSV", "")]
)
def test_other_modes_are_brought_to_8_bits(mode: str, note: str) -> None:
    picture = load_picture(number(mode))
    assert picture.pixels.dtype == np.uint8 and note in picture.note
    assert picture.pixels.shape[:2] == (100, 160) and np.ptp(picture.pixels) > 150


def test_the_reader_takes_it_and_leaves_it_as_it_was() -> None:
    image = number("P")
    before = image.tobytes()  # type: ignore[attr-defined]
    (reading,) = DigitReader("fp32").read(image)
    assert reading.text == "42" and image.mode == "P" and image.tobytes() == before  # type: ignore[attr-defined]


def test_a_file_that_is_cut_off_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    path.write_bytes(saved(number("RGB"), "PNG")[:400])
    with Image.open(path) as image, pytest.raises(ImageError, match=r"cut\.png: Pillow cannot decode it"):
        load_picture(image)


def test_what_is_too_large_or_empty_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(ImageError, match=r"has 160x100 pixels, more than the 0\.01 megapixels"):
        load_picture(number(), max_megapixels=0.01)
    with pytest.raises(ImageError, match="has 0x5 pixels"):
        load_picture(Image.new("L", (0, 5)))
