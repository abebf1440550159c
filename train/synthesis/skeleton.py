"""Skeletons of handwritten digits, so that their strokes can be drawn again with any pen."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

SKELETON_SIZE: Final = 56  # twice MNIST's resolution
_CHUNK: Final = 1024


def skeletons(images: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """One-pixel-wide strokes of uint8 [N, 28, 28] digits, bool [N, 56, 56]."""
    return np.concatenate([_thin(_enlarge(images[start : start + _CHUNK])) for start in range(0, len(images), _CHUNK)])


def _enlarge(images: NDArray[np.uint8]) -> NDArray[np.bool_]:
    size = (SKELETON_SIZE, SKELETON_SIZE)
    return np.stack([cv2.resize(image, size, interpolation=cv2.INTER_CUBIC) > 110 for image in images])


def _thin(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Zhang and Suen's parallel thinning (Comm. ACM 27(3), 1984), on a stack of pictures at once."""
    ink = np.pad(ink, ((0, 0), (1, 1), (1, 1)))
    changed = True
    while changed:
        changed = False
        for first in (True, False):
            n, ne, e, se, s, sw, w, nw = _neighbours(ink)
            ring = (n, ne, e, se, s, sw, w, nw)
            total = np.zeros(n.shape, np.int8)
            turns = np.zeros(n.shape, np.int8)
            for here, after in zip(ring, ring[1:] + ring[:1], strict=True):
                total += here
                turns += ~here & after
            corner = ~(n & e & s) & ~(e & s & w) if first else ~(n & e & w) & ~(n & s & w)
            remove = ink[:, 1:-1, 1:-1] & (total >= 2) & (total <= 6) & (turns == 1) & corner
            if remove.any():
                ink[:, 1:-1, 1:-1] &= ~remove
                changed = True
    return ink[:, 1:-1, 1:-1]


def _neighbours(ink: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], ...]:
    """North, north-east, … north-west of every inner pixel."""
    rows = {-1: slice(0, -2), 0: slice(1, -1), 1: slice(2, None)}
    ring = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
    return tuple(ink[:, rows[dy], rows[dx]] for dy, dx in ring)
