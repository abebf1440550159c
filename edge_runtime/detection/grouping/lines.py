"""Blobs of ink -> lines: glyphs that stand beside each other on a common base line, tilted up to 45 degrees."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.detection.shapes.blobs import Blobs

from .glyphs import MIN_HEIGHT, Extents, extents_of, glyph_rows, is_solid, median, turn
from .tilts import Candidate, candidates

_CRUMB_REACH: Final = 0.22  # of the line's height: strokes as near as this belong to the line's glyphs
_MIN_CRUMB_CONTRAST: Final = 0.38  # of the strongest glyph's
_MAX_PIECES: Final = 9  # above each other, on average; a display's digit has seven, texture any number
_BAR: Final = 0.35  # width / height of such a piece at most
_DIGIT: Final = 0.3  # of the tallest: lower pieces are marks, not digits
_TAIL: Final = 0.25  # of the other digits' height by which a foot reaches below theirs
_TAIL_KEPT: Final = 0.12  # of that height, so that it is seen to go on
_JUT: Final = 0.07  # of the height by which a piece of a frame juts out above and below a line


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


def find_lines(blobs: Blobs, shape: tuple[int, int]) -> list[tuple[InkLine, ...]]:
    """Places of one polarity, best first; each has the likeliest line and, where in doubt, alternatives.

    ``shape`` is the plane's height and width.
    """
    glyphs = glyph_rows(blobs, shape)
    if len(glyphs) == 0:
        return []
    places = []
    taken = np.zeros(len(blobs), bool)
    for candidate in sorted(candidates(blobs, glyphs), key=lambda candidate: -candidate.worth):
        if taken[candidate.glyphs].any():
            candidate = candidate.without(taken)
            if len(candidate.glyphs) == 0 or candidate.angle != 0:
                continue
        taken[candidate.glyphs] = True
        place = _place(blobs, candidate, shape)
        if place:
            places.append(place)
    places.sort(key=lambda place: -place[0].score)
    return places


def _place(blobs: Blobs, candidate: Candidate, shape: tuple[int, int]) -> tuple[InkLine, ...]:
    """The line of a group, then its alternatives: upright where the tilt is doubtful, without jutting end pieces."""
    group, extents, angle = candidate.glyphs, candidate.extents, candidate.angle
    line = _line(blobs, candidate, shape)
    if line is None:
        return ()
    variants = [line]
    if angle != 0 and len(extents.digits.u0) <= 3:
        upright = replace(candidate, extents=extents_of(blobs, group, 0.0), angle=0.0)
        variants.append(_line(blobs, upright, shape) or line)
    inner = _without_frame_ends(extents, shape[1] if angle == 0 else None)
    if len(inner) < len(group):
        unframed = replace(candidate, glyphs=group[inner], extents=extents.take(inner))
        variants.append(_line(blobs, unframed, shape) or line)
    body = _without_tails(line, extents)
    if body is not None:
        variants.append(body)
    return tuple(variant for index, variant in enumerate(variants) if index == 0 or variant is not line)


def _without_tails(line: InkLine, extents: Extents) -> InkLine | None:
    """The line cut off below most of its digits, where one of them reaches far down: else the rest come out small."""
    height = extents.digits.height()
    digits = extents.digits.take(np.flatnonzero(height > _DIGIT * height.max()))
    if len(digits.u0) < 2:
        return None
    top, bottom = float(extents.v0.min()), float(extents.v1.max())
    feet = np.sort(digits.v1)
    foot = float(feet[(len(feet) - 1) // 2])
    body = foot - top
    if bottom - foot < _TAIL * body:
        return None
    share = (body + _TAIL_KEPT * body) / max(bottom - top, 1.0)
    corners = line.corners.copy()
    corners[2] = corners[1] + share * (corners[2] - corners[1])
    corners[3] = corners[0] + share * (corners[3] - corners[0])
    return replace(line, corners=corners, height=line.height * share)


def _without_frame_ends(extents: Extents, width: int | None) -> NDArray[np.int64]:
    """Rows that remain when end pieces that may belong to a frame are left out.

    Such a piece is a bar that juts out above and below the rest, or stands at the side of the picture, ``width``
    pixels wide (``None``: the line is tilted).
    """
    rows = np.argsort(extents.u0 + extents.u1)
    changed = True
    while changed and len(rows) > 3:
        changed = False
        for end, rest in ((rows[-1], rows[:-1]), (rows[0], rows[1:])):
            if extents.u1[end] - extents.u0[end] >= _BAR * (extents.v1[end] - extents.v0[end]):
                continue
            top, bottom = extents.v0[rest].min(), extents.v1[rest].max()
            jut = _JUT * (bottom - top)
            juts = extents.v0[end] < top - jut and extents.v1[end] > bottom + jut
            at_side = width is not None and (extents.u0[end] < 1 or extents.u1[end] > width - 1)
            if juts or at_side:
                rows, changed = rest, True
                break
    return rows


def _line(blobs: Blobs, candidate: Candidate, shape: tuple[int, int]) -> InkLine | None:
    group, extents, angle = candidate.glyphs, candidate.extents, candidate.angle
    if is_solid(blobs, group).all() or len(group) > _MAX_PIECES * len(extents.digits.u0):
        return None
    members = _with_crumbs(blobs, group, extents, angle)
    u, v = turn(blobs.outline(members), angle)
    left, right, top, bottom = u.min() - 0.5, u.max() + 0.5, v.min() - 0.5, v.max() + 0.5
    height, width = float(bottom - top), float(right - left)
    if height < MIN_HEIGHT:
        return None
    cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    ends = ((left, top), (right, top), (right, bottom), (left, bottom))
    corners = np.array([[a * cosine - b * sine, a * sine + b * cosine] for a, b in ends], np.float32)
    weight = blobs.area[members].astype(np.float64)
    contrast = float((blobs.contrast[members] * weight).sum() / weight.sum())
    fill = float(weight.sum()) / max(height * width, 1.0)
    score = _score(height, contrast, fill, extents, shape)
    return InkLine(members, angle, corners, _spans(u, float(left), float(right)), height, contrast, score)


def _with_crumbs(blobs: Blobs, group: NDArray[np.int64], extents: Extents, angle: float) -> NDArray[np.int64]:
    """The group and the small strokes between and right beside its glyphs."""
    is_other = np.ones(len(blobs), bool)
    is_other[group] = False
    others = np.flatnonzero(is_other)
    if len(others) == 0:
        return group
    left, right, top, bottom = extents.u0.min(), extents.u1.max(), extents.v0.min(), extents.v1.max()
    height = bottom - top
    reach = _CRUMB_REACH * height
    near = extents_of(blobs, others, angle)
    joins = (near.u1 > left - reach) & (near.u0 < right + reach)
    joins &= (near.v0 > top - reach) & (near.v1 < bottom + reach)
    joins &= (near.v1 > top - 0.3 * reach) & (near.v0 < bottom + 0.3 * reach)
    joins &= (near.height() < 0.6 * height) & (near.u1 - near.u0 < 0.8 * height)
    joins &= blobs.contrast[others] > blobs.contrast[group].max() * _MIN_CRUMB_CONTRAST
    return np.concatenate([group, others[joins]])


def _spans(u: NDArray[np.float32], left: float, right: float) -> tuple[tuple[float, float], ...]:
    """Runs of columns with ink, as shares of the line's width."""
    columns = np.bincount((u - left).astype(np.int64), minlength=int(right - left) + 1) > 0
    columns[1:-1] |= columns[:-2] & columns[2:]  # outlines of tilted strokes skip columns
    edges = np.flatnonzero(np.diff(np.concatenate([[False], columns, [False]]).astype(np.int8)))
    width = max(right - left, 1.0)
    return tuple(
        (float(start / width), float(min(stop / width, 1.0)))
        for start, stop in zip(edges[::2], edges[1::2], strict=True)
    )


def _score(height: float, contrast: float, fill: float, extents: Extents, shape: tuple[int, int]) -> float:
    """0 to 1: contrast, evenness of height, how much of a line is ink, and size."""
    heights = extents.digits.height()
    even = float(median(heights[heights > 0.45 * heights.max()]) / max(height, 1.0))
    strength = contrast / (contrast + 25.0)
    inked = min(fill / 0.08, 1.0) * min(max((0.95 - fill) / 0.3, 0.0), 1.0)
    size = min(height / (0.05 * max(shape)), 1.0)
    return min(max(strength * (0.4 + 0.6 * even) * (0.3 + 0.7 * inked) * (0.3 + 0.7 * size), 0.0), 1.0)
