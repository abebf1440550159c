"""A video of ten frames, and made-up results of frames."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import LiveResult, Quad, Reading

SURE = Reading("42", (4, 2), (0.99, 0.99), 0.98, True, Quad.upright(10, 10, 60, 50))


def unsure(text: str) -> Reading:
    return Reading(text, (4, 2), (0.5, 0.5), 0.25, False, SURE.box)


def result(
    *readings: Reading, time_s: float, size: tuple[int, int] = (240, 320), unchanged: bool = False, level: int = 128
) -> LiveResult:
    frame = np.full((*size, 3), level, np.uint8)
    return LiveResult(0, time_s, readings, (), (), 1.0, 1.0, unchanged, frame)


@pytest.fixture
def video(tmp_path: Path, page: np.ndarray) -> Path:
    """Two blank frames, four with the number, four blank ones."""
    folder = tmp_path / "video"
    folder.mkdir()
    for number in range(10):
        frame = page if 2 <= number < 6 else np.full_like(page, 255)
        (folder / f"{number}.png").write_bytes(cv2.imencode(".png", frame)[1].tobytes())
    return folder
