"""What looks like a number by chance: stains, specks, posts and edges, single shapes among many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from .decode import Reading

SURE: Final = 0.99  # confidence that a single digit among many shapes must have
STAIN: Final = 0.6  # times the best confidence of a picture; what is weaker is no number
LYING: Final = 1.2  # width / height from which on a ring lies
SPECK: Final = 0.95  # the same for what is less than half as high as the best


def without_stains(readings: Sequence[Reading], trusted: float) -> list[Reading]:
    """Without those that the model does not trust and that are far less certain than the best of the picture.

    Edges and specks look like a 1 or a 0. So of what is much smaller than the best, more certainty is asked; and
    nothing but ones is kept beside another number only where the model trusts it.
    """
    if not readings:
        return []
    numbers = [reading for reading in readings if not is_bars(reading)]
    best = max(numbers or readings, key=lambda reading: reading.confidence)
    surest = max(reading.confidence for reading in readings)

    def floor(reading: Reading) -> float:
        small = SPECK * best.confidence if _height(reading) < 0.5 * _height(best) else 0.0
        if numbers and is_bars(reading):
            return max(SPECK * best.confidence, trusted)
        return small or min(trusted, STAIN * surest)

    return [reading for reading in readings if reading.confidence >= floor(reading)]


def doubted(reading: Reading, busy: bool) -> Reading:
    """The reading, not accepted where a shape by chance is likelier than a digit.

    Among many shapes (``busy``) one looks like a digit by chance: a single digit must be sure there. A ring that is
    wider than high is a cup, a wheel or an eye, however much it looks like a zero.
    """
    unsure_alone = busy and len(reading.text) == 1 and reading.confidence < SURE
    lying_ring = reading.text == "0" and _width(reading) > LYING * _height(reading)
    return replace(reading, accepted=False) if unsure_alone or lying_ring else reading


def _height(reading: Reading) -> float:
    """Of the reading's box, in pixels; 0 without a box."""
    return float(np.hypot(*np.subtract(reading.box[3], reading.box[0]))) if reading.box else 0.0


def _width(reading: Reading) -> float:
    return float(np.hypot(*np.subtract(reading.box[1], reading.box[0]))) if reading.box else 0.0


def is_bars(reading: Reading) -> bool:
    """Nothing but ones, which edges and posts of a scene look like."""
    return set(reading.text) == {"1"}
