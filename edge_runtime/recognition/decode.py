"""Probabilities of the five slots -> ``Reading``: the most probable label that the contract allows.

A label is digits with blanks on their left, so a length from 0 to 5 fixes which slots are blank.
Slots are independent given the strip, hence the best label of each length has a closed form: the
product of the blanks' probabilities on the left and of the best digits' on the right. The most
probable of these six wins; a blank between digits cannot come out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.types import Reading

from .contract import ALPHABET, BLANK, CLASSES, SLOTS

_TINY = 1e-12  # stands for a probability of zero, so that products can be compared and divided


def decode(probabilities: NDArray[np.float32]) -> list[Reading]:
    """One reading for each strip, not accepted yet and without a box; five blanks give one with an empty text.

    probabilities: float [N, 5, 11], each slot summing to 1.
    The confidence is the product of the five slots' probabilities for the label. It is not divided by that of
    all legal labels: where the slots contradict the contract, that doubt must lower the confidence.
    """
    slots = np.maximum(np.asarray(probabilities, np.float64).reshape(-1, SLOTS, CLASSES), _TINY)
    best_digits = slots[:, :, :BLANK].argmax(axis=2)
    best = np.take_along_axis(slots, best_digits[:, :, None], axis=2)[:, :, 0]
    blank = slots[:, :, BLANK]
    by_length = _by_length(blank, best)
    confidences = by_length.max(axis=1)
    readings = []
    for row, length in enumerate(by_length.argmax(axis=1)):
        first = SLOTS - int(length)
        digits = tuple(int(digit) for digit in best_digits[row, first:])
        readings.append(
            Reading(
                text="".join(ALPHABET[digit] for digit in digits),
                digits=digits,
                digit_confidences=tuple(float(value) for value in best[row, first:]),
                confidence=min(float(confidences[row]), 1.0),
            )
        )
    return readings


def temper(slots: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Divide the logits by the temperature: p ** (1 / T), normalised (Guo et al., ICML 2017); [N, 5, 11]."""
    tempered = slots if temperature == 1.0 else slots ** np.float32(1.0 / temperature)
    return tempered / tempered.sum(axis=2, keepdims=True)


def average(views: NDArray[np.float32]) -> NDArray[np.float32]:
    """Several views of the same strips, [N, V, 5, 11] -> [N, 5, 11]: their geometric mean, normalised."""
    mean = np.exp(np.log(np.maximum(views, _TINY)).mean(axis=1))
    return mean / mean.sum(axis=2, keepdims=True)


def join(parts: Sequence[Reading]) -> Reading:
    """The parts of one long number, left to right, as one reading without a box, not accepted yet.

    Every part must be right for the whole to be right, so the confidences are multiplied; a blank
    part adds no digits, but the doubt whether it is blank counts.
    """
    return Reading(
        text="".join(part.text for part in parts),
        digits=tuple(digit for part in parts for digit in part.digits),
        digit_confidences=tuple(value for part in parts for value in part.digit_confidences),
        confidence=float(np.prod([part.confidence for part in parts])),
    )


def _by_length(blank: NDArray[np.float64], digit: NDArray[np.float64]) -> NDArray[np.float64]:
    """[N, 6]: for each length 0 to 5, blanks on the left times digits on the right."""
    ones = np.ones((len(blank), 1))
    blanks_before = np.concatenate([ones, blank.cumprod(axis=1)], axis=1)
    digits_after = np.concatenate([digit[:, ::-1].cumprod(axis=1)[:, ::-1], ones], axis=1)
    return (blanks_before * digits_after)[:, ::-1]
