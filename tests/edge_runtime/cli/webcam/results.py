"""Made-up results of frames."""

from __future__ import annotations

import numpy as np

from edge_runtime import LiveResult, Quad, Reading

SURE = Reading("42", (4, 2), (0.99, 0.99), 0.98, True, Quad.upright(10, 10, 60, 50))


def unsure(text: str) -> Reading:
    return Reading(text, (4, 2), (0.5, 0.5), 0.25, False, SURE.box)


def result(
    *readings: Reading, time_s: float, size: tuple[int, int] = (240, 320), still: bool = False, level: int = 128
) -> LiveResult:
    frame = np.full((*size, 3), level, np.uint8)
    return LiveResult(0, time_s, readings, (), (), 1.0, 1.0, still, frame)
