"""``Blobs``: connected strokes of ink, what is known of each, and where its pixels are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

PLATE_FILL: Final = 0.45  # of its box; digits fill less of theirs
MIN_DRAWN: Final = 1.15  # windings that a hole in a digit does not reach


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
            return NO_BLOBS
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


NO_BLOBS: Final = Blobs(
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
