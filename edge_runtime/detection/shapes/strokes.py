"""A plane -> blobs of dark and of bright ink: connected strokes, told from ghosts of the ground and shadows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.opencv import cv2

from .blobs import NO_BLOBS, Blobs
from .ink import Ink, find_ink, pixel_noise
from .rivals import true_ink

_MAX_JUMPS: Final = 0.2  # of a blob's outline; where the ground jumps instead of the plane, the blob is a ghost
_JUMP: Final = 0.35  # of a blob's contrast, by which the ground changes from pixel to pixel
_MIN_SHARP: Final = 0.5  # of a blob's outline; what fades out without an edge is a shadow
STEP: Final = 0.18  # of a blob's contrast, from pixel to pixel, that makes an edge
_NOISE_STEP: Final = 0.8  # times the noise, which makes steps too
_MIN_AREA: Final = 5  # pixels of the plane
_MAX_BLOBS: Final = 256  # the strongest are kept; a plane with more is texture
_NEAR: Final = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class _Strokes:
    """Connected strokes of one plane and polarity as they are measured; one row a label, row 0 is the ground.

    ``good``: large enough, and the outline is an edge of the plane, not one of the ground. ``strength`` mean contrast,
    ``rim`` int64 [m] places of the pixels along the outlines in the flat plane, ``rim_length`` how many each has;
    the rest as for ``Blobs``.
    """

    labels: NDArray[np.uint16]
    good: NDArray[np.bool_]
    area: NDArray[np.int64]
    strength: NDArray[np.float64]
    contrast: NDArray[np.float32]
    stroke: NDArray[np.float32]
    quality: NDArray[np.float32]
    rim: NDArray[np.int64]
    rim_length: NDArray[np.int64]

    @classmethod
    def of(cls, ink: Ink, steep: NDArray[np.uint8], step: float) -> _Strokes:
        """Measure the ink of one polarity; ``steep`` is how much the plane changes from pixel to pixel."""
        count, labels = cv2.connectedComponents(ink.mask, connectivity=8, ltype=cv2.CV_16U)
        label_of = labels.reshape(-1)
        pixels = np.flatnonzero(ink.mask.view(bool))
        owner = label_of[pixels].astype(np.intp)
        area = np.bincount(owner, minlength=count)
        pixels, owner = pixels[::2], owner[::2]  # half of the pixels are enough for a mean
        sampled = np.maximum(np.bincount(owner, minlength=count), 1)
        strength = np.bincount(owner, ink.contrast.reshape(-1)[pixels], count) / sampled
        relative = np.bincount(owner, ink.relative.reshape(-1)[pixels], count) / sampled

        rim = np.flatnonzero(cv2.subtract(ink.mask, cv2.erode(ink.mask, _NEAR)).view(bool))
        owner = label_of[rim].astype(np.intp)
        rim_length = np.maximum(np.bincount(owner, minlength=count), 1)
        rim_strength = strength[owner]
        jumps = cv2.morphologyEx(ink.ground, cv2.MORPH_GRADIENT, _NEAR).reshape(-1)[rim] > _JUMP * rim_strength
        jump_share = np.bincount(owner, jumps, count) / rim_length
        sharp = steep.reshape(-1)[rim] > step * rim_strength + _NOISE_STEP * ink.noise
        sharp_share = np.bincount(owner, sharp, count) / rim_length

        good = (area >= _MIN_AREA) & (jump_share < _MAX_JUMPS) & (sharp_share > _MIN_SHARP)
        good[0] = False
        return cls(
            labels=labels,
            good=good,
            area=area,
            strength=strength,
            contrast=relative.astype(np.float32),
            stroke=(2 * area / rim_length).astype(np.float32),
            quality=(sharp_share - 2 * jump_share).astype(np.float32),
            rim=rim,
            rim_length=rim_length,
        )

    def blobs(self) -> Blobs:
        """The good ones; of too many the strongest."""
        good, keep = self.good, np.flatnonzero(self.good)
        if len(keep) == 0:
            return NO_BLOBS
        if len(keep) > _MAX_BLOBS:
            keep = np.sort(keep[np.argsort(-(self.strength * np.sqrt(self.area))[keep])[:_MAX_BLOBS]])
            good = np.zeros_like(good)
            good[keep] = True
        owner = self.labels.reshape(-1)[self.rim]
        is_kept = good[owner]
        order = np.argsort(owner[is_kept], kind="stable")  # a radix sort, since labels have 16 bits
        outlines = _xy(self.rim[is_kept][order], self.labels.shape[1])
        starts = np.concatenate([[0], np.cumsum(self.rim_length[keep])])
        return Blobs(
            boxes=_boxes(outlines, starts, self.labels, keep),
            area=self.area[keep].astype(np.int32),
            contrast=self.contrast[keep],
            stroke=self.stroke[keep],
            quality=self.quality[keep],
            rim=outlines,
            starts=starts,
            labels=self.labels,
            ids=keep,
        )


def find_blobs(
    plane: NDArray[np.uint8], kernel: int, step: float = STEP, min_stroke: float = 0.0, min_quality: float = -np.inf
) -> tuple[Blobs, Blobs]:
    """Dark blobs and bright blobs of a uint8 [H, W] plane, with strokes narrower than ``kernel`` pixels.

    step: the share of a blob's contrast that its outline needs from pixel to pixel.
    min_stroke, min_quality: of blobs worth having; little time is spent where there are none.
    """
    smooth = cv2.GaussianBlur(plane, (3, 3), 0)
    steep = cv2.morphologyEx(smooth, cv2.MORPH_GRADIENT, _NEAR)
    polarities = [_Strokes.of(ink, steep, step) for ink in find_ink(smooth, kernel, pixel_noise(plane))]

    def wanted(found: _Strokes | Blobs) -> NDArray[np.bool_]:
        return (found.stroke >= min_stroke) & (found.quality >= min_quality)

    if not any((strokes.good & wanted(strokes)).any() for strokes in polarities):
        return NO_BLOBS, NO_BLOBS
    dark, bright = true_ink(*(strokes.blobs() for strokes in polarities))
    return dark.take(np.flatnonzero(wanted(dark))), bright.take(np.flatnonzero(wanted(bright)))


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
