"""Shared fixtures: a video of ten frames."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest


@pytest.fixture
def video(tmp_path: Path, page: np.ndarray) -> Path:
    """Two blank frames, four with the number, four blank ones."""
    folder = tmp_path / "video"
    folder.mkdir()
    for number in range(10):
        frame = page if 2 <= number < 6 else np.full_like(page, 255)
        (folder / f"{number}.png").write_bytes(cv2.imencode(".png", frame)[1].tobytes())
    return folder
