"""Whether a frame shows anything new: a cheap comparison that saves a camera on a wall most of its work.

A digit of 16 pixels' height and 25 grey levels of contrast, or of 12 pixels and 40 levels, that turns into any other is
news (the tests try every pair, in strokes of one or two pixels); what is smaller or fainter is seen half a second
later, because a frame is read then in any case.
"""

from __future__ import annotations

import time
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.opencv import cv2

from .base import FrameBgr

CELL: Final = 2  # pixels; each cell of so many by so many is compared by its mean colour
PATCH: Final = 3  # cells; noise differs from cell to cell, a stroke that came or went does not
CHANGE: Final = 6.0  # grey levels, mean over a patch, of any channel; noise of 2 grey levels a pixel stays below
READ_ANYWAY_S: Final = 0.5  # what is too faint for the comparison is still seen after so long


class Stillness:
    """Compares frames with the last one that was read, so that slow changes add up until they are seen."""

    def __init__(self) -> None:
        self._read: NDArray[np.uint8] | None = None
        self._read_s = 0.0

    def shows_nothing_new(self, frame: FrameBgr, settled: bool) -> bool:
        """Whether the frame looks like the last one read, not longer than half a second ago.

        settled: whether the same reading once more would change nothing; if not, the answer is False.
        Where the answer is False, the frame counts as read from now on.
        """
        size = -(-frame.shape[1] // CELL), -(-frame.shape[0] // CELL)
        cells = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
        now_s = time.monotonic()
        fresh = settled and now_s - self._read_s < READ_ANYWAY_S
        if fresh and self._read is not None and _alike(cells, self._read):
            return True
        self._read, self._read_s = cells, now_s
        return False


def _alike(cells: NDArray[np.uint8], read: NDArray[np.uint8]) -> bool:
    if cells.shape != read.shape:
        return False
    sums = cv2.boxFilter(cv2.absdiff(cells, read), cv2.CV_16U, (PATCH, PATCH), normalize=False)
    return int(sums.max()) < CHANGE * PATCH**2
