"""Numbers drawn on paper, and the lines that are found in a picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.types import Line, Quad
from edge_runtime.detection.locate import MAX_LINES, locate

HEIGHT, WIDTH = 480, 640
FONT = cv2.FONT_HERSHEY_SIMPLEX


def lines_of(image: NDArray[np.uint8], max_lines: int = MAX_LINES) -> list[Line]:
    """All lines that are found, alternatives too."""
    return [line for place in locate(image, max_lines) for line in place]


def paper(level: float = 200.0, noise: float = 3.0, seed: int = 0) -> NDArray[np.float32]:
    """A grey sheet with sensor noise, [480, 640]."""
    rng = np.random.default_rng(seed)
    return (level + rng.normal(0, noise, (HEIGHT, WIDTH))).astype(np.float32)


def stencil(
    text: str,
    digit_px: float,
    center: tuple[float, float],
    angle: float = 0.0,
) -> tuple[NDArray[np.float32], Quad]:
    """Ink share 0 to 1 of a number, ``angle`` degrees clockwise about ``center``, and the box of its ink."""
    scale = digit_px / cv2.getTextSize("0", FONT, 1.0, 1)[0][1]
    thickness = max(int(digit_px / 9), 1)
    (width, height), base = cv2.getTextSize(text, FONT, scale, thickness)
    tile = np.zeros((height + base + 20, width + 20), np.uint8)
    cv2.putText(tile, text, (10, height + 10), FONT, scale, 255, thickness, cv2.LINE_AA)
    rows, columns = np.nonzero(tile > 127)
    tile = tile[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    high, wide = tile.shape
    turn = cv2.getRotationMatrix2D(((wide - 1) / 2, (high - 1) / 2), -angle, 1.0)
    turn[:, 2] += np.array(center) - np.array([(wide - 1) / 2, (high - 1) / 2])
    share = cv2.warpAffine(tile, turn, (WIDTH, HEIGHT)).astype(np.float32) / 255
    ends = np.array([[-0.5, -0.5], [wide - 0.5, -0.5], [wide - 0.5, high - 0.5], [-0.5, high - 0.5]])
    return share, Quad.of(ends @ turn[:, :2].T + turn[:, 2])


def picture(
    ground: NDArray[np.float32], share: NDArray[np.float32], ink: float | tuple[float, ...]
) -> NDArray[np.uint8]:
    """The ground with ink on it, slightly out of focus."""
    if ground.ndim == 3:
        share = share[..., None]
    mixed = ground * (1 - share) + np.array(ink, np.float32) * share
    return np.clip(cv2.GaussianBlur(mixed, (0, 0), 0.8), 0, 255).astype(np.uint8)
