"""Numbers on plates and signs in busy scenes are found whatever surrounds them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge_runtime.core.types import Quad
from edge_runtime.detection.locate import locate_more
from edge_runtime.detection.plates import MAX_PLATES, find_plates
from tests.edge_runtime.detection.overlap import iou

FONT = cv2.FONT_HERSHEY_SIMPLEX
Colour = tuple[int, int, int]


def street(seed: int = 0) -> NDArray[np.uint8]:
    """Walls, posts and edges of many colours, uint8 [480, 640, 3]."""
    rng = np.random.default_rng(seed)
    frame = np.full((480, 640, 3), 110, np.uint8)
    for _ in range(25):
        corners = rng.uniform(0, 1, 2) * [640, 480] + rng.normal(0, 70, (4, 2))
        cv2.fillConvexPoly(frame, cv2.convexHull(corners.astype(np.int32)), rng.uniform(0, 255, 3).tolist())
    return frame


def on_plate(frame: NDArray[np.uint8], text: str, plate: Colour, ink: Colour) -> Quad:
    """Put a plate with a number into the frame; the box of its ink."""
    cv2.rectangle(frame, (180, 160), (470, 300), plate, -1)
    before = frame.copy()
    cv2.putText(frame, text, (205, 260), FONT, 2.6, ink, 9, cv2.LINE_AA)
    rows, columns = np.nonzero((frame != before).any(axis=2))
    frame[:] = cv2.GaussianBlur(frame, (0, 0), 0.8)
    return Quad.upright(float(columns.min()), float(rows.min()), float(columns.max()), float(rows.max()))


COLOURS = [
    pytest.param((235, 235, 235), (30, 30, 30), id="black on white"),
    pytest.param((150, 60, 20), (230, 240, 240), id="white on blue"),
    pytest.param((40, 150, 60), (70, 90, 220), id="red on green"),
    pytest.param((40, 200, 230), (160, 60, 60), id="blue on yellow"),
]


@pytest.mark.parametrize(("plate", "ink"), COLOURS)
def test_a_number_on_a_plate_in_a_busy_street(plate: Colour, ink: Colour) -> None:
    frame = street()
    box = on_plate(frame, "4072", plate, ink)
    best = max((line for place in locate_more(frame) for line in place), key=lambda line: iou(line.box, box))
    assert iou(best.box, box) > 0.8
    towards_ink = np.array(ink, np.float32) - np.array(plate, np.float32)
    cosine = best.direction @ towards_ink / np.linalg.norm(best.direction) / np.linalg.norm(towards_ink)
    assert cosine > 0.9, "the strip maker needs the colours of plate and ink"


def test_a_mosaic_has_a_bounded_number_of_plates() -> None:
    frame = np.full((480, 640, 3), 60, np.uint8)
    for top in range(10, 440, 60):
        for left in range(10, 600, 60):
            cv2.rectangle(frame, (left, top), (left + 48, top + 48), (200, 180, 90), -1)
            cv2.circle(frame, (left + 24, top + 24), 9, (10, 10, 10), -1)
    assert 0 < len(find_plates(frame)) <= MAX_PLATES
