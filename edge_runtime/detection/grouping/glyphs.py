"""Which blobs of ink may be digits or parts of them, where they lie along a line, and which stand side by side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.detection.shapes.blobs import MIN_DRAWN, Blobs

MIN_HEIGHT: Final = 7.0  # pixels of the plane; smaller glyphs cannot be told from noise
MAX_GAP: Final = 1.9  # of the taller glyph's height, between two glyphs of one line
_MAX_GAP_OF_SMALLER: Final = 4.5
_MIN_OVERLAP: Final = 0.35  # of the smaller glyph's height, across the line
_MAX_HEIGHT_RATIO: Final = 3.4
_MAX_CONTRAST_RATIO: Final = 2.6
_MAX_WINDINGS: Final = 3.6  # length of strokes over width plus height; linked cursive digits stay below 3.2
_MAX_FRAMES: Final = 24  # the tallest are looked at
_MIN_FRAMED: Final = 0.25  # of the height around it; the dot in a zero is smaller
_MIN_FRAMED_ROW: Final = 0.12  # the same where several stand inside
_SOLID_STROKE: Final = 0.45  # of the height; strokes of digits are thinner
_FRAGMENT_GAP: Final = 0.16  # of the taller one; pieces as near are parts of one glyph


@dataclass(frozen=True)
class Extents:
    """Boxes in a frame turned by some angle: u along the line, v across it; float32 [n] each."""

    u0: NDArray[np.float32]
    u1: NDArray[np.float32]
    v0: NDArray[np.float32]
    v1: NDArray[np.float32]

    def height(self) -> NDArray[np.float32]:
        """Sizes across the line."""
        return self.v1 - self.v0

    def take(self, rows: NDArray[np.int64]) -> Extents:
        """The boxes ``rows`` alone."""
        return Extents(self.u0[rows], self.u1[rows], self.v0[rows], self.v1[rows])

    @cached_property
    def digits(self) -> Extents:
        """Pieces that stand above each other (segments of a display) joined into digits, left to right."""
        joined: list[list[float]] = []
        for u0, u1, v0, v1 in np.stack([self.u0, self.u1, self.v0, self.v1], axis=1)[np.argsort(self.u0)].tolist():
            last = joined[-1] if joined else None
            if last is not None and min(u1, last[1]) - u0 > 0.5 * min(u1 - u0, last[1] - last[0]):
                joined[-1] = [last[0], max(u1, last[1]), min(v0, last[2]), max(v1, last[3])]
            else:
                joined.append([u0, u1, v0, v1])
        return Extents(*np.array(joined, np.float32).T)


def glyph_rows(blobs: Blobs, shape: tuple[int, int]) -> NDArray[np.int64]:
    """Rows of the blobs that may be digits or large parts of them."""
    if len(blobs) == 0:
        return np.zeros(0, np.int64)
    width, height = blobs.boxes[:, 2:].T.astype(np.float32)
    size = np.maximum(width, height)
    fill = blobs.fill
    block = (fill > 0.88) & (width > 0.7 * height) & (width < 2 * height) & (blobs.windings < MIN_DRAWN)
    long = (width > 6 * height) | (height > 14 * width)
    spans_picture = ((width > 0.97 * shape[1]) | (height > 0.97 * shape[0])) & (fill < 0.12)
    good = (size >= MIN_HEIGHT) & (height >= 0.35 * MIN_HEIGHT) & ~block & ~long & ~spans_picture
    good &= blobs.windings < _MAX_WINDINGS
    good &= ~_frames(blobs, good)
    return np.flatnonzero(good)


def is_solid(blobs: Blobs, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Blobs without strokes: bars, blocks, whole displays. They may be parts of a digit but none by themselves."""
    return blobs.stroke[rows] > _SOLID_STROKE * blobs.boxes[rows, 3]


def _frames(blobs: Blobs, good: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Blobs that run around others of a fair size on all four sides: window frames, rings of signs."""
    frames = np.zeros(len(blobs), bool)
    rows = np.flatnonzero(good)
    if len(rows) < 2:
        return frames
    left, top, width, height = blobs.boxes[rows].T.astype(np.float32)
    right, bottom = left + width, top + height
    outer = np.argsort(-height)[:_MAX_FRAMES]
    inside = (left > left[outer, None]) & (top > top[outer, None])
    inside &= (right < right[outer, None]) & (bottom < bottom[outer, None])
    for index, within in zip(outer[inside.any(axis=1)], inside[inside.any(axis=1)], strict=True):
        tall = within & (height > _MIN_FRAMED * height[index])
        small = within & (height > _MIN_FRAMED_ROW * height[index])
        within = tall if tall.any() or np.count_nonzero(small) < 2 else small
        if within.any() and _runs_around(blobs.outline(rows[index : index + 1]), left + right, top + bottom, within):
            frames[rows[index]] = True
    return frames


def _runs_around(
    pixels: NDArray[np.int32],
    twice_x: NDArray[np.float32],
    twice_y: NDArray[np.float32],
    inside: NDArray[np.bool_],
) -> bool:
    """Whether one of the centres, given doubled, has pixels to the left, to the right, above and below."""
    for inner in np.flatnonzero(inside):
        column, row = twice_x[inner] / 2, twice_y[inner] / 2
        across = pixels[np.abs(pixels[:, 1] - row) <= 1, 0]
        down = pixels[np.abs(pixels[:, 0] - column) <= 1, 1]
        if len(across) and len(down) and across.min() < column < across.max() and down.min() < row < down.max():
            return True
    return False


def extents_of(blobs: Blobs, rows: NDArray[np.int64], angle: float) -> Extents:
    """Boxes of the blobs ``rows`` in a frame turned by ``angle`` degrees."""
    if angle == 0:
        x, y, width, height = blobs.boxes[rows].T.astype(np.float32)
        return Extents(x, x + width, y, y + height)
    u, v = turn(blobs.outline(rows), angle)
    counts = blobs.starts[rows + 1] - blobs.starts[rows]
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    half = np.float32(0.5)
    return Extents(
        np.minimum.reduceat(u, starts) - half,
        np.maximum.reduceat(u, starts) + half,
        np.minimum.reduceat(v, starts) - half,
        np.maximum.reduceat(v, starts) + half,
    )


def turn(points: NDArray[np.int32], angle: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Pixels x, y -> their centres' u along and v across a line of that angle."""
    cosine, sine = np.float32(np.cos(np.radians(angle))), np.float32(np.sin(np.radians(angle)))
    x, y = points[:, 0].astype(np.float32) + 0.5, points[:, 1].astype(np.float32) + 0.5
    return x * cosine + y * sine, y * cosine - x * sine


def link(extents: Extents, contrast: NDArray[np.float32]) -> list[NDArray[np.int64]]:
    """Groups of glyphs that stand beside each other, as rows of ``extents``."""
    if len(contrast) < 2:
        return [np.zeros(1, np.int64)] * len(contrast)
    tall, later_start, lower_top, strong = _pairs(np.maximum, extents.height(), extents.u0, extents.v0, contrast)
    small, earlier_end, upper_foot, weak = _pairs(np.minimum, extents.height(), extents.u1, extents.v1, contrast)
    gap, overlap = later_start - earlier_end, upper_foot - lower_top
    near = (gap < MAX_GAP * tall) & (gap < _MAX_GAP_OF_SMALLER * small) & (overlap > _MIN_OVERLAP * small)
    near &= tall < _MAX_HEIGHT_RATIO * small
    reach = _FRAGMENT_GAP * tall
    near |= (gap < reach) & (-overlap < reach)
    near &= strong < _MAX_CONTRAST_RATIO * weak
    np.fill_diagonal(near, True)  # ink as faint as nothing is not even like itself
    return _components(near)


def _pairs(choose: np.ufunc, *values: NDArray[np.float32]) -> NDArray[np.float32]:
    """One of each pair of every array's values, [arrays, n, n]."""
    table = np.stack(values)
    return np.asarray(choose(table[:, :, None], table[:, None, :]))


def _components(near: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Connected components of a symmetric, reflexive relation."""
    count = len(near)
    label = np.arange(count)
    while True:
        lowest = np.where(near, label[None, :], count).min(axis=1)
        lowest = lowest[lowest]
        if (lowest == label).all():
            break
        label = lowest
    order = np.argsort(label, kind="stable")
    label = label[order]
    ends = [*(np.flatnonzero(label[1:] != label[:-1]) + 1).tolist(), count]
    return [order[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def median(values: NDArray[np.float32]) -> np.float32:
    """As ``numpy.median``, which takes ten times as long for a few values."""
    ordered = np.sort(values)
    middle: np.float32 = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / np.float32(2)
    return middle
