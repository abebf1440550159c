"""A grey plane -> blobs of ink: connected strokes that are darker (or brighter) than the ground around them.

Ground is what a grey closing (for dark ink; an opening for bright ink) leaves over: whatever is narrower than
the kernel is filled, so strokes vanish while shadow edges and vignetting stay. The difference to the plane is
the ink's contrast. A pixel is ink where its contrast reaches both a noise floor, estimated from the whole plane,
and a share of the strongest contrast near it, so that faint strokes are found and dark ones are not fattened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

PEAK_SHARE: Final = 0.42  # of the strongest contrast nearby that a pixel needs
MIN_CONTRAST: Final = 9.0  # grey levels; sensor noise of blank paper stays below after smoothing
_NOISE_FACTOR: Final = 6.0  # times the spread of the contrast's lower half
_STEP: Final = 4  # the local peak is computed on every fourth pixel
_RULING_SHARE: Final = 0.45  # of the picture's side; a straight run as long is no part of a digit
_RULING_WIDTH: Final = 9  # pixels; a line as wide is not taken for a ruling
_MAX_JUMPS: Final = 0.2  # of a blob's outline; where the ground jumps instead of the plane, the blob is a ghost
_MIN_SHARP: Final = 0.5  # of a blob's outline; what fades out without an edge is a shadow
_MAX_ENCLOSED: Final = 0.75  # of a blob's outline that runs along ink of the other polarity
_NEAR: Final = np.ones((3, 3), np.uint8)
_MIN_AREA: Final = 5  # pixels of the plane
_MAX_BLOBS: Final = 400  # the strongest are kept; a plane with more is texture


@dataclass(frozen=True)
class Blobs:
    """Connected strokes of one plane and polarity; every array has one row a blob.

    ``boxes`` int32 [n, 4] x, y, width, height; ``area`` pixels; ``contrast`` mean grey levels above the ground;
    ``stroke`` mean width of the strokes in pixels; ``quality`` up to 1, how much of the outline is a true edge;
    ``points`` int32 [m, 2] x, y of all ink pixels, sorted by blob; ``starts`` int [n + 1] where each blob begins.
    """

    boxes: NDArray[np.int32]
    area: NDArray[np.int32]
    contrast: NDArray[np.float32]
    stroke: NDArray[np.float32]
    quality: NDArray[np.float32]
    points: NDArray[np.int32]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.area)

    def pixels(self, members: NDArray[np.int64]) -> NDArray[np.int32]:
        """x, y of all pixels of the blobs ``members``, int32 [k, 2]."""
        return np.concatenate([self.points[self.starts[index] : self.starts[index + 1]] for index in members])

    def take(self, members: NDArray[np.int64]) -> Blobs:
        """The blobs ``members`` alone."""
        if len(members) == len(self):
            return self
        if len(members) == 0:
            return _NO_BLOBS
        starts = np.concatenate([[0], np.cumsum(self.starts[members + 1] - self.starts[members])])
        return Blobs(
            self.boxes[members],
            self.area[members],
            self.contrast[members],
            self.stroke[members],
            self.quality[members],
            self.pixels(members),
            starts,
        )


_NO_BLOBS: Final = Blobs(
    np.zeros((0, 4), np.int32),
    np.zeros(0, np.int32),
    *(np.zeros(0, np.float32),) * 3,
    np.zeros((0, 2), np.int32),
    np.zeros(1, np.int64),
)


def find_blobs(plane: NDArray[np.uint8], kernel: int) -> tuple[Blobs, Blobs]:
    """Dark blobs and bright blobs of a uint8 [H, W] plane, with strokes narrower than ``kernel`` pixels."""
    smooth = cv2.GaussianBlur(plane, (3, 3), 0)
    window = cv2.getStructuringElement(cv2.MORPH_RECT, (kernel, kernel))
    steep = cv2.morphologyEx(smooth, cv2.MORPH_GRADIENT, _NEAR)
    closed = cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, window)
    opened = cv2.morphologyEx(smooth, cv2.MORPH_OPEN, window)
    dark = _blobs(cv2.subtract(closed, smooth), closed, steep, kernel)
    bright = _blobs(cv2.subtract(smooth, opened), opened, steep, kernel)
    return _without_holes(dark, bright, plane.shape), _without_holes(bright, dark, plane.shape)


def noise_floor(contrast: NDArray[np.uint8]) -> float:
    """The contrast that the ground's own noise and texture do not reach, in grey levels."""
    sample = np.ascontiguousarray(contrast[::2, ::2]).reshape(-1)
    ranks = [len(sample) // 4, len(sample) // 2, int(len(sample) * 0.97)]
    low, middle, high = (float(value) for value in np.partition(sample, ranks)[ranks])
    floor = middle + _NOISE_FACTOR * (middle - low) + 3
    # On a busy ground (security print) the spread is that of the texture; real ink still stands out of it.
    return max(MIN_CONTRAST, min(floor, max(0.5 * high, middle + 10)))


def _threshold(contrast: NDArray[np.uint8], kernel: int) -> NDArray[np.uint8]:
    """Ink mask, uint8 0 or 1."""
    height, width = contrast.shape
    coarse = cv2.dilate(contrast, np.ones((_STEP, _STEP), np.uint8))[_STEP // 2 :: _STEP, _STEP // 2 :: _STEP]
    if coarse.size == 0:
        coarse = contrast
    reach = max(kernel // _STEP, 1) | 1
    peak = cv2.blur(cv2.dilate(coarse, np.ones((reach, reach), np.uint8)), (reach, reach))
    peak = cv2.resize(peak, (width, height), interpolation=cv2.INTER_LINEAR)
    level = np.maximum(cv2.convertScaleAbs(peak, alpha=PEAK_SHARE), np.uint8(noise_floor(contrast)))
    return _without_rulings((contrast > level).view(np.uint8))


def _without_rulings(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Remove thin straight lines that run along half of the picture or more: rulings, underlines, paper edges."""
    for length, across in ((mask.shape[1], (1, 0)), (mask.shape[0], (0, 1))):
        run = max(int(length * _RULING_SHARE), 24)
        along_kernel = np.ones((run, 1) if across == (0, 1) else (1, run), np.uint8)
        bridge_kernel = np.ones((3, 5) if across == (1, 0) else (5, 3), np.uint8)
        rulings = cv2.morphologyEx(cv2.dilate(mask, bridge_kernel), cv2.MORPH_OPEN, along_kernel)
        if cv2.countNonZero(rulings):
            thick = np.ones((_RULING_WIDTH, 1) if across == (1, 0) else (1, _RULING_WIDTH), np.uint8)
            solid = cv2.morphologyEx(mask, cv2.MORPH_OPEN, thick)
            mask = cv2.subtract(mask, cv2.subtract(rulings, solid))
    return mask


def _blobs(
    contrast: NDArray[np.uint8], ground: NDArray[np.uint8], steep: NDArray[np.uint8], kernel: int
) -> Blobs:
    """The blobs of one polarity whose outline is an edge of the plane, not one of the ground."""
    mask = _threshold(contrast, kernel)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_16U)
    points = cv2.findNonZero(mask)
    if points is None:
        return _NO_BLOBS
    points = points.reshape(-1, 2)
    columns, rows = points[:, 0], points[:, 1]
    owner = labels[rows, columns].astype(np.int64)
    area = np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    strength = np.bincount(owner, contrast[rows, columns], count) / area

    rim = np.flatnonzero((mask - cv2.erode(mask, _NEAR))[rows, columns])
    rim_owner, rim_rows, rim_columns = owner[rim], rows[rim], columns[rim]
    rim_length = np.maximum(np.bincount(rim_owner, minlength=count), 1)
    jumps = cv2.morphologyEx(ground, cv2.MORPH_GRADIENT, _NEAR)[rim_rows, rim_columns]
    jump_share = np.bincount(rim_owner, jumps > 0.35 * strength[rim_owner], count) / rim_length
    sharp = steep[rim_rows, rim_columns] > 0.18 * strength[rim_owner]
    sharp_share = np.bincount(rim_owner, sharp, count) / rim_length

    good = (area >= _MIN_AREA) & (jump_share < _MAX_JUMPS) & (sharp_share > _MIN_SHARP)
    good[0] = False
    keep = np.flatnonzero(good)
    if len(keep) > _MAX_BLOBS:
        keep = np.sort(keep[np.argsort(-(strength * np.sqrt(area))[keep])[:_MAX_BLOBS]])
    if len(keep) == 0:
        return _NO_BLOBS
    rank = np.full(count, -1, np.int64)
    rank[keep] = np.arange(len(keep))
    kept = rank[owner]
    order = np.argsort(kept, kind="stable")
    order = order[np.searchsorted(kept[order], 0) :]
    return Blobs(
        boxes=stats[keep, :4].astype(np.int32),
        area=area[keep].astype(np.int32),
        contrast=strength[keep].astype(np.float32),
        stroke=(2 * area[keep] / rim_length[keep]).astype(np.float32),
        quality=(sharp_share - 2 * jump_share)[keep].astype(np.float32),
        points=points[order],
        starts=np.searchsorted(kept[order], np.arange(len(keep) + 1)),
    )


def _without_holes(blobs: Blobs, other: Blobs, shape: tuple[int, ...]) -> Blobs:
    """Drop holes of digits and gaps between strokes, which look like ink of the other polarity.

    They run along true ink for much of their outline, and that ink's own outline is at least as true an edge.
    """
    if len(blobs) == 0 or len(other) == 0:
        return blobs
    columns, rows = blobs.points[:, 0], blobs.points[:, 1]
    own, near_other = np.zeros(shape[:2], np.uint8), np.zeros(shape[:2], np.uint8)
    own[rows, columns] = 1
    quality = np.clip(other.quality * 100, 1, 100).astype(np.uint8)
    near_other[other.points[:, 1], other.points[:, 0]] = np.repeat(quality, np.diff(other.starts))
    near_other = cv2.dilate(near_other, np.ones((7, 7), np.uint8))[rows, columns]
    rim = (own - cv2.erode(own, _NEAR))[rows, columns].astype(np.int64)
    starts = blobs.starts[:-1]
    rim_length = np.maximum(np.add.reduceat(rim, starts), 1)
    touching = np.add.reduceat(rim * (near_other > 0), starts)
    quality_of_other = np.add.reduceat(rim * near_other, starts) / np.maximum(touching, 1) / 100
    share = touching / rim_length
    hole = (share > _MAX_ENCLOSED) & (blobs.quality < quality_of_other + 0.03)
    gap = (share > 0.3) & (blobs.quality < quality_of_other - 0.1)
    return blobs.take(np.flatnonzero(~hole & ~gap))
