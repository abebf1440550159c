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


BOLD, SMALL = 9, 2


@pytest.mark.parametrize(
    ("text", "face", "scale", "thickness", "light"),
    [
        *(("3", FACES[0], scale, BOLD, True) for scale in (1.5, 2.5, 3.5)),  # its opening is no digit on a plate
        *((text, FACES[0], 2.5, BOLD, light) for text in ("38", "308", "3508", "3333") for light in (True, False)),
        *(("42800", FACES[2], 1.2, SMALL, True), ("06", FACES[2], 1.3, SMALL, True)),  # a small 0 is no block
    ],
)
def test_print_whose_holes_look_like_digits_or_blocks(
    reader: DigitReader, text: str, face: int, scale: float, thickness: int, light: bool
) -> None:
    found = reader.read(page(text, face, scale, thickness, light=light))
    assert [reading.text for reading in found] == [text]


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
