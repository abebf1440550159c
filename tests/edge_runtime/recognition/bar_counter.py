"""A stand-in network that counts bars, and pictures of bars: so a test says what is read of each line.

It sits behind the real strip maker: however a line is cut, shrunk or slanted, its bars can be counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_runtime import DigitModel, ModelSpec, Quad
from edge_runtime.core.types import Alternatives, Line
from edge_runtime.recognition.contract import BLANK, CLASSES, SLOTS, encode_label
from tests.edge_runtime.recognition.tiny_model import spec

BAR_WIDTH, BAR_PITCH, BAR_HEIGHT = 6, 16, 24  # pixels
PAPER, INK = 220, 40
DARK_ON_LIGHT = np.array([-1.0], np.float32)

Answers = Mapping[int, tuple[str, float]]
"""Number of bars -> what is read, and how surely; strips of other numbers of bars are blank."""


class BarCounter(DigitModel):
    """Answers by the number of bars in a strip."""

    def __init__(self, answers: Answers, *, name: str = "counter", threshold: float = 0.8) -> None:
        super().__init__(Path(f"{name}.onnx"))
        self.name = name
        self.answers = answers
        self.threshold = threshold

    @property
    def spec(self) -> ModelSpec:
        return spec(reject_threshold=self.threshold)

    def probabilities(self, strips: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.stack([self._answer(strip.reshape(28, 140)) for strip in strips])

    def _answer(self, strip: NDArray[np.uint8]) -> NDArray[np.float32]:
        inked = np.concatenate([[False], strip[14] > 128, [False]])
        text, confidence = self.answers.get(int(np.count_nonzero(np.diff(inked.astype(int)) > 0)), ("", 1.0))
        slots = np.zeros((SLOTS, CLASSES), np.float32)
        slots[range(SLOTS), encode_label(text)] = 1
        last = encode_label(text)[-1]
        slots[-1] = (1 - confidence) / BLANK  # all doubt is spread over the other digits of the last slot
        slots[-1, BLANK] = 0.0
        slots[-1, last] = confidence
        return slots


def paper(height: int = 200, width: int = 400) -> NDArray[np.uint8]:
    return np.full((height, width), PAPER, np.uint8)


def draw_bars(picture: NDArray[np.uint8], left: int, top: int, count: int) -> Line:
    """Draw so many bars side by side; the line that holds them, each bar a span."""
    for index in range(count):
        start = left + index * BAR_PITCH
        picture[top : top + BAR_HEIGHT, start : start + BAR_WIDTH] = INK
    width = (count - 1) * BAR_PITCH + BAR_WIDTH
    spans = tuple((index * BAR_PITCH / width, (index * BAR_PITCH + BAR_WIDTH) / width) for index in range(count))
    return Line(Quad.upright(left, top, left + width, top + BAR_HEIGHT), DARK_ON_LIGHT, spans, 1.0)


def places(*lines: Line) -> list[Alternatives]:
    """Each line a place of its own."""
    return [Alternatives((line,)) for line in lines]
