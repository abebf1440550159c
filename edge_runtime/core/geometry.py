"""The order in which a person reads places of a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from .types import Quad

Item = TypeVar("Item")


def reading_order(items: Sequence[Item], box_of: Callable[[Item], Quad]) -> list[Item]:
    """Top to bottom in rows of items that overlap in height, left to right within a row.

    box_of: gives an item's corners.
    """
    places = []
    for item in items:
        x, y = box_of(item).array().T
        places.append((float(y.mean()), float(y.max()), float(x.min()), item))
    ordered: list[Item] = []
    rest = sorted(places, key=lambda place: place[0])
    while rest:
        bottom = rest[0][1]
        row = [place for place in rest if place[0] < bottom] or rest[:1]
        ordered += [place[3] for place in sorted(row, key=lambda place: place[2])]
        rest = rest[len(row) :]
    return ordered
