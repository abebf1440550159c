"""Printed numbers of all sizes and weights on plain paper, by the shipped model: no digit of them may be lost."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge_runtime import DigitReader
from train.datasets.glyph_bank import load_glyphs
from train.preview.samples import placed
from train.synthesis.typesetting import glyph_line

FACES = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX)


@pytest.fixture(scope="module")
def reader() -> DigitReader:
    return DigitReader("fp32", threads=1)


def page(text: str, face: int, scale: float, thickness: int, *, light: bool = True, seed: int = 0) -> np.ndarray:
    """uint8 [480, 640, 3]: the text on even paper with a sensor's noise, dark on light or light on dark."""
    random = np.random.default_rng(seed)
    paper = np.clip(215 + random.normal(0, 3, (480, 640, 3)), 0, 255).astype(np.uint8)
    (width, height), _ = cv2.getTextSize(text, face, scale, thickness)
    cv2.putText(
        paper, text, ((640 - width) // 2, (480 + height) // 2), face, scale, (70, 50, 45), thickness, cv2.LINE_AA
    )
    return paper if light else 255 - paper


@pytest.mark.parametrize("light", [True, False])
@pytest.mark.parametrize("text", ["3", "38", "308", "3508", "3333"])
def test_the_opening_of_a_3_is_no_digit_on_a_plate(reader: DigitReader, text: str, light: bool) -> None:
    for scale in (1.5, 2.5, 3.5):
        found = reader.read(page(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 9, light=light))
        assert [reading.text for reading in found] == [text]


@pytest.mark.parametrize(("text", "scale", "thickness"), [("42800", 1.2, 2), ("06", 1.3, 2), ("0120", 1.2, 3)])
def test_a_small_bold_0_is_no_block(reader: DigitReader, text: str, scale: float, thickness: int) -> None:
    found = reader.read(page(text, cv2.FONT_HERSHEY_COMPLEX, scale, thickness))
    assert [reading.text for reading in found] == [text]


SEGMENTS = {"1": "bc", "3": "abgcd", "4": "fgbc", "5": "afgcd", "7": "abc"}  # a at the top, then clockwise, g amid


def display(text: str, top: int = 150, height: int = 120, stroke: int = 14) -> np.ndarray:
    """uint8 [480, 640, 3]: a display whose segments do not touch, each digit in a cell of the same width."""
    picture = np.full((480, 640, 3), (190, 205, 200), np.uint8)
    half, wide = height // 2, height // 2
    for place, digit in enumerate(text):
        left = 80 + place * (wide + 5 * stroke)
        bars = {
            **{name: (left + 9, top + row, wide - 18, stroke) for name, row in (("a", 0), ("g", half), ("d", height))},
            **{name: (left + wide - 5, top + row, stroke, half - 6) for name, row in (("b", 10), ("c", half + 10))},
            **{name: (left - 9, top + row, stroke, half - 6) for name, row in (("f", 10), ("e", half + 10))},
        }
        for name in SEGMENTS[digit]:
            x, y, width, tall = bars[name]
            cv2.rectangle(picture, (x, y), (x + width, y + tall), (40, 45, 40), -1, cv2.LINE_AA)
    return cv2.GaussianBlur(picture, (0, 0), 1.0)


@pytest.mark.parametrize("text", ["513", "3147", "4175"])
def test_a_displays_digits_stay_together_across_the_room_beside_a_1(reader: DigitReader, text: str) -> None:
    assert [reading.text for reading in reader.read(display(text))] == [text]


def test_bold_digits_whose_holes_are_specks_are_no_blocks(reader: DigitReader) -> None:
    picture = np.full((480, 640), 205, np.uint8)
    for x in (300, 330):
        for y in (200, 213):
            cv2.ellipse(picture, (x, y), (12, 9), 0, 0, 360, 50, -1, cv2.LINE_AA)
        for y in (200, 213):
            cv2.circle(picture, (x, y), 1, 205, -1, cv2.LINE_AA)
    assert [reading.text for reading in reader.read(cv2.GaussianBlur(picture, (0, 0), 1.1))] == ["88"]


@pytest.mark.parametrize("seed", [32, 927, 1142])
def test_an_8_of_thin_strokes_is_no_hole_between_its_holes(reader: DigitReader, seed: int) -> None:
    random, bank = np.random.default_rng(seed), load_glyphs()
    face = int(random.choice(bank.faces_of(("serif", "sans", "mono", "typewriter")[seed % 4])))
    line = glyph_line("868", random, bank, face)
    ink = placed(line, (480, 640, 3), np.array([320, 240]), float(random.uniform(20, 36)), 0.0)
    picture = (220 * (1 - ink) + 40 * ink).astype(np.uint8)
    assert [reading.text for reading in reader.read(picture)] == ["868"]


@pytest.mark.parametrize("count", [10, pytest.param(120, marks=pytest.mark.slow)])
def test_numbers_of_every_size_and_weight_are_read_whole(reader: DigitReader, count: int) -> None:
    random = np.random.default_rng(11)
    misread = []
    for seed in range(count):
        text = "".join(str(digit) for digit in random.integers(0, 10, random.integers(1, 5)))
        face, scale = FACES[seed % len(FACES)], float(random.uniform(1, 4))
        thickness = int(random.integers(2, max(3, int(4 * scale))))
        found = reader.read(page(text, face, scale, thickness, light=seed % 3 > 0, seed=seed))
        if [reading.text for reading in found] != [text]:
            misread.append((text, [reading.text for reading in found]))
    assert not misread
