"""Signs without a meaning in numbers: arrows, batteries, hearts, drops, stars, bars."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ..letters.chance import happens, pick

_OUTLINES: Final = (
    ((0.5, 0.05), (0.95, 0.5), (0.65, 0.5), (0.65, 0.95), (0.35, 0.95), (0.35, 0.5), (0.05, 0.5)),  # arrow
    ((0.5, 0.1), (0.95, 0.9), (0.05, 0.9)),  # triangle
    ((0.05, 0.3), (0.85, 0.3), (0.85, 0.42), (0.95, 0.42), (0.95, 0.58), (0.85, 0.58), (0.85, 0.7), (0.05, 0.7)),
    ((0.5, 0.3), (0.72, 0.1), (0.95, 0.3), (0.5, 0.95), (0.05, 0.3), (0.28, 0.1)),  # heart
    ((0.5, 0.05), (0.62, 0.4), (0.95, 0.4), (0.7, 0.6), (0.8, 0.95),
     (0.5, 0.75), (0.2, 0.95), (0.3, 0.6), (0.05, 0.4), (0.38, 0.4)),  # star
    ((0.6, 0.05), (0.25, 0.55), (0.45, 0.55), (0.35, 0.95), (0.75, 0.4), (0.52, 0.4)),  # flash
    ((0.1, 0.4), (0.3, 0.4), (0.55, 0.15), (0.55, 0.85), (0.3, 0.6), (0.1, 0.6)),  # loudspeaker
)  # fmt: skip


def symbol(size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Ink of one sign on a square of ``size`` pixels, turned by quarters, filled or as a contour."""
    ink = np.zeros((size, size), np.uint8)
    points = (np.array(pick(rng, _OUTLINES)) * (size - 1) * 16).astype(np.int32)
    if happens(rng, 0.65):
        cv2.fillPoly(ink, [points], 255, cv2.LINE_AA, 4)
    else:
        cv2.polylines(ink, [points], True, 255, max(size // 14, 1), cv2.LINE_AA, 4)
    return np.ascontiguousarray(np.rot90(ink, int(rng.integers(4)))) if happens(rng, 0.5) else ink
