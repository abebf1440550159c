"""Printed numbers of all sizes and weights on plain paper, by the shipped model: no digit of them may be lost."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge_runtime import DigitReader

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


def test_numbers_of_every_size_and_weight_are_read_whole(reader: DigitReader) -> None:
    random = np.random.default_rng(11)
    misread = []
    for seed in range(120):
        text = "".join(str(digit) for digit in random.integers(0, 10, random.integers(1, 5)))
        face, scale = FACES[seed % len(FACES)], float(random.uniform(1, 4))
        thickness = int(random.integers(2, max(3, int(4 * scale))))
        found = reader.read(page(text, face, scale, thickness, light=seed % 3 > 0, seed=seed))
        if [reading.text for reading in found] != [text]:
            misread.append((text, [reading.text for reading in found]))
    assert not misread
