"""Measures of a confidence: how much can be answered at a wanted precision, and how well calibrated it is."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

BINS: Final = 15


def threshold_for(confidence: NDArray[np.float64], right: NDArray[np.bool_], precision: float) -> float:
    """The lowest confidence from which on the accepted are right this often; 1 where none is."""
    order = np.argsort(-confidence)
    reached = right[order].cumsum() / np.arange(1, len(order) + 1) >= precision
    last = np.flatnonzero(reached)
    return float(confidence[order[last[-1]]]) if len(last) else 1.0


def coverage(confidence: NDArray[np.float64], right: NDArray[np.bool_], precision: float) -> float:
    """Largest share of strips, taken from the most confident on, of which ``precision`` are right."""
    order = np.argsort(-confidence, kind="stable")
    reached = np.flatnonzero(right[order].cumsum() >= precision * np.arange(1, len(order) + 1))
    return float((reached[-1] + 1) / len(order)) if len(reached) else 0.0


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Expected calibration error over 15 equal bins (Naeini et al., AAAI 2015)."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [
        (bins == index).mean() * abs(confidence[bins == index].mean() - right[bins == index].mean())
        for index in np.unique(bins)
    ]
    return float(np.sum(gaps))
