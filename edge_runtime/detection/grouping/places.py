"""Candidates from all planes, polarities and stroke widths -> the places that are worth reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.opencv import cv2
from edge_runtime.detection.shapes.blobs import MIN_DRAWN, PLATE_FILL, Blobs

from .lines import InkLine

MIN_SCORE: Final = 0.15  # a line of less is not worth reading
_MIN_SHARE: Final = 0.28  # of the best line's score
_SIZE_POWER: Final = 0.35  # how much a larger area counts, so that a whole line goes before its pieces
_BROAD_COVERED: Final = 0.6  # of broad ink that thin strokes explain already
_PIECE: Final = 0.6  # of a thin line's ink that lies in broad ink
_SAME_INK: Final = 0.3  # of a line's pixels that belong to a better line already
_SAME_BOX: Final = 0.6  # intersection over union: two readings of one place
_INSIDE: Final = 0.6  # of the smaller box
_MIN_INSIDE_HEIGHT: Final = 0.25  # of the box around it, of a line that makes a frame of what is around it
_MIN_FRAMED_SCORE: Final = 0.4
_BETTER: Final = 1.1  # times the score of the line around it
_TEXT_SCORE: Final = 0.65
_MUCH_LOWER: Final = 0.5  # of the height around it
_AS_GOOD: Final = 0.8  # times the score of the line around it
_MAX_ALTERNATIVES: Final = 3
_MAX_ALONG: Final = 0.3  # of a line's rim that is ink of the line around it
_MIN_BESIDE: Final = 0.4  # of the main line's height, in a crop
_RIM: Final = 2  # cells
_CELL: Final = 2  # pixels; ink is compared on cells of this size


class _Verdict(Enum):
    """What becomes of a place beside one that is kept."""

    KEEP = "keep both"
    DROP = "drop the new one"
    REPLACE = "drop the one that is kept"


@dataclass(frozen=True)
class Place:
    """A line and its alternatives, in the pixels of the blobs they were made of; ``scale`` leads to the picture's."""

    lines: tuple[InkLine, ...]
    blobs: Blobs
    scale: float

    @property
    def score(self) -> float:
        """That of the likeliest line, 0 to 1."""
        return self.lines[0].score

    @cached_property
    def corners(self) -> NDArray[np.float32]:
        """Corners of the likeliest line, float32 [4, 2]."""
        return self.lines[0].corners * np.float32(self.scale)

    @cached_property
    def area(self) -> float:
        """That of the likeliest line, square pixels."""
        return abs(float(cv2.contourArea(self.corners)))

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the likeliest line."""
        x, y = self.corners.T.tolist()
        return min(x), min(y), max(x), max(y)

    @cached_property
    def rank(self) -> float:
        """Its score; a larger place counts more."""
        left, top, right, bottom = self.box
        return self.score * ((right - left) * (bottom - top)) ** _SIZE_POWER

    def drawn(self) -> bool:
        """Whether a part of it winds as strokes of digits do, and no hole does."""
        return bool((self.blobs.windings[self.lines[0].members] > MIN_DRAWN).any())

    def is_text(self) -> bool:
        """Whether it is beyond doubt a line of several characters, and no pieces or holes of a larger thing."""
        return len(self.lines[0].spans) > 2 and self.drawn() and self.score > _TEXT_SCORE

    def full(self) -> bool:
        """Whether it is one piece that fills its box as plates do, and few digits."""
        line = self.lines[0]
        area = abs(float(cv2.contourArea(line.corners)))
        return len(line.spans) == 1 and float(self.blobs.area[line.members].sum()) > PLATE_FILL * area


@dataclass(frozen=True)
class _Cells:
    """A place's ink on the grid of cells: bool [h, w] with a free rim, and its first row and column."""

    ink: NDArray[np.bool_]
    top: int
    left: int

    @classmethod
    def of(cls, place: Place) -> _Cells:
        """The cells of the likeliest line."""
        blobs, members = place.blobs, place.lines[0].members
        low = blobs.boxes[members, :2].min(axis=0)
        high = (blobs.boxes[members, :2] + blobs.boxes[members, 2:]).max(axis=0)
        if place.scale == 1:
            low = low // _CELL * _CELL
            ink = blobs.mask(members, (low[0], low[1], high[0], high[1]), _CELL)
            outline = (blobs.outline(members) - low) // _CELL  # strokes may be thinner than a cell
            ink[outline[:, 1], outline[:, 0]] = True
            low = low // _CELL
        else:  # a broad pixel covers several cells
            side = max(round(place.scale) // _CELL, 1)
            ink = blobs.mask(members, (low[0], low[1], high[0], high[1])).repeat(side, axis=0).repeat(side, axis=1)
            low = low * side
        rimmed = np.zeros((ink.shape[0] + 2 * _RIM, ink.shape[1] + 2 * _RIM), bool)
        rimmed[_RIM:-_RIM, _RIM:-_RIM] = ink
        return cls(rimmed, int(low[1]) - _RIM, int(low[0]) - _RIM)

    def rim(self) -> NDArray[np.bool_]:
        """The cells around the ink."""
        ink = self.ink.view(np.uint8)
        return cv2.subtract(cv2.dilate(ink, np.ones((2 * _RIM + 1,) * 2, np.uint8)), ink).view(bool)

    def along(self, other: _Cells) -> float:
        """Share of the cells around this ink that are the other's ink."""
        rim = self.rim()
        top, left = max(self.top, other.top), max(self.left, other.left)
        bottom = min(self.top + self.ink.shape[0], other.top + other.ink.shape[0])
        right = min(self.left + self.ink.shape[1], other.left + other.ink.shape[1])
        if bottom <= top or right <= left:
            return 0.0
        mine = rim[top - self.top : bottom - self.top, left - self.left : right - self.left]
        others = other.ink[top - other.top : bottom - other.top, left - other.left : right - other.left]
        return float(np.count_nonzero(mine & others)) / max(int(np.count_nonzero(rim)), 1)


def choose(places: Sequence[Place], shape: tuple[int, int], max_lines: int, is_crop: bool = False) -> list[list[Place]]:
    """The best places of a plane of that height and width; each with what else covers the same box.

    ``is_crop``: the picture was cut around one number, so what is much lower than the main line is dirt.

    Ink is given to one place only; broad strokes take it back from thin ones that cover little of them. Ink inside
    the box of another place is kept where it may be a number in a frame.
    """
    floor = max(MIN_SCORE, _MIN_SHARE * max((place.score for place in places), default=0.0))
    choice = _Choice((shape[0] // _CELL + 2 + 2 * _RIM, shape[1] // _CELL + 2 + 2 * _RIM), max_lines, is_crop)
    for place in sorted(places, key=lambda place: (place.scale, -place.rank)):
        if place.score >= floor:
            choice.offer(place)
    return choice.groups()


class _Choice:
    """Places that were kept so far, and whose ink each cell is."""

    def __init__(self, shape: tuple[int, int], max_lines: int, is_crop: bool) -> None:
        self._owner = np.full(shape, -1, np.int16)
        self._kept: list[list[Place]] = []
        self._cells: list[_Cells] = []
        self._gone: set[int] = set()
        self._max_lines = max_lines
        self._is_crop = is_crop

    def groups(self) -> list[list[Place]]:
        """What is left, the largest and best first, within the limit of lines."""
        kept = [group for index, group in enumerate(self._kept) if index not in self._gone]
        if self._is_crop and kept:
            main = max(kept, key=lambda group: group[0].rank)[0]
            kept = [group for group in kept if _height(group[0]) > _MIN_BESIDE * _height(main)]
        chosen: list[list[Place]] = []
        left = self._max_lines
        for group in sorted(kept, key=lambda group: -group[0].rank):
            size = sum(len(place.lines) for place in group)
            if size <= left:
                chosen.append(group)
                left -= size
        return chosen

    def offer(self, place: Place) -> None:
        """Keep the place, or not; drop kept ones that it outdoes."""
        cells = _Cells.of(place)
        owners = self._window(cells)[cells.ink]
        covered = float((owners >= 0).mean())
        if covered > (_SAME_INK if place.scale == 1 else _BROAD_COVERED):
            return
        alive = [index for index in range(len(self._kept)) if index not in self._gone]
        pieces = set() if place.scale == 1 else {index for index in alive if self._is_piece(index, owners)}
        twin = next((index for index in alive if _overlap(place, self._kept[index][0])[0] > _SAME_BOX), None)
        if twin is not None and twin not in pieces:
            if len(self._kept[twin]) < _MAX_ALTERNATIVES:
                self._kept[twin].append(place)
            return
        others = [index for index in alive if index not in pieces]
        verdicts = [_verdict(place, cells, self._kept[index][0], self._cells[index]) for index in others]
        if _Verdict.DROP in verdicts:
            return
        outdone = {index for index, verdict in zip(others, verdicts, strict=True) if verdict is _Verdict.REPLACE}
        self._gone |= pieces | outdone
        self._window(cells)[cells.ink] = len(self._kept)
        self._kept.append([place])
        self._cells.append(cells)

    def _window(self, cells: _Cells) -> NDArray[np.int16]:
        """The part of the grid under a place's cells; the grid has room for their rims."""
        top, left = cells.top + _RIM, cells.left + _RIM
        return self._owner[top : top + cells.ink.shape[0], left : left + cells.ink.shape[1]]

    def _is_piece(self, index: int, owners: NDArray[np.int16]) -> bool:
        """Whether a kept place is no text by itself and most of its cells are among those with the given owners."""
        if self._kept[index][0].is_text():
            return False
        own = int(np.count_nonzero(self._owner == index))
        return int(np.count_nonzero(owners == index)) > _PIECE * max(own, 1)


def _verdict(new: Place, new_cells: _Cells, old: Place, old_cells: _Cells) -> _Verdict:
    if _overlap(new, old)[1] < _INSIDE:
        return _Verdict.KEEP
    new_inside = new.area < old.area
    inner, inner_cells, outer, outer_cells = (
        (new, new_cells, old, old_cells) if new_inside else (old, old_cells, new, new_cells)
    )
    if inner.is_text() and len(outer.lines[0].spans) == 1:
        return _Verdict.KEEP
    if inner_cells.along(outer_cells) > _MAX_ALONG:  # a hole of the outer one, or digits on a plate
        outer_wins = not (outer.full() and inner.drawn() and inner.score > _MIN_FRAMED_SCORE)
    elif len(outer.lines[0].spans) > 1:  # a line is no frame, unless what is in it is much lower and as good
        much_lower = _height(inner) < _MUCH_LOWER * _height(outer) and inner.drawn()
        is_patch = len(inner.lines[0].spans) == 1 and len(outer.lines[0].spans) > 2
        outer_wins = is_patch or inner.score < (_AS_GOOD if much_lower else _BETTER) * outer.score
        if not outer_wins:
            return _Verdict.KEEP
    else:
        low_inner = _height(inner) < _MIN_INSIDE_HEIGHT * _height(outer)
        outer_wins = low_inner or inner.score < _MIN_FRAMED_SCORE
    return _Verdict.DROP if outer_wins == new_inside else _Verdict.REPLACE


def _height(place: Place) -> float:
    return place.lines[0].height * place.scale


def _overlap(one: Place, two: Place) -> tuple[float, float]:
    """Intersection over union, and over the smaller one."""
    first, second = one.box, two.box
    if max(first[0], second[0]) >= min(first[2], second[2]) or max(first[1], second[1]) >= min(first[3], second[3]):
        return 0.0, 0.0
    common = float(cv2.intersectConvexConvex(one.corners, two.corners)[0])
    return common / max(one.area + two.area - common, 1e-6), common / max(min(one.area, two.area), 1e-6)
