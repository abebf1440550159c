"""Two readings of one place: keep the longer one that is trusted, else the more confident."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from edge_runtime.core.opencv import cv2

from .decode import Box, Reading
from .judgement import is_bars

SAME_PLACE: Final = 0.5  # share of the smaller box that lies in the larger one

_BARS: Final = 0.88  # times their confidence


def drop_overlapping(readings: Sequence[Reading], trusted: float) -> list[Reading]:
    """Without those that share at least half of the smaller box with a better one; order kept.

    A reading from the confidence ``trusted`` on is better than one below, and among such the one of more digits: a
    piece of a number is easily read with confidence. Below, confidence counts for each digit, so that a longer
    reading is not worse for its length. Nothing but ones, which edges look like, is never trusted against others, and
    counts for a little less.
    """

    def worth(reading: Reading) -> tuple[int, float]:
        of_a_digit = reading.confidence ** (1 / max(len(reading.text), 1))
        if is_bars(reading):
            return 0, _BARS * of_a_digit
        return len(reading.text) if reading.confidence >= trusted else 0, of_a_digit

    kept: list[int] = []
    for place in sorted(range(len(readings)), key=lambda place: worth(readings[place]), reverse=True):
        if all(_shared(readings[place].box, readings[other].box) < SAME_PLACE for other in kept):
            kept.append(place)
    return [readings[place] for place in sorted(kept)]


def _shared(one: Box | None, other: Box | None) -> float:
    """Area of the intersection over the area of the smaller box, 0 to 1."""
    if one is None or other is None:
        return 0.0
    first, second = np.array(one, np.float32), np.array(other, np.float32)
    smaller = min(abs(cv2.contourArea(first)), abs(cv2.contourArea(second)))
    if smaller <= 0:
        return 0.0
    area, _ = cv2.intersectConvexConvex(first, second)
    return float(area) / smaller
