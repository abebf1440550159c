"""Masks of ink -> blobs: connected strokes, told from ghosts of the ground, shadows, holes and gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from .ink import Ink, find_ink, pixel_noise

_MAX_JUMPS: Final = 0.2  # of a blob's outline; where the ground jumps instead of the plane, the blob is a ghost
_MIN_SHARP: Final = 0.5  # of a blob's outline; what fades out without an edge is a shadow
STEP: Final = 0.18  # of a blob's contrast, from pixel to pixel, that makes an edge
_NOISE_STEP: Final = 0.8  # times the noise, which makes steps too
_MAX_ENCLOSED: Final = 0.75  # of a blob's outline that runs along ink of the other polarity
PLATE_FILL: Final = 0.45  # of its box; digits fill less of theirs
MIN_DRAWN: Final = 1.15  # windings that a hole in a digit does not reach
_MAX_GAP_SHARE: Final = 0.3
_MIN_AREA: Final = 5  # pixels of the plane
_MAX_BLOBS: Final = 400  # the strongest are kept; a plane with more is texture
_NEAR: Final = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class Blobs:
    """Connected strokes of one plane and polarity; every array has one row a blob.

    ``boxes`` int32 [n, 4] x, y, width, height; ``area`` pixels; ``contrast`` mean
    difference to the ground, relative to the light, in grey levels of white paper;
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

    def fill(self) -> NDArray[np.float32]:
        """Share of the box that is ink."""
        return (self.area / np.maximum(self.boxes[:, 2] * self.boxes[:, 3], 1)).astype(np.float32)

    def windings(self) -> NDArray[np.float32]:
        """Length of the strokes over width plus height of the box: about 1 for a bar, 2 for a digit, more for texture."""
        return (self.area / self.stroke / (self.boxes[:, 2] + self.boxes[:, 3])).astype(np.float32)

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


def find_blobs(plane: NDArray[np.uint8], kernel: int, step: float = STEP) -> tuple[Blobs, Blobs]:
    """Dark blobs and bright blobs of a uint8 [H, W] plane, with strokes narrower than ``kernel`` pixels.

    ``step`` is the share of a blob's contrast that its outline needs from pixel to pixel.
    """
    smooth = cv2.GaussianBlur(plane, (3, 3), 0)
    steep = cv2.morphologyEx(smooth, cv2.MORPH_GRADIENT, _NEAR)
    dark, bright = find_ink(smooth, kernel, pixel_noise(plane))
    return _true_ink(_blobs(dark, steep, step), _blobs(bright, steep, step), plane.shape)


def _blobs(ink: Ink, steep: NDArray[np.uint8], step: float) -> Blobs:
    """The blobs of one polarity whose outline is an edge of the plane, not one of the ground."""
    mask = ink.mask
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_16U)
    points = cv2.findNonZero(mask)
    if points is None:
        return _NO_BLOBS
    points = points.reshape(-1, 2)
    columns, rows = points[:, 0], points[:, 1]
    owner = labels[rows, columns].astype(np.int64)
    area = np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    strength = np.bincount(owner, ink.contrast[rows, columns], count) / area
    relative = np.bincount(owner, ink.relative[rows, columns], count) / area

    rim = np.flatnonzero((mask - cv2.erode(mask, _NEAR))[rows, columns])
    rim_owner, rim_rows, rim_columns = owner[rim], rows[rim], columns[rim]
    rim_length = np.maximum(np.bincount(rim_owner, minlength=count), 1)
    jumps = cv2.morphologyEx(ink.ground, cv2.MORPH_GRADIENT, _NEAR)[rim_rows, rim_columns]
    jump_share = np.bincount(rim_owner, jumps > 0.35 * strength[rim_owner], count) / rim_length
    sharp = steep[rim_rows, rim_columns] > step * strength[rim_owner] + _NOISE_STEP * ink.noise
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
        contrast=relative[keep].astype(np.float32),
        stroke=(2 * area[keep] / rim_length[keep]).astype(np.float32),
        quality=(sharp_share - 2 * jump_share)[keep].astype(np.float32),
        points=points[order],
        starts=np.searchsorted(kept[order], np.arange(len(keep) + 1)),
    )


def _true_ink(dark: Blobs, bright: Blobs, shape: tuple[int, ...]) -> tuple[Blobs, Blobs]:
    """Drop holes of digits and gaps between strokes, which look like ink of the other polarity.

    Holes run along other ink for nearly all of their outline, gaps for much of it; that ink's own outline is at
    least as true an edge.
    """
    if len(dark) == 0 or len(bright) == 0:
        return dark, bright
    by_bright, by_dark = _touching(dark, bright, shape), _touching(bright, dark, shape)
    on_bright, bright_plates = _on_plates(by_bright, dark, bright)
    on_dark, dark_plates = _on_plates(by_dark, bright, dark)
    keep_dark = (on_bright | ~_holes(by_bright, dark, bright, by_dark.sum(axis=1))) & ~dark_plates
    keep_bright = (on_dark | ~_holes(by_dark, bright, dark, by_bright.sum(axis=1))) & ~bright_plates
    gaps_dark = _gaps(by_bright * keep_bright, dark.quality, bright.quality)
    gaps_bright = _gaps(by_dark * keep_dark, bright.quality, dark.quality)
    return dark.take(np.flatnonzero(keep_dark & ~gaps_dark)), bright.take(np.flatnonzero(keep_bright & ~gaps_bright))


def _holes(
    touching: NDArray[np.float64], blobs: Blobs, rivals: Blobs, rival_share: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Blobs with ink of the other polarity all around; of two that surround each other, the more surrounded."""
    share = touching.sum(axis=1)
    scale = np.maximum(share, 1e-6)
    rival_quality = touching @ rivals.quality / scale
    surrounded_rival = touching @ rival_share / scale
    worse = (blobs.quality < rival_quality - 0.05) | (
        (blobs.quality < rival_quality + 0.03) & (share > surrounded_rival)
    )
    return (share > _MAX_ENCLOSED) & worse


def _on_plates(
    touching: NDArray[np.float64], blobs: Blobs, rivals: Blobs
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which blobs are digits on a narrow plate, and which rivals are such plates.

    A plate is full and taller than what is on it; one digit at least is no round patch as holes are, and the others
    are about as tall.
    """
    main = touching.argmax(axis=1)
    height = blobs.boxes[:, 3]
    surrounded = touching.max(axis=1) > _MAX_ENCLOSED
    on_plate = surrounded & (rivals.fill()[main] > PLATE_FILL) & (rivals.boxes[main, 3] > 1.2 * height)
    drawn = on_plate & (blobs.windings() > MIN_DRAWN)
    tallest = np.zeros(len(rivals))
    np.maximum.at(tallest, main[drawn], height[drawn])
    return on_plate & (height > 0.6 * tallest[main]) & (tallest[main] > 0), tallest > 0


def _gaps(
    touching: NDArray[np.float64], quality: NDArray[np.float32], rival_quality: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Blobs with other ink along much of their outline which is the truer edge."""
    share = touching.sum(axis=1)
    return (share > _MAX_GAP_SHARE) & (quality < touching @ rival_quality / np.maximum(share, 1e-6) - 0.1)


def _touching(blobs: Blobs, other: Blobs, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Share of each blob's outline that runs along each blob of the other polarity, [n, n of the other]."""
    columns, rows = blobs.points[:, 0], blobs.points[:, 1]
    own, near = np.zeros(shape[:2], np.uint8), np.zeros(shape[:2], np.uint16)
    own[rows, columns] = 1
    near[other.points[:, 1], other.points[:, 0]] = np.repeat(
        np.arange(1, len(other) + 1, dtype=np.uint16), np.diff(other.starts)
    )
    rim = np.flatnonzero((own - cv2.erode(own, _NEAR))[rows, columns])
    neighbour = cv2.dilate(near, np.ones((7, 7), np.uint8))[rows[rim], columns[rim]].astype(np.int64)
    owner = np.repeat(np.arange(len(blobs)), np.diff(blobs.starts))[rim]
    cells = len(other) + 1
    table = np.bincount(owner * cells + neighbour, minlength=len(blobs) * cells).reshape(len(blobs), cells)
    return table[:, 1:] / np.maximum(table.sum(axis=1, keepdims=True), 1)
