"""Maps -> characters: the peaks of the centre maps, with all that the other maps say of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.opencv import cv2

from .contract import CELL, COLON, COMMA, DASH, KINDS, POINT, Maps

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]

_IS_SMALL: Final = np.isin(np.arange(len(KINDS)), (POINT, COMMA, COLON, DASH))  # may stand very close to a digit
_OWN_CELL: Final = 0.6  # cells; a centre that its cell says to be no farther off is in that cell, peak or not
_LIMIT: Final = 30.0  # log-odds; keeps exp() finite


@dataclass(frozen=True)
class Characters:
    """N characters of one picture; each field has one entry for each.

    centres: float32 [N, 2], x and y of the middle of its ink; the first pixel reaches from 0 to 1.
    heights: of a digit of its line. widths: of its own ink along the line; both in pixels.
    angles: of the reading direction, radians clockwise from left to right.
    kinds: intp [N], indices of ``KINDS``. scores: 0 to 1, how sure it is that a character of this kind is there.
    links: 0 to 1, that the next character along the line belongs to it. alternatives: [N, 16], the score of each kind.
    """

    centres: Floats
    heights: Floats
    widths: Floats
    angles: Floats
    kinds: Indices
    scores: Floats
    links: Floats
    alternatives: Floats

    def __len__(self) -> int:
        return len(self.kinds)

    def take(self, which: NDArray) -> Self:
        """Those of the given indices, or where a mask is true."""
        return type(self)(**{part.name: getattr(self, part.name)[which] for part in fields(self)})

    def moved(self, scale: tuple[float, float], shift: tuple[float, float] = (0.0, 0.0)) -> Self:
        """In another picture's pixels: ``scale`` times as large in x and y, which are nearly equal, then shifted."""
        values = {part.name: getattr(self, part.name) for part in fields(self)}
        values["centres"] = (self.centres * scale + shift).astype(np.float32)
        size = np.float32(np.sqrt(scale[0] * scale[1]))
        return type(self)(**{**values, "heights": self.heights * size, "widths": self.widths * size})

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """All characters of at least one part."""
        return cls(**{part.name: np.concatenate([getattr(item, part.name) for item in parts]) for part in fields(cls)})


def find_peaks(maps: Maps, threshold: float) -> Characters:
    """The characters whose score is at least ``threshold``, strongest first, in pixels of the detector's picture."""
    level = float(np.log(threshold / (1 - threshold)))
    rows, columns, kinds = _peaks(maps, level)
    cells = (slice(None), rows % 2, columns % 2, rows // 2, columns // 2)
    offsets, (cosine, sine) = maps.offset[cells], maps.direction[cells]
    alternatives = _probability(maps.kinds[cells].T)
    heights = np.exp(np.clip(maps.height[cells][0], -3, 6)) * CELL
    characters = Characters(
        centres=((np.stack([columns, rows], axis=1) + 0.5 + offsets.T) * CELL).astype(np.float32),
        heights=heights,
        widths=np.exp(np.clip(maps.width[cells][0], -4, 2)) * heights,
        angles=np.arctan2(sine, cosine) % np.float32(2 * np.pi),
        kinds=kinds,
        scores=alternatives[np.arange(len(kinds)), kinds],
        links=_probability(maps.link[cells][0]),
        alternatives=alternatives,
    )
    return _without_doubles(characters.take(np.argsort(-characters.scores, kind="stable")))


def pairs_within(x: Floats, reach: Floats) -> tuple[Indices, Indices]:
    """Every pair of places whose x differ by no more than the reach of the one further left, that one first."""
    order = np.argsort(x, kind="stable")
    places = x[order]
    counts = np.searchsorted(places, places + reach[order], side="right") - np.arange(len(x)) - 1
    first = np.repeat(np.arange(len(x)), counts)
    nth = np.arange(len(first)) - np.repeat(np.cumsum(counts) - counts, counts)
    return order[first], order[first + 1 + nth]


def _peaks(maps: Maps, level: float) -> tuple[Indices, Indices, Indices]:
    """Row, column and kind of the cells that hold a centre.

    Small kinds and large ones are sought apart. In a cell the strongest kind counts. It is a centre if it is the
    strongest of its 3×3 cells, or if its cell says so: close characters stand in cells side by side.
    """
    _, _, _, height, width = maps.kinds.shape
    strong = np.flatnonzero(maps.kinds >= level)
    levels = maps.kinds.reshape(-1)[strong]
    kinds, lower, right, rows, columns = np.unravel_index(strong, maps.kinds.shape)
    rows, columns, group = 2 * rows + lower, 2 * columns + right, _IS_SMALL[kinds].astype(np.intp)
    grids = np.full((2, 2 * height, 2 * width), -_LIMIT, np.float32)
    weakest_first = np.argsort(levels, kind="stable")
    grids[group[weakest_first], rows[weakest_first], columns[weakest_first]] = levels[weakest_first]
    highest = np.stack([cv2.dilate(grid, np.ones((3, 3), np.uint8)) for grid in grids])
    offsets = maps.offset[:, lower, right, rows // 2, columns // 2]
    is_centre = (levels >= highest[group, rows, columns]) | (np.abs(offsets).max(axis=0) <= _OWN_CELL)
    is_centre &= levels >= grids[group, rows, columns]
    return rows[is_centre], columns[is_centre], kinds[is_centre]


def _without_doubles(characters: Characters) -> Characters:
    """Of several peaks of one character the strongest, which comes first."""
    centres, widths, heights = characters.centres, characters.widths, characters.heights
    i, j = pairs_within(centres[:, 0], heights)
    distances = np.hypot(*(centres[i] - centres[j]).T)
    is_small = _IS_SMALL[characters.kinds]
    alike = np.maximum(0.5 * np.maximum(widths[i], widths[j]), 0.75 * CELL)
    limit = np.where(is_small[i] == is_small[j], alike, 0.2 * np.minimum(heights[i], heights[j]))
    kept = np.ones(len(characters), bool)
    kept[np.maximum(i, j)[distances < limit]] = False
    return characters.take(kept)


def _probability(log_odds: Floats) -> Floats:
    return (1 / (1 + np.exp(-np.clip(log_odds, -_LIMIT, _LIMIT)))).astype(np.float32)
