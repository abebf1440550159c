"""Boxes and areas of blobs are those of their pixels, also where ink covers a whole side of the plane."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from edge_runtime.detection.grouping.glyphs import Extents, link
from edge_runtime.detection.shapes.blobs import Blobs
from edge_runtime.detection.shapes.strokes import find_blobs

HEIGHT, WIDTH = 60, 90


def boxes_of_pixels(blobs: Blobs) -> list[tuple[int, int, int, int]]:
    """x, y, width, height of the labelled pixels of every blob."""
    boxes = []
    for label in blobs.ids:
        rows, columns = np.nonzero(blobs.labels == label)
        left, top = int(columns.min()), int(rows.min())
        boxes.append((left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1))
    return boxes


def sheet(*bars: tuple[slice, slice]) -> NDArray[np.uint8]:
    """White paper with black bars, [60, 90]."""
    plane = np.full((HEIGHT, WIDTH), 230, np.uint8)
    for bar in bars:
        plane[bar] = 30
    return plane


@pytest.mark.parametrize(
    "bar",
    [
        (slice(20, 40), slice(30, 36)),
        (slice(None), slice(0, 6)),
        (slice(None), slice(-6, None)),
        (slice(0, 6), slice(None)),
        (slice(-6, None), slice(None)),
    ],
    ids=["inside", "left side", "right side", "top", "bottom"],
)
def test_box_of_a_bar(bar: tuple[slice, slice]) -> None:
    other = (slice(25, 45), slice(60, 66))
    dark, _ = find_blobs(sheet(bar, other), 33)
    assert len(dark) == 2
    assert [tuple(box) for box in dark.boxes.tolist()] == boxes_of_pixels(dark)


def test_boxes_areas_and_outlines_of_many_blobs() -> None:
    rng = np.random.default_rng(5)
    columns, rows = rng.integers(0, WIDTH - 9, 14), rng.integers(0, HEIGHT - 9, 14)
    places = [(slice(y, y + 8), slice(x, x + 3)) for x, y in zip(columns, rows, strict=True)]
    dark, _ = find_blobs(sheet(*places), 33)
    assert len(dark) > 4
    assert [tuple(box) for box in dark.boxes.tolist()] == boxes_of_pixels(dark)
    assert dark.area.tolist() == [int((dark.labels == label).sum()) for label in dark.ids]
    for index, label in enumerate(dark.ids):
        x, y = dark.outline(np.array([index])).T
        assert (dark.labels[y, x] == label).all()


def test_ink_as_faint_as_nothing_stands_alone() -> None:
    u0, contrast = np.array([0, 8, 16], np.float32), np.array([0, 20, 20], np.float32)
    extents = Extents(u0, u0 + 5, np.zeros(3, np.float32), np.full(3, 10, np.float32))
    assert [group.tolist() for group in link(extents, contrast)] == [[0], [1, 2]]
    none = np.zeros(0, np.int64)
    assert link(extents.take(none), contrast[none]) == []
