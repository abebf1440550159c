"""Glyphs -> groups that may stand on one line, at several tilts: which they are, at which angle, how well it fits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.detection.shapes.blobs import Blobs

from .glyphs import Extents, extents_of, link, median

_TILTS: Final = (0.0, 32.0, -32.0)  # degrees; links bridge the angles between them
_MIN_TILT: Final = 3.0  # degrees; less is left upright
_REFINED_TILT: Final = 8.0  # from here on the angle is measured twice
_MAX_TILT: Final = 50.0
_UPRIGHT_FAVOUR: Final = 1.2  # times the worth of a tilted line
_TIDY: Final = 0.72  # median height of the digits over the line's height
_MIN_PAIR_TILT: Final = 9.0  # two glyphs of unlike size feign smaller ones
_PIECES: Final = 1.3  # pieces of a digit on average, from which on it is one of a display
_MIN_CLARITY: Final = 0.55  # of the median of a line's glyphs


@dataclass(frozen=True)
class Candidate:
    """Glyphs that may stand on a line of that angle (degrees): rows of the blobs, and their boxes along the line."""

    worth: float
    glyphs: NDArray[np.int64]
    extents: Extents
    angle: float

    def without(self, taken: NDArray[np.bool_]) -> Candidate:
        """What is left when the glyphs that another line has are taken out."""
        rows = np.flatnonzero(~taken[self.glyphs])
        return replace(self, glyphs=self.glyphs[rows], extents=self.extents.take(rows))


def candidates(blobs: Blobs, glyphs: NDArray[np.int64]) -> list[Candidate]:
    """Groups of glyphs at several tilts, with their worth and exact angle; they overlap.

    What makes a tidy line upright is not looked at under a tilt.
    """
    found: list[Candidate] = []
    rest = glyphs
    for tilt in _TILTS:
        if tilt != 0 and len(rest) < 2:
            break
        untidy = []
        extents = extents_of(blobs, rest, tilt)
        for group in _groups(extents, blobs.contrast[rest], blobs.quality[rest]):
            members, boxes = rest[group], extents.take(group)
            slope, count = _slope(boxes)
            if tilt != 0 and (count < 2 or slope is None):
                continue
            angle = tilt + (slope or 0.0)
            if abs(angle) > _MAX_TILT:
                continue
            if abs(angle) > _REFINED_TILT:  # boxes of glyphs are tight only in their own frame
                angle += _slope(extents_of(blobs, members, angle))[0] or 0.0
            angle = angle if abs(angle) >= _MIN_TILT else 0.0
            if angle != tilt:
                boxes = extents_of(blobs, members, angle)
            worth, compact = _worth(boxes)
            found.append(Candidate(worth * (_UPRIGHT_FAVOUR if tilt == 0 else 1.0), members, boxes, angle))
            if count < 2 or compact < _TIDY:
                untidy.append(members)
        if tilt == 0:
            rest = np.sort(np.concatenate([*untidy, rest[:0]]))
    return found


def _groups(extents: Extents, contrast: NDArray[np.float32], quality: NDArray[np.float32]) -> list[NDArray[np.int64]]:
    """Linked glyphs; shadows and reflections among sharper glyphs are left out, and with them what they linked."""
    groups = []
    for group in _bridged(extents, contrast, link(extents, contrast)):
        clarity = quality[group] * contrast[group]
        sharp = group[clarity > _MIN_CLARITY * median(clarity)]
        if len(sharp) == len(group):
            groups.append(group)
        else:
            groups += [sharp[part] for part in link(extents.take(sharp), contrast[sharp])]
    return groups


def _bridged(
    extents: Extents, contrast: NDArray[np.float32], groups: list[NDArray[np.int64]]
) -> list[NDArray[np.int64]]:
    """Digits made of pieces (a display's) are linked once more by the digits' size: gaps that are wide for a piece."""
    boxes = [extents.take(group) for group in groups]
    pieced = [row for row, box in enumerate(boxes) if len(box.u0) >= _PIECES * len(box.digits.u0)]
    if len(pieced) < 2:
        return groups
    around = [(box.u0.min(), box.u1.max(), box.v0.min(), box.v1.max()) for box in (boxes[row] for row in pieced)]
    whole = Extents(*np.array(around, np.float32).T)
    strongest = np.array([contrast[groups[row]].max() for row in pieced], np.float32)
    rest = [group for row, group in enumerate(groups) if row not in pieced]
    return rest + [np.concatenate([groups[pieced[part]] for part in parts]) for parts in link(whole, strongest)]


def _slope(extents: Extents) -> tuple[float | None, int]:
    """Degrees by which the base line departs from the frame's, or ``None`` where tops and bottoms disagree.

    Also the number of digits it was measured on.
    """
    height = extents.digits.height()
    digits = extents.digits.take(np.flatnonzero(height > 0.5 * height.max()))
    count = len(digits.u0)
    if count < 2:
        return None, count
    center = (digits.u0 + digits.u1) / 2
    spread = center - center.mean()
    total = max(float((spread**2).sum()), 1.0)
    top = float((spread * digits.v0).sum()) / total
    bottom = float((spread * digits.v1).sum()) / total
    if count == 2:
        alike = digits.height().min() > 0.75 * digits.height().max() and abs(top - bottom) < 0.12
        degrees = float(np.degrees(np.arctan((top + bottom) / 2)))
        return (degrees if alike and abs(degrees) > _MIN_PAIR_TILT else None), count
    if top * bottom <= 0:
        return 0.0, count
    return float(np.degrees(np.arctan(min(top, bottom, key=abs)))), count


def _worth(extents: Extents) -> tuple[float, float]:
    """How well an angle explains a group: many digits, and a line not much taller than they are.

    Also the digits' median height as a share of the line's.
    """
    height = extents.digits.height()
    full = height[height > 0.5 * height.max()]
    compact = float(median(full)) / float(extents.v1.max() - extents.v0.min())
    return len(full) * compact, compact
