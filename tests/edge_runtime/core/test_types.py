"""``Quad`` and ``Reading``: their operations, and that they survive JSON and another process."""

from __future__ import annotations

import dataclasses
import json
import pickle

import numpy as np
import pytest

from edge_runtime import Quad, Reading
from edge_runtime.core.geometry import reading_order

SQUARE = Quad.upright(10, 20, 30, 60)
TILTED = Quad((10, 0), (20, 10), (10, 20), (0, 10))


def test_a_quad_is_four_points_for_whoever_wants_only_that() -> None:
    assert SQUARE == ((10, 20), (30, 20), (30, 60), (10, 60)) and len(SQUARE) == 4
    (left, top), *_ = SQUARE
    assert (left, top) == SQUARE[0] == SQUARE.top_left
    assert json.dumps(SQUARE.as_list()) == "[[10, 20], [30, 20], [30, 60], [10, 60]]"
    assert Quad.upright(1 / 3, 0, 1, 1).as_list()[0] == [0.33, 0]
    assert pickle.loads(pickle.dumps(SQUARE)) == SQUARE  # noqa: S301 our own bytes


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int32])
def test_arrays_of_any_number_become_a_quad_and_back(kind: type) -> None:
    array = np.array(SQUARE, kind)
    assert Quad.of(array) == Quad.of(array.tolist()) == SQUARE
    assert all(type(value) is float for point in Quad.of(array) for value in point)
    assert SQUARE.array().dtype == np.float32
    np.testing.assert_array_equal(SQUARE.array(), array)
    for wrong in (array[:3], array[:, 0]):
        with pytest.raises((ValueError, TypeError)):
            Quad.of(wrong)


def test_sizes_of_upright_and_tilted_boxes() -> None:
    assert (SQUARE.width, SQUARE.height, SQUARE.area, SQUARE.centre) == (20, 40, 800, (20, 40))
    assert SQUARE.bounds == (10, 20, 30, 60)
    assert TILTED.width == TILTED.height == pytest.approx(200**0.5)
    assert TILTED.area == pytest.approx(200)
    assert TILTED.bounds == (0, 0, 20, 20)


def test_scaling_keeps_pixels_where_they_are_and_a_piece_lies_between_two_shares_of_the_width() -> None:
    pixel = Quad.upright(-0.5, -0.5, 0.5, 0.5)  # all of the first pixel
    assert pixel.scaled(4) == Quad.upright(-0.5, -0.5, 3.5, 3.5)
    assert SQUARE.scaled(2, 3) == Quad.upright(20.5, 61, 60.5, 181)
    assert SQUARE.cut(0, 1) == SQUARE
    assert SQUARE.cut(0.25, 0.5) == Quad.upright(15, 20, 20, 60)
    left, right = TILTED.cut(0, 0.5), TILTED.cut(0.5, 1)
    assert left.top_right == right.top_left == (15, 5)
    assert left.area + right.area == pytest.approx(TILTED.area)


def test_overlap_is_a_share_of_the_smaller() -> None:
    half = SQUARE.cut(0.5, 1)
    assert half.intersection(SQUARE) == pytest.approx(400)
    assert half.overlap(SQUARE) == SQUARE.overlap(half) == pytest.approx(1)
    assert SQUARE.overlap(Quad.upright(100, 100, 110, 110)) == 0
    point = Quad.upright(15, 30, 15, 30)
    assert point.overlap(SQUARE) == point.overlap(point) == 0


def test_reading_order_is_by_rows_then_from_the_left() -> None:
    page = [Quad.upright(x, y, x + 30, y + 20) for x, y in ((200, 4), (10, 0), (100, 60), (0, 65), (50, 120))]
    assert reading_order(page, lambda box: box) == [page[index] for index in (1, 0, 3, 2, 4)]
    assert reading_order([], lambda box: box) == []


def test_a_reading_is_frozen_and_survives_json() -> None:
    reading = Reading("42", (4, 2), (0.98765432, 0.9), 0.888888889, True, SQUARE)
    with pytest.raises(dataclasses.FrozenInstanceError):
        reading.text = "43"  # type: ignore[misc]
    values = json.loads(json.dumps(reading.as_dict(), allow_nan=False))
    assert list(values) == ["text", "digits", "digit_confidences", "confidence", "accepted", "box"]
    assert values["digits"] == [4, 2] and values["box"][2] == [30.0, 60.0]
    assert (values["digit_confidences"][0], values["confidence"]) == (0.987654, 0.888889)
    again = Reading.from_dict(values)  # whose box is given as lists
    assert again == dataclasses.replace(reading, digit_confidences=(0.987654, 0.9), confidence=0.888889)
    assert isinstance(again.box, Quad)
    boxless = dataclasses.replace(reading, box=None)
    assert boxless.as_dict()["box"] is None and Reading.from_dict(boxless.as_dict()).box is None


@pytest.mark.parametrize("change", [{"box": [[0, 0]]}, {"digits": 4}, {"confidence": "high"}])
def test_what_is_no_reading_is_refused(change: dict[str, object]) -> None:
    values = Reading("42", (4, 2), (0.9, 0.9), 0.8, True, SQUARE).as_dict()
    with pytest.raises((TypeError, ValueError)):
        Reading.from_dict({**values, **change})
    del values["text"]
    with pytest.raises(KeyError):
        Reading.from_dict(values)
