"""The glyph bank: what is in it, and what is said when it is damaged."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edge_runtime.core.errors import EdgeDigitsError
from tests.train.datasets.test_glyph_build import drawn
from train.core.errors import DataError
from train.datasets.glyph_bank import (
    DATA,
    DEFAULT,
    DIGIT_HEIGHT,
    DIGITS,
    LETTERS,
    STYLES,
    GlyphBank,
    load_glyphs,
    save_glyphs,
)
from train.datasets.glyph_build import pack

OPEN_LICENCES = {
    "OFL-1.0", "OFL-1.1", "Apache-2.0", "UFL-1.0", "MIT", "Unlicense", "CC0-1.0", "BSD-3-clause", "Bitstream Vera",
    "public domain", "BSD-3-clause or OFL-1.1", "OFL-1.1 or BSD-3-clause",
}  # fmt: skip
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def bank() -> GlyphBank:
    return load_glyphs()


def test_counts_and_styles(bank: GlyphBank) -> None:
    assert len(bank) >= 650
    assert len(bank.faces_of("handwriting", "school", "script")) >= 220
    assert len(bank.faces_of("segment")) >= 20
    assert len(bank.faces_with(LETTERS)) >= 150
    assert len(bank.faces_with(".,-:/=")) >= 600
    assert {face.style for face in bank.faces} == set(STYLES)
    assert len({face.name for face in bank.faces}) == len(bank)
    assert sum(len(bank.faces_of(style)) for style in STYLES) == len(bank)
    assert DEFAULT.stat().st_size < 8_000_000


def test_every_face_has_ten_digits_of_sensible_size(bank: GlyphBank) -> None:
    for index, face in enumerate(bank.faces):
        pictures = [bank.glyph(index, digit) for digit in DIGITS]
        heights = [picture.shape[0] for picture in pictures]
        assert abs(np.median(heights) - DIGIT_HEIGHT) <= 2, face.name
        assert min(heights) >= 14 and max(heights) <= 75, (face.name, heights)
        assert all(2 <= picture.shape[1] <= 90 for picture in pictures), face.name
        assert all(picture.dtype == np.uint8 and picture.max() >= 60 for picture in pictures), face.name
        assert all(picture[:, [0, -1]].any(axis=0).all() for picture in pictures), f"{face.name} is not cropped"


def test_digits_stand_on_their_line(bank: GlyphBank) -> None:
    for index, face in enumerate(bank.faces):
        for digit in DIGITS:
            left, top, advance = bank.metrics(index, digit)
            assert abs(left) < 40 and top > 0 and 3 < advance < 110, (face.name, digit)
    roboto = [face.name for face in bank.faces].index("Roboto")
    for digit in DIGITS:
        below = bank.glyph(roboto, digit).shape[0] - bank.metrics(roboto, digit).top_offset
        assert 0 <= below <= 1, digit
    assert bank.metrics(roboto, "-").top_offset > 10 > bank.metrics(roboto, ".").top_offset


def test_no_two_faces_are_the_same_and_no_picture_can_be_changed(bank: GlyphBank) -> None:
    looks = {tuple(bank.glyph(index, digit).tobytes() for digit in DIGITS) for index in range(len(bank))}
    assert len(looks) == len(bank)
    with pytest.raises(ValueError, match="read-only"):
        bank.glyph(0, "7")[0, 0] = 1


def test_absent_characters(bank: GlyphBank) -> None:
    without = next(index for index in range(len(bank)) if not bank.has(index, "A"))
    assert not bank.has(without, "ж")
    assert without not in bank.faces_with("12A")
    assert bank.faces_with("1ж").size == 0
    for char in "Aж":
        with pytest.raises(DataError, match="has no"):
            bank.glyph(without, char)


def test_list_table_and_bank_agree(bank: GlyphBank) -> None:
    with (DATA / "glyph_faces.csv").open(encoding="utf-8", newline="") as stream:
        listed = [tuple(row[key] for key in ("name", "style", "licence", "source")) for row in csv.DictReader(stream)]
    held = [(face.name, face.style, face.licence, face.source) for face in bank.faces]
    lines = (DATA / "GLYPHS.md").read_text(encoding="utf-8").splitlines()
    shown = [tuple(cell.strip() for cell in line.split("|")[1:5]) for line in lines if line.startswith("| ")][1:]
    assert held == listed == shown
    assert {face.licence for face in bank.faces} <= OPEN_LICENCES
    assert all(len(face.source.split()) == 2 for face in bank.faces)


def test_damaged_banks_are_named(tmp_path: Path) -> None:
    good = DEFAULT.read_bytes()
    flipped = bytearray(good)
    flipped[len(good) // 2] ^= 0xFF
    bad = {"half.npz": good[: len(good) // 2], "empty.npz": b"", "text.npz": b"no bank", "flipped.npz": bytes(flipped)}
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=name):
            load_glyphs(tmp_path / name)
    with pytest.raises(EdgeDigitsError, match=r"absent\.npz"):
        load_glyphs(tmp_path / "absent.npz")
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    with pytest.raises(DataError, match=r"other\.npz"):
        load_glyphs(tmp_path / "other.npz")


def test_boxes_outside_the_pixels_are_refused(tmp_path: Path) -> None:
    bank = pack([drawn("thin", 2), drawn("bold", 6)])
    short = GlyphBank(bank.faces, bank.columns, bank.pixels[:-1], bank.boxes, bank.advances, bank.ems)
    save_glyphs(short, tmp_path / "short.npz")
    with pytest.raises(DataError, match="outside the pixels"):
        load_glyphs(tmp_path / "short.npz")
    fewer = GlyphBank(bank.faces[:-1], bank.columns, bank.pixels, bank.boxes, bank.advances, bank.ems)
    save_glyphs(fewer, tmp_path / "fewer.npz")
    with pytest.raises(DataError, match="do not fit"):
        load_glyphs(tmp_path / "fewer.npz")


def test_reading_needs_no_font_library() -> None:
    code = "import sys, train.datasets.glyph_bank as g; g.load_glyphs(); print({'PIL', 'fontTools'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
