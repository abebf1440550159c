"""Data association: which box of this frame is which box of the frame before, by overlap, distance and text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.types import Quad

_OVERLAP: Final = 0.5  # share of the smaller box, from which on two boxes are one place
_NEAR: Final = 0.75  # distance of the centres in heights of the larger box, up to which they are one place
_NEAR_SAME_TEXT: Final = 3.0  # the same where the text is the same: a number in a moving hand
_OTHER_TEXT: Final = 1.0  # heights by which a box of the same text may be further away and still be preferred

Placed = tuple[Quad, str]


def pair_up(before: Sequence[Placed], now: Sequence[Placed]) -> dict[int, int]:
    """Indices of ``before`` -> indices of ``now``, each used once, nearest pairs first."""
    if not before or not now:
        return {}
    distances, overlaps = _compare([box for box, _ in before], [box for box, _ in now])
    same = np.array([[old == new for _, new in now] for _, old in before])
    one_place = (overlaps >= _OVERLAP) | (distances <= np.where(same, _NEAR_SAME_TEXT, _NEAR))
    costs = np.where(one_place, distances + _OTHER_TEXT * ~same, np.inf)
    pairs: dict[int, int] = {}
    for flat in np.argsort(costs, axis=None, kind="stable"):
        old, new = divmod(int(flat), len(now))
        if not np.isfinite(costs[old, new]):
            break
        if old not in pairs and new not in pairs.values():
            pairs[old] = new
    return pairs


def nearest(box: Quad, others: Sequence[Quad]) -> int | None:
    """The index of the nearest box that is the same place, the last of equals; None where there is none."""
    if not others:
        return None
    distances, overlaps = _compare([box], others)
    costs = np.where((overlaps[0] >= _OVERLAP) | (distances[0] <= _NEAR), distances[0], np.inf)
    best = len(others) - 1 - int(np.argmin(costs[::-1]))
    return best if np.isfinite(costs[best]) else None


def _compare(one: Sequence[Quad], other: Sequence[Quad]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distances of the centres in heights of the higher box, and shares of overlap; float64 [one, other] each.

    The overlap is that of the upright rectangles round the boxes: enough to tell places apart.
    """
    first, second = np.array(one, np.float64)[:, None], np.array(other, np.float64)[None]
    heights = [np.linalg.norm(boxes[..., 3, :] - boxes[..., 0, :], axis=-1) for boxes in (first, second)]
    apart = np.linalg.norm(first.mean(axis=2) - second.mean(axis=2), axis=-1)
    shared = np.minimum(first.max(axis=2), second.max(axis=2)) - np.maximum(first.min(axis=2), second.min(axis=2))
    areas = [np.prod(boxes.max(axis=2) - boxes.min(axis=2), axis=-1) for boxes in (first, second)]
    overlaps = np.prod(np.maximum(shared, 0), axis=-1) / np.maximum(np.minimum(*areas), 1.0)
    return apart / np.maximum(np.maximum(*heights), 1.0), overlaps
