"""The order in which a person reads places of a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Item = TypeVar("Item")


def reading_order(items: Sequence[Item], corners_of: Callable[[Item], NDArray[np.float32]]) -> list[Item]:
    """Top to bottom in rows of items that overlap in height, left to right within a row.

    corners_of: gives an item's corners, float32 [4, 2].
    """

    def middle(item: Item) -> float:
        return float(corners_of(item)[:, 1].mean())

    ordered: list[Item] = []
    rest = sorted(items, key=middle)
    while rest:
        bottom = float(corners_of(rest[0])[:, 1].max())
        row = [item for item in rest if middle(item) < bottom] or rest[:1]
        ordered += sorted(row, key=lambda item: float(corners_of(item)[:, 0].min()))
        rest = rest[len(row) :]
    return ordered
