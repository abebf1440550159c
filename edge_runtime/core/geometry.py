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
    places = []
    for item in items:
        x, y = corners_of(item).T
        places.append((float(y.mean()), float(y.max()), float(x.min()), item))
    ordered: list[Item] = []
    rest = sorted(places, key=lambda place: place[0])
    while rest:
        bottom = rest[0][1]
        row = [place for place in rest if place[0] < bottom] or rest[:1]
        ordered += [place[3] for place in sorted(row, key=lambda place: place[2])]
        rest = rest[len(row) :]
    return ordered
