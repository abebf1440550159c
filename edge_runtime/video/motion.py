"""Whether a frame shows motion: frame differencing, which saves a camera on a wall most of its work.

A digit of 16 pixels' height and 25 grey levels of contrast, or of 12 pixels and 40 levels, that turns into any other is
motion (the tests try every pair, in strokes of one or two pixels); what is smaller or fainter is read half a second
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
READ_ANYWAY_S: Final = 0.5  # what is too faint for the comparison is read after so long all the same


class MotionGate:
    """Says which frames must be read. A frame is compared with the last one that was read, so slow changes add up."""

    def __init__(self) -> None:
        self._reference: NDArray[np.uint8] | None = None
        self._read_s = 0.0

    def needs_reading(self, frame: FrameBgr, settled: bool) -> bool:
        """Whether the frame shows motion, or the last one was read more than half a second ago.

        settled: whether the same reading once more would change nothing; if not, the answer is True.
        Where the answer is True, the frame counts as read from now on.
        """
        size = -(-frame.shape[1] // CELL), -(-frame.shape[0] // CELL)
        cells = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
        now_s = time.monotonic()
        recent = now_s - self._read_s < READ_ANYWAY_S
        if settled and recent and self._reference is not None and not _differ(cells, self._reference):
            return False
        self._reference, self._read_s = cells, now_s
        return True


def _differ(cells: NDArray[np.uint8], reference: NDArray[np.uint8]) -> bool:
    if cells.shape != reference.shape:
        return True
    sums = cv2.boxFilter(cv2.absdiff(cells, reference), cv2.CV_16U, (PATCH, PATCH), normalize=False)
    return int(sums.max()) >= CHANGE * PATCH**2
