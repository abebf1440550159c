"""Any bytes and arrays for a picture: read as promised, or ``ImageError``."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime import (
    DigitReader,
    EdgeDigitsError,
    ImageError,
    Quad,
    Reading,
    Trace,
    draw_readings,
    load_pages,
    load_picture,
)
from tests.robustness.fuzzing.made_up import (
    PIXELS,
    QUADS,
    SHARES,
    SOUND,
    THINGS,
    arrays,
    covers,
    damaged_files,
    fuzz,
    readings,
)


def assert_are_readings(found: list[Reading], image_hw: tuple[int, ...]) -> None:
    height, width = image_hw[:2]
    for reading in found:
        assert reading.text == "".join(map(str, reading.digits)) and reading.text.isdigit()
        assert len(reading.digit_confidences) == len(reading.digits)
        assert 0 <= reading.confidence <= 1 and reading.box is not None
        reach = 2 * max(height, width) + 8  # a turned box may stick out of the picture, but not by far
        assert all(-reach <= value <= reach + max(height, width) for corner in reading.box for value in corner)
        json.dumps(reading.as_dict(), allow_nan=False)


@covers("load_picture", "Picture")
@fuzz
@given(st.one_of(damaged_files(), st.binary(max_size=400), PIXELS, THINGS), st.floats(0.0001, 4))
def test_anything_is_a_picture_or_an_image_error(thing: Any, max_megapixels: float) -> None:
    try:
        picture = load_picture(thing, max_megapixels=max_megapixels)
    except ImageError as error:
        assert "\n" not in str(error)
        return
    pixels = picture.pixels
    assert pixels.dtype == np.uint8 and pixels.size and (pixels.ndim == 2 or pixels.shape[2:] == (3,))
    assert picture.scale >= 1
    assert not isinstance(thing, bytes) or pixels.shape[0] * pixels.shape[1] <= max_megapixels * 1e6 + 1


@covers("load_pages")
@fuzz
@given(damaged_files(), st.one_of(st.sampled_from(["all", "1", "2", "1-3"]), st.text(max_size=5)))
def test_any_file_has_pages_or_is_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes, pages: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any-pages"
    path.write_bytes(data)
    try:
        found = list(load_pages(path, pages))
    except EdgeDigitsError:
        return
    assert all(picture.pixels.dtype == np.uint8 and picture.pixels.size for picture in found)


@covers("load_picture")
@pytest.mark.parametrize("limit", [math.nan, -1.0, 0.0])
def test_a_limit_that_is_none_lets_nothing_through(limit: float) -> None:
    with pytest.raises(ImageError, match="megapixels"):
        load_picture(SOUND["grey.png"], max_megapixels=limit)


@covers("DigitReader.read", "Reading.as_dict", "Readings", "Readings.to_dicts")
@fuzz
@given(st.one_of(PIXELS, damaged_files(), THINGS))
def test_the_reader_reads_anything_or_raises_its_own_error(tiny_reader: DigitReader, thing: Any) -> None:
    try:
        found = tiny_reader.read(thing)
    except EdgeDigitsError:
        return
    assert found.to_dicts() == [reading.as_dict() for reading in found]
    assert_are_readings(found, load_picture(thing).pixels.shape if not isinstance(thing, bytes) else (200, 200))


@covers("Trace", "Trace.timed", "Trace.strips_of", "Trace.whole_lines", "Trace.shown_strips")
@fuzz
@given(arrays(max_side=120).filter(lambda pixels: pixels.ndim in (2, 3) and pixels.size > 0))
def test_reading_is_repeatable_and_a_trace_has_its_strips(tiny_reader: DigitReader, pixels: np.ndarray) -> None:
    before, trace = pixels.copy(), Trace()
    try:
        found = tiny_reader.read(pixels, trace)
    except ImageError:
        return
    assert found == trace.readings == tiny_reader.read(pixels)
    np.testing.assert_array_equal(pixels, before)
    for strip in [
        *trace.whole_lines(),
        *trace.shown_strips(),
        *(strip for reading in found for strip in trace.strips_of(reading)),
    ]:
        assert strip.dtype == np.uint8 and strip.shape == (28, 140)
    assert all(trace.strips_of(reading) for reading in found)


@covers("Quad", "Quad.of", "Quad.upright", "Quad.array", "Quad.as_list", "Quad.bounds", "Quad.width", "Quad.height")
@covers("Quad.centre", "Quad.area", "Quad.scaled", "Quad.cut", "Quad.intersection", "Quad.overlap")
@fuzz
@given(QUADS, QUADS, st.floats(0.01, 100), SHARES, SHARES)
def test_corners_keep_their_measures(quad: Quad, other: Quad, factor: float, start: float, stop: float) -> None:
    left, top, right, bottom = quad.bounds
    box = Quad.upright(left, top, right, bottom)
    assert box.area >= quad.area * 0.999 - 1 and left - 1 <= quad.centre[0] <= right + 1
    assert quad.width >= 0 and quad.height >= 0 and len(quad.as_list()) == 4 and quad.array().shape == (4, 2)
    assert quad.scaled(factor).width == pytest.approx(quad.width * factor, rel=1e-2, abs=1)
    assert box.cut(start, stop).width == pytest.approx(abs(stop - start) * box.width, rel=1e-2, abs=1)
    another = Quad.upright(*other.bounds)
    assert 0 <= box.overlap(another) <= 1.001
    assert box.intersection(another) == pytest.approx(another.intersection(box), rel=1e-2, abs=1)


@covers("draw_readings")
@fuzz
@given(arrays().filter(lambda a: a.size > 0 and (a.ndim == 2 or (a.ndim == 3 and a.shape[2] == 3))), st.data())
def test_readings_are_drawn_on_any_picture(pixels: np.ndarray, data: st.DataObject) -> None:
    before = pixels.copy()
    found = data.draw(st.lists(readings(), max_size=3))
    canvas = draw_readings(pixels, found, note=data.draw(st.text(max_size=10)), scale=data.draw(st.floats(0.1, 4)))
    assert canvas.dtype == np.uint8 and canvas.ndim == 3 and canvas.shape[2] == 3
    np.testing.assert_array_equal(pixels, before)
