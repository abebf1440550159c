"""Readings of all places -> those that are kept: non-maximum suppression, and a floor under what is weak."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from edge_runtime.core.types import Reading

from .judgement import AcceptancePolicy

_SAME_PLACE: Final = 0.5  # share of the smaller box that lies in the larger one
ONES_PENALTY: Final = 0.88  # factor on the confidence of a reading of ones only
_WEAK: Final = 0.6  # times the best confidence of a picture; what is weaker is no number
_WEAK_BESIDE: Final = 0.95  # the same for what is less than half as high as the best, and for nothing but ones


def only_ones(reading: Reading) -> bool:
    """Nothing but ones, which edges and posts of a scene look like."""
    return set(reading.text) == {"1"}


def drop_overlapping(readings: Sequence[Reading], policy: AcceptancePolicy) -> list[Reading]:
    """Without those that share at least half of the smaller box with a better one; order kept.

    A trusted reading is better than another, and among such the one of more digits: a piece of a number is easily read
    with confidence. Among the others, confidence counts for each digit, so that a longer reading is not worse for its
    length. Nothing but ones is never trusted against others, and counts for a little less.
    """

    def worth(reading: Reading) -> tuple[int, float]:
        of_a_digit = reading.confidence ** (1 / max(len(reading.text), 1))
        if only_ones(reading):
            return 0, ONES_PENALTY * of_a_digit
        return len(reading.text) if policy.trusts(reading) else 0, of_a_digit

    kept: list[int] = []
    for index in sorted(range(len(readings)), key=lambda index: worth(readings[index]), reverse=True):
        if not any(_in_one_place(readings[index], readings[other]) for other in kept):
            kept.append(index)
    return [readings[index] for index in sorted(kept)]


def drop_weak(readings: Sequence[Reading], policy: AcceptancePolicy) -> list[Reading]:
    """Without those that the model does not trust and that are far less certain than the best of the picture.

    Edges and specks look like a 1 or a 0. So of what is much smaller than the best, more certainty is asked; and
    nothing but ones is kept beside another number only where the model trusts it.
    """
    if not readings:
        return []
    numbers = [reading for reading in readings if not only_ones(reading)]
    best = max(numbers or readings, key=lambda reading: reading.confidence)
    surest = max(reading.confidence for reading in readings)

    def floor(reading: Reading) -> float:
        if numbers and only_ones(reading):
            return max(_WEAK_BESIDE * best.confidence, policy.trusted)
        if _height(reading) < 0.5 * _height(best):
            return _WEAK_BESIDE * best.confidence
        return min(policy.trusted, _WEAK * surest)

    return [reading for reading in readings if reading.confidence >= floor(reading)]


def _in_one_place(one: Reading, other: Reading) -> bool:
    return one.box is not None and other.box is not None and one.box.overlap(other.box) >= _SAME_PLACE


def _height(reading: Reading) -> float:
    """Of the reading's box, in pixels; 0 without a box."""
    return reading.box.height if reading.box is not None else 0.0
