"""Blobs of ink -> lines: glyphs that stand beside each other on a common base line, tilted up to 45 degrees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .ink import Blobs

MIN_HEIGHT: Final = 7.0  # pixels of the plane; smaller glyphs cannot be told from noise
MAX_GAP: Final = 1.9  # of the taller glyph's height, between two glyphs of one line
_MIN_OVERLAP: Final = 0.35  # of the smaller glyph's height, across the line
_MAX_HEIGHT_RATIO: Final = 3.4
_MAX_CONTRAST_RATIO: Final = 2.6
_CRUMB_REACH: Final = 0.22  # of the line's height: strokes as near as this belong to the line's glyphs
_TILTS: Final = (0.0, 32.0, -32.0)  # degrees; links bridge the angles between them
_MIN_TILT: Final = 3.0  # degrees; less is left upright
_MAX_TILT: Final = 50.0


@dataclass(frozen=True)
class InkLine:
    """A line in the plane's pixels. ``members`` are rows of the blobs; ``angle`` degrees, clockwise in the picture."""

    members: NDArray[np.int64]
    angle: float
    corners: NDArray[np.float32]  # [4, 2] TL, TR, BR, BL
    spans: tuple[tuple[float, float], ...]
    height: float
    contrast: float
    score: float


@dataclass(frozen=True)
class _Extents:
    """Boxes of glyphs in a frame turned by ``angle`` degrees: u along the line, v across it."""

    u0: NDArray[np.float32]
    u1: NDArray[np.float32]
    v0: NDArray[np.float32]
    v1: NDArray[np.float32]

    def height(self) -> NDArray[np.float32]:
        return self.v1 - self.v0

    def take(self, rows: NDArray[np.int64]) -> _Extents:
        return _Extents(self.u0[rows], self.u1[rows], self.v0[rows], self.v1[rows])


def find_lines(blobs: Blobs, shape: tuple[int, int], min_stroke: float = 0.0) -> list[InkLine]:
    """Lines of one polarity, best first. ``shape`` is the plane's height and width in pixels."""
    glyphs = _glyphs(blobs, shape, min_stroke)
    if len(glyphs) == 0:
        return []
    candidates: list[tuple[float, NDArray[np.int64], float]] = []
    upright = _extents(blobs, glyphs, 0.0)
    for tilt in _TILTS:
        extents = upright if tilt == 0 else _extents(blobs, glyphs, tilt)
        groups = _link(extents, blobs.contrast[glyphs])
        if tilt == 0 and max(len(group) for group in groups) == len(glyphs) == 1:
            candidates.append((1.0, glyphs, 0.0))
            break
        for group in groups:
            if tilt != 0 and len(group) < 2:
                continue
            angle = tilt + _slope(extents.take(group), tilt)
            if abs(angle) > _MAX_TILT:
                continue
            angle = angle if abs(angle) >= _MIN_TILT else 0.0
            candidates.append((_order(blobs, glyphs[group], angle, tilt), glyphs[group], angle))
    lines = []
    taken = np.zeros(len(blobs), bool)
    for _, group, angle in sorted(candidates, key=lambda item: -item[0]):
        if taken[group].any():
            group = group[~taken[group]]
            if len(group) == 0 or angle != 0:
                continue
        taken[group] = True
        line = _line(blobs, group, angle, shape)
        if line is not None:
            lines.append(line)
    lines.sort(key=lambda line: -line.score)
    return lines


def _glyphs(blobs: Blobs, shape: tuple[int, int], min_stroke: float) -> NDArray[np.int64]:
    """Rows of the blobs that may be digits or large parts of them."""
    width, height = blobs.boxes[:, 2].astype(np.float32), blobs.boxes[:, 3].astype(np.float32)
    size = np.maximum(width, height)
    fill = blobs.area / np.maximum(width * height, 1)
    solid = (fill > 0.8) & (width > 0.7 * height)
    long = (width > 6 * height) | (height > 14 * width)
    spans_picture = ((width > 0.97 * shape[1]) | (height > 0.97 * shape[0])) & (fill < 0.12)
    good = (size >= MIN_HEIGHT) & (height >= 0.35 * MIN_HEIGHT) & ~solid & ~long & ~spans_picture
    good &= blobs.stroke >= min_stroke
    good &= ~_frames(blobs, good)
    return np.flatnonzero(good)


def _frames(blobs: Blobs, good: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Blobs that run around others of a fair size on all four sides: window frames, rings of signs."""
    frames = np.zeros(len(blobs), bool)
    boxes = blobs.boxes.astype(np.float32)
    rows = np.flatnonzero(good)
    for outer in rows[np.argsort(-boxes[rows, 3])][:24]:
        x, y, width, height = boxes[outer]
        inside = rows[
            (boxes[rows, 0] > x)
            & (boxes[rows, 1] > y)
            & (boxes[rows, 0] + boxes[rows, 2] < x + width)
            & (boxes[rows, 1] + boxes[rows, 3] < y + height)
            & (boxes[rows, 3] > 0.3 * height)
        ]
        if len(inside) == 0:
            continue
        pixels = blobs.pixels(np.array([outer]))
        for inner in inside:
            column, row = boxes[inner, :2] + boxes[inner, 2:] / 2
            across = pixels[np.abs(pixels[:, 1] - row) <= 1, 0]
            down = pixels[np.abs(pixels[:, 0] - column) <= 1, 1]
            if len(across) and len(down) and across.min() < column < across.max() and down.min() < row < down.max():
                frames[outer] = True
                break
    return frames


def _extents(blobs: Blobs, rows: NDArray[np.int64], angle: float) -> _Extents:
    if angle == 0:
        x, y, width, height = (blobs.boxes[rows, column].astype(np.float32) for column in range(4))
        return _Extents(x, x + width, y, y + height)
    u, v = _turn(blobs.pixels(rows), angle)
    counts = blobs.starts[rows + 1] - blobs.starts[rows]
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    half = np.float32(0.5)
    return _Extents(
        np.minimum.reduceat(u, starts) - half,
        np.maximum.reduceat(u, starts) + half,
        np.minimum.reduceat(v, starts) - half,
        np.maximum.reduceat(v, starts) + half,
    )


def _turn(points: NDArray[np.int32], angle: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Pixel centres -> u along and v across a line of that angle."""
    cosine, sine = np.float32(np.cos(np.radians(angle))), np.float32(np.sin(np.radians(angle)))
    x, y = points[:, 0].astype(np.float32) + 0.5, points[:, 1].astype(np.float32) + 0.5
    return x * cosine + y * sine, y * cosine - x * sine


def _link(extents: _Extents, contrast: NDArray[np.float32]) -> list[NDArray[np.int64]]:
    """Groups of glyphs that stand beside each other, as rows of ``extents``."""
    height = extents.height()
    tall = np.maximum(height[:, None], height[None, :])
    small = np.minimum(height[:, None], height[None, :])
    gap = np.maximum(extents.u0[:, None], extents.u0[None, :]) - np.minimum(extents.u1[:, None], extents.u1[None, :])
    overlap = np.minimum(extents.v1[:, None], extents.v1[None, :]) - np.maximum(
        extents.v0[:, None], extents.v0[None, :]
    )
    strong = np.maximum(contrast[:, None], contrast[None, :])
    weak = np.minimum(contrast[:, None], contrast[None, :])
    near = (gap < MAX_GAP * tall) & (gap < 4.5 * small) & (overlap > _MIN_OVERLAP * small)
    near &= (tall < _MAX_HEIGHT_RATIO * small) & (strong < _MAX_CONTRAST_RATIO * weak)
    # Parts of one glyph (segments of a display, a flag that came loose) touch nearly and may differ in height.
    width = extents.u1 - extents.u0
    size = np.maximum(width, height)
    larger = np.maximum(size[:, None], size[None, :])
    near |= (gap < 0.13 * larger) & (-overlap < 0.13 * larger) & (strong < _MAX_CONTRAST_RATIO * weak)
    return _components(near)


def _components(near: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Connected components of a symmetric relation."""
    count = len(near)
    label = np.arange(count)
    near = near | np.eye(count, dtype=bool)
    while True:
        lowest = np.where(near, label[None, :], count).min(axis=1)
        lowest = lowest[lowest]
        if np.array_equal(lowest, label):
            break
        label = lowest
    order = np.argsort(label, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(label[order])) + 1)


def _slope(extents: _Extents, tilt: float) -> float:
    """Degrees by which the base line differs from ``tilt``: what the glyphs' tops and bottoms agree on."""
    height = extents.height()
    full = height > 0.5 * height.max()
    if full.sum() < 2:
        return 0.0
    center = (extents.u0 + extents.u1)[full] / 2
    spread = center - np.average(center)
    total = float((spread**2).sum())
    if total < 1:
        return 0.0
    top = float((spread * extents.v0[full]).sum()) / total
    bottom = float((spread * extents.v1[full]).sum()) / total
    if top * bottom <= 0:
        return 0.0
    slope = min(top, bottom, key=abs)
    degrees = float(np.degrees(np.arctan(slope)))
    # Two glyphs of unlike size feign a slope; three or more have to agree.
    return degrees if full.sum() > 2 or tilt != 0 or abs(degrees) > 8 else 0.0


def _order(blobs: Blobs, group: NDArray[np.int64], angle: float, tilt: float) -> float:
    """How well the angle explains the group: many glyphs, and a line not much taller than they are."""
    extents = _extents(blobs, group, angle)
    height = extents.height()
    full = height > 0.5 * height.max()
    compact = float(np.median(height[full])) / float(extents.v1.max() - extents.v0.min())
    return float(full.sum()) * compact * (1.2 if tilt == 0 else 1.0)


def _line(blobs: Blobs, group: NDArray[np.int64], angle: float, shape: tuple[int, int]) -> InkLine | None:
    extents = _extents(blobs, group, angle)
    members = _with_crumbs(blobs, group, extents, angle)
    u, v = _turn(blobs.pixels(members), angle)
    left, right, top, bottom = u.min() - 0.5, u.max() + 0.5, v.min() - 0.5, v.max() + 0.5
    height = float(bottom - top)
    if height < MIN_HEIGHT:
        return None
    cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    corners = np.array(
        [
            [a * cosine - b * sine, a * sine + b * cosine]
            for a, b in ((left, top), (right, top), (right, bottom), (left, bottom))
        ],
        np.float32,
    )
    weight = blobs.area[members].astype(np.float64)
    contrast = float(np.average(blobs.contrast[members], weights=weight))
    spans = _spans(u, float(left), float(right))
    fill = float(weight.sum()) / max(height * float(right - left), 1.0)
    return InkLine(members, angle, corners, spans, height, contrast, _score(height, contrast, fill, extents, shape))


def _with_crumbs(blobs: Blobs, group: NDArray[np.int64], extents: _Extents, angle: float) -> NDArray[np.int64]:
    """The group and the small strokes between and right beside its glyphs."""
    others = np.setdiff1d(np.arange(len(blobs)), group)
    if len(others) == 0:
        return group
    left, right, top, bottom = extents.u0.min(), extents.u1.max(), extents.v0.min(), extents.v1.max()
    reach = _CRUMB_REACH * (bottom - top)
    near = _extents(blobs, others, angle)
    contrast = blobs.contrast[group].max()
    joins = (near.u1 > left - reach) & (near.u0 < right + reach)
    joins &= (near.v0 > top - reach) & (near.v1 < bottom + reach)
    joins &= (near.v1 > top - 0.3 * reach) & (near.v0 < bottom + 0.3 * reach)
    joins &= (near.height() < 0.6 * (bottom - top)) & (near.u1 - near.u0 < 0.8 * (bottom - top))
    joins &= blobs.contrast[others] > contrast / _MAX_CONTRAST_RATIO
    return np.concatenate([group, others[joins]])


def _spans(u: NDArray[np.float32], left: float, right: float) -> tuple[tuple[float, float], ...]:
    """Runs of columns with ink, as shares of the line's width."""
    columns = np.bincount((u - left).astype(np.int64), minlength=int(right - left) + 1) > 0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], columns, [False]]).astype(np.int8)))
    width = max(right - left, 1.0)
    return tuple(
        (float(start / width), float(min(stop / width, 1.0)))
        for start, stop in zip(edges[::2], edges[1::2], strict=True)
    )


def _score(height: float, contrast: float, fill: float, extents: _Extents, shape: tuple[int, int]) -> float:
    """0 to 1: contrast, evenness of height, how much of a line is ink, and size."""
    heights = extents.height()
    full = heights[heights > 0.45 * heights.max()]
    even = float(np.median(full) / max(height, 1.0))
    strength = contrast / (contrast + 25.0)
    inked = min(fill / 0.08, 1.0) * min(max((0.95 - fill) / 0.3, 0.0), 1.0)
    size = min(height / (0.05 * max(shape)), 1.0)
    return float(np.clip(strength * (0.4 + 0.6 * even) * (0.3 + 0.7 * inked) * (0.3 + 0.7 * size), 0, 1))
