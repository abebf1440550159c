"""``strips_of``: what the network was shown of a frame, for people who look for the cause of a wrong reading."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.types import Line, Quad, Reading
from edge_runtime.detection.locate import locate, locate_more
from edge_runtime.recognition.strip import make_strip
from edge_runtime.video.base import FrameBgr
from edge_runtime.video.nearness import nearest


def strips_of(frame: FrameBgr, readings: Sequence[Reading]) -> list[NDArray[np.uint8]]:
    """The strip of each reading, uint8 [28, 140], in their order; of the places found where nothing was read.

    The frame is searched once more, so this costs as much as a reading. Of a line that was read in parts the whole
    is shown.
    """
    lines = [line for place in locate(frame) for line in place]
    boxes = [reading.box for reading in readings if reading.box is not None]
    if not boxes:
        return [_strip(frame, line) for line in lines]
    found = [_at(box, lines) for box in boxes]
    if None in found:
        lines = [*lines, *(line for place in locate_more(frame) for line in place)]
        found = [_at(box, lines) for box in boxes]
    return [_strip(frame, line) for line in found if line is not None]


def _at(box: Quad, lines: Sequence[Line]) -> Line | None:
    index = nearest(box, [line.box for line in lines])
    return None if index is None else lines[index]


def _strip(frame: FrameBgr, line: Line) -> NDArray[np.uint8]:
    return make_strip(frame, line.box.array(), line.direction)
