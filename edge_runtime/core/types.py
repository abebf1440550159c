"""What goes from stage to stage: four corners, lines of ink, and what was read of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, SupportsFloat

import numpy as np
from numpy.typing import NDArray

from .opencv import cv2

Point = tuple[float, float]
"""x and y in pixels; pixel centres are at whole numbers, so the first pixel reaches from -0.5 to 0.5."""


class Quad(NamedTuple):
    """Four corners (x, y) in a picture's pixels, as one reads: a rectangle that may be turned.

    It is a tuple of four points, so it can be unpacked, compared, given to ``numpy.array`` and written as JSON.
    """

    top_left: Point
    top_right: Point
    bottom_right: Point
    bottom_left: Point

    @classmethod
    def of(cls, corners: NDArray[Any] | Sequence[Sequence[SupportsFloat]]) -> Quad:
        """From four points: a number array [4, 2] or nested sequences. Raises ``ValueError`` for another shape."""
        points = corners.tolist() if isinstance(corners, np.ndarray) else corners
        top_left, top_right, bottom_right, bottom_left = ((float(x), float(y)) for x, y in points)
        return cls(top_left, top_right, bottom_right, bottom_left)

    @classmethod
    def upright(cls, left: float, top: float, right: float, bottom: float) -> Quad:
        """An upright rectangle."""
        return cls((left, top), (right, top), (right, bottom), (left, bottom))

    def array(self) -> NDArray[np.float32]:
        """float32 [4, 2]."""
        return np.array(self, np.float32)

    def as_list(self) -> list[list[float]]:
        """[[x, y], ...] for JSON, rounded to a hundredth of a pixel."""
        return [[round(x, 2), round(y, 2)] for x, y in self]

    @property
    def width(self) -> float:
        """Length of the upper side, pixels."""
        return math.dist(self.top_left, self.top_right)

    @property
    def height(self) -> float:
        """Length of the left side, pixels."""
        return math.dist(self.top_left, self.bottom_left)

    @property
    def centre(self) -> Point:
        """Mean of the corners."""
        return sum(x for x, _ in self) / 4, sum(y for _, y in self) / 4

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the upright rectangle around it."""
        columns, rows = zip(*self, strict=True)
        return min(columns), min(rows), max(columns), max(rows)

    @property
    def area(self) -> float:
        """Square pixels, whichever way round the corners go."""
        return abs(float(cv2.contourArea(self.array())))

    def scaled(self, x_factor: float, y_factor: float | None = None) -> Quad:
        """The same place of a picture that is so many times as wide and as high; ``y_factor`` defaults to the other."""
        factors = np.array([x_factor, x_factor if y_factor is None else y_factor], np.float32)
        return Quad.of((self.array() + 0.5) * factors - 0.5)

    def cut(self, start: float, stop: float) -> Quad:
        """The piece between two shares of the width, 0 (left) to 1 (right)."""
        corners = self.array()
        left, across = corners[::3], corners[1:3] - corners[::3]
        shares = np.array([start, stop], np.float32).reshape(2, 1, 1)
        (top_left, bottom_left), (top_right, bottom_right) = (left + shares * across).tolist()
        return Quad.of([top_left, top_right, bottom_right, bottom_left])

    def intersection(self, other: Quad) -> float:
        """Area in both, square pixels."""
        return float(cv2.intersectConvexConvex(self.array(), other.array())[0])

    def overlap(self, other: Quad) -> float:
        """Share of the smaller one that lies in the other, 0 to 1."""
        smaller = min(self.area, other.area)
        return self.intersection(other) / smaller if smaller > 0 else 0.0


@dataclass(frozen=True)
class Line:
    """One line of ink.

    box: the corners of the ink in the picture's pixels, in reading direction; turned where the line is tilted.
    direction: float32 [channels], from the ground's colour to the ink's.
    spans: pieces of ink along the line, as shares 0 to 1 of its width, left to right.
    score: 0 to 1, how much it looks like a line of text.
    """

    box: Quad
    direction: NDArray[np.float32]
    spans: tuple[tuple[float, float], ...]
    score: float


@dataclass(frozen=True)
class Alternatives:
    """Lines in one place of a picture that exclude each other: one of them is meant. At least one."""

    lines: tuple[Line, ...]

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)


@dataclass(frozen=True)
class Reading:
    """One number.

    text: the digits; empty for a strip without a number (``read_strips`` only).
    digits, digit_confidences: class 0-9 and probability 0 to 1 of each digit.
    confidence: probability 0 to 1 that the whole text is right, length included.
    accepted: whether the reader stands by it (``DigitReader`` says when).
    box: the four corners in the picture's pixels, or None for a strip brought by the caller.
    """

    text: str
    digits: tuple[int, ...]
    digit_confidences: tuple[float, ...]
    confidence: float
    accepted: bool = False
    box: Quad | None = None

    def __post_init__(self) -> None:
        """Make a ``Quad`` of a box that was given as any other four points."""
        if self.box is not None and not isinstance(self.box, Quad):
            object.__setattr__(self, "box", Quad.of(self.box))

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe; probabilities rounded to six places, corners to a hundredth of a pixel."""
        return {
            "text": self.text,
            "digits": list(self.digits),
            "digit_confidences": [round(value, 6) for value in self.digit_confidences],
            "confidence": round(self.confidence, 6),
            "accepted": self.accepted,
            "box": None if self.box is None else self.box.as_list(),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Reading:
        """What ``as_dict`` gave; raises ``KeyError``, ``TypeError`` or ``ValueError`` for anything else."""
        return cls(
            text=str(values["text"]),
            digits=tuple(int(digit) for digit in values["digits"]),
            digit_confidences=tuple(float(value) for value in values["digit_confidences"]),
            confidence=float(values["confidence"]),
            accepted=bool(values["accepted"]),
            box=None if values["box"] is None else Quad.of(values["box"]),
        )
