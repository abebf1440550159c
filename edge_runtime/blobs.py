"""Masks of ink -> blobs: connected strokes, told from ghosts of the ground, shadows, holes and gaps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .ink import Ink, find_ink, pixel_noise
from .opencv import cv2

_MAX_JUMPS: Final = 0.2  # of a blob's outline; where the ground jumps instead of the plane, the blob is a ghost
_JUMP: Final = 0.35  # of a blob's contrast, by which the ground changes from pixel to pixel
_MIN_SHARP: Final = 0.5  # of a blob's outline; what fades out without an edge is a shadow
STEP: Final = 0.18  # of a blob's contrast, from pixel to pixel, that makes an edge
_NOISE_STEP: Final = 0.8  # times the noise, which makes steps too
_MAX_ENCLOSED: Final = 0.75  # of a blob's outline that runs along ink of the other polarity
PLATE_FILL: Final = 0.45  # of its box; digits fill less of theirs
MIN_DRAWN: Final = 1.15  # windings that a hole in a digit does not reach
_MAX_GAP_SHARE: Final = 0.3
_TOUCH: Final = 7  # pixels; outlines of ink and of its holes lie nearer to each other
_MIN_AREA: Final = 5  # pixels of the plane
_MAX_BLOBS: Final = 256  # the strongest are kept; a plane with more is texture
_NEAR: Final = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class Blobs:
    """Connected strokes of one plane and polarity; every array has one row a blob.

    ``boxes`` int32 [n, 4] x, y, width, height; ``area`` pixels; ``contrast`` mean
    difference to the ground, relative to the light, in grey levels of white paper;
    ``stroke`` mean width of the strokes in pixels; ``quality`` up to 1, how much of the outline is a true edge;
    ``rim`` int32 [m, 2] x, y of the pixels along the outlines, sorted by blob; ``starts`` int [n + 1] where each
    blob begins there; ``labels`` uint16 [H, W] and ``ids`` [n]: a blob's pixels are those with its id.
    """

    boxes: NDArray[np.int32]
    area: NDArray[np.int32]
    contrast: NDArray[np.float32]
    stroke: NDArray[np.float32]
    quality: NDArray[np.float32]
    rim: NDArray[np.int32]
    starts: NDArray[np.int64]
    labels: NDArray[np.uint16]
    ids: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.area)

    @cached_property
    def fill(self) -> NDArray[np.float32]:
        """Share of the box that is ink."""
        return (self.area / np.maximum(self.boxes[:, 2] * self.boxes[:, 3], 1)).astype(np.float32)

    @cached_property
    def windings(self) -> NDArray[np.float32]:
        """Length of the strokes over width plus height of the box: 1 for a bar, about 2 for a digit, texture more."""
        return (self.area / self.stroke / (self.boxes[:, 2] + self.boxes[:, 3])).astype(np.float32)

    def outline(self, members: NDArray[np.int64]) -> NDArray[np.int32]:
        """x, y of the pixels along the outlines of the blobs ``members``, int32 [k, 2]."""
        return np.concatenate([self.rim[self.starts[index] : self.starts[index + 1]] for index in members])

    def mask(self, members: NDArray[np.int64], box: tuple[int, int, int, int], step: int = 1) -> NDArray[np.bool_]:
        """Where in the box (left, top, right, bottom) ink of ``members`` is, on every ``step``-th pixel."""
        left, top, right, bottom = box
        is_member = np.zeros(int(self.ids.max()) + 2, bool)
        is_member[self.ids[members]] = True
        window = self.labels[top:bottom:step, left:right:step]
        return is_member[np.minimum(window, len(is_member) - 1)]

    def take(self, members: NDArray[np.int64]) -> Blobs:
        """The blobs ``members`` alone."""
        if len(members) == len(self):
            return self
        if len(members) == 0:
            return _NO_BLOBS
        return replace(
            self,
            boxes=self.boxes[members],
            area=self.area[members],
            contrast=self.contrast[members],
            stroke=self.stroke[members],
            quality=self.quality[members],
            rim=self.outline(members),
            starts=np.concatenate([[0], np.cumsum(np.diff(self.starts)[members])]),
            ids=self.ids[members],
        )


_NO_BLOBS: Final = Blobs(
    boxes=np.zeros((0, 4), np.int32),
    area=np.zeros(0, np.int32),
    contrast=np.zeros(0, np.float32),
    stroke=np.zeros(0, np.float32),
    quality=np.zeros(0, np.float32),
    rim=np.zeros((0, 2), np.int32),
    starts=np.zeros(1, np.int64),
    labels=np.zeros((0, 0), np.uint16),
    ids=np.zeros(0, np.int64),
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
    count, labels = cv2.connectedComponents(ink.mask, connectivity=8, ltype=cv2.CV_16U)
    if count < 2:
        return _NO_BLOBS
    label_of = labels.reshape(-1)
    pixels = np.flatnonzero(ink.mask.view(bool))
    owner = label_of[pixels].astype(np.intp)
    area = np.bincount(owner, minlength=count)
    pixels, owner = pixels[::2], owner[::2]  # half of the pixels are enough for a mean
    sampled = np.maximum(np.bincount(owner, minlength=count), 1)
    strength = np.bincount(owner, ink.contrast.reshape(-1)[pixels], count) / sampled
    relative = np.bincount(owner, ink.relative.reshape(-1)[pixels], count) / sampled

    rim = np.flatnonzero(cv2.subtract(ink.mask, cv2.erode(ink.mask, _NEAR)).view(bool))
    rim_label = label_of[rim]
    owner = rim_label.astype(np.intp)
    rim_length = np.maximum(np.bincount(owner, minlength=count), 1)
    rim_strength = strength[owner]
    jumps = cv2.morphologyEx(ink.ground, cv2.MORPH_GRADIENT, _NEAR).reshape(-1)[rim] > _JUMP * rim_strength
    jump_share = np.bincount(owner, jumps, count) / rim_length
    sharp = steep.reshape(-1)[rim] > step * rim_strength + _NOISE_STEP * ink.noise
    sharp_share = np.bincount(owner, sharp, count) / rim_length

    good = (area >= _MIN_AREA) & (jump_share < _MAX_JUMPS) & (sharp_share > _MIN_SHARP)
    good[0] = False
    keep = np.flatnonzero(good)
    if len(keep) > _MAX_BLOBS:
        keep = np.sort(keep[np.argsort(-(strength * np.sqrt(area))[keep])[:_MAX_BLOBS]])
        good[:] = False
        good[keep] = True
    if len(keep) == 0:
        return _NO_BLOBS
    order = np.argsort(rim_label, kind="stable")  # a radix sort, since labels have 16 bits
    outlines = _xy(rim[order[good[owner[order]]]], labels.shape[1])
    starts = np.concatenate([[0], np.cumsum(rim_length[keep])])
    return Blobs(
        boxes=_boxes(outlines, starts, labels, keep),
        area=area[keep].astype(np.int32),
        contrast=relative[keep].astype(np.float32),
        stroke=(2 * area[keep] / rim_length[keep]).astype(np.float32),
        quality=(sharp_share - 2 * jump_share)[keep].astype(np.float32),
        rim=outlines,
        starts=starts,
        labels=labels,
        ids=keep,
    )


def _xy(pixels: NDArray[np.int64], width: int) -> NDArray[np.int32]:
    """Columns and rows of pixels that are given by their place in a plane of that width, int32 [n, 2]."""
    pixels = pixels.astype(np.int32)
    rows = pixels // np.int32(width)
    return np.stack([pixels - rows * np.int32(width), rows], axis=1)


def _boxes(
    outlines: NDArray[np.int32], starts: NDArray[np.int64], labels: NDArray[np.uint16], ids: NDArray[np.int64]
) -> NDArray[np.int32]:
    """Boxes around outlines that are sorted by blob and, within a blob, by row; int32 [n, 4] x, y, width, height."""
    columns, rows = outlines.T
    left, right = np.minimum.reduceat(columns, starts[:-1]), np.maximum.reduceat(columns, starts[:-1])
    top, bottom = rows[starts[:-1]], rows[starts[1:] - 1]
    for side, edge, end in (
        (left, labels[:, 0], 0),
        (right, labels[:, -1], labels.shape[1] - 1),
        (top, labels[0], 0),
        (bottom, labels[-1], labels.shape[0] - 1),
    ):
        if edge[0] and (edge == edge[0]).all():  # a blob has no outline where it covers a whole side of the plane
            side[ids == edge[0]] = end
    return np.stack([left, top, right - left + 1, bottom - top + 1], axis=1)


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
    on_plate = surrounded & (rivals.fill[main] > PLATE_FILL) & (rivals.boxes[main, 3] > 1.2 * height)
    drawn = on_plate & (blobs.windings > MIN_DRAWN)
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
    near = np.zeros(shape[:2], np.uint16)
    near[other.rim[:, 1], other.rim[:, 0]] = np.repeat(np.arange(1, len(other) + 1), np.diff(other.starts))
    near = cv2.dilate(near, np.ones((_TOUCH, _TOUCH), np.uint8))
    neighbour = near[blobs.rim[:, 1], blobs.rim[:, 0]].astype(np.int64)
    owner = np.repeat(np.arange(len(blobs)), np.diff(blobs.starts))
    cells = len(other) + 1
    table = np.bincount(owner * cells + neighbour, minlength=len(blobs) * cells).reshape(len(blobs), cells)
    return table[:, 1:] / np.maximum(table.sum(axis=1, keepdims=True), 1)
