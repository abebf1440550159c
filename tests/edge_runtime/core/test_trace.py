"""The trace of a reading: every stage's product, without changing what is read."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge_runtime import DigitReader, Trace
from edge_runtime.recognition.strip import make_strip
from tests.edge_runtime.recognition.bar_counter import BarCounter, draw_bars, paper
from tests.edge_runtime.recognition.tiny_model import strip_of


@pytest.fixture(scope="module")
def reader() -> DigitReader:
    return DigitReader(BarCounter({3: ("314", 1.0), 5: ("27182", 1.0)}))


def test_each_stage_leaves_what_it_gave(reader: DigitReader) -> None:
    picture = paper(480, 640)
    for top, count in ((60, 3), (300, 5)):
        draw_bars(picture, 100, top, count)
    trace = Trace()
    readings = reader.read(picture, trace)
    assert [reading.text for reading in readings] == ["314", "27182"]
    assert readings == reader.read(picture), "to look changes nothing"
    assert trace.readings == readings
    np.testing.assert_array_equal(trace.pixels, picture)
    assert trace.scale == 1
    assert [len(places) for places in trace.searches] == [2]
    assert [candidate.reading.text for candidate in trace.candidates] == ["314", "27182"]
    assert [candidate.parts for candidate in trace.candidates] == [(reading.box,) for reading in readings]
    assert all(shown.probabilities.shape == (5, 11) and shown.model == "counter" for shown in trace.strips)
    assert set(trace.stage_ms) == {"load", "locate", "strips", "network", "decode"}
    assert all(0 < ms < 10_000 for ms in trace.stage_ms.values())


def test_a_long_number_has_a_strip_for_each_part() -> None:
    picture = paper(480, 640)
    draw_bars(picture, 100, 100, 8)
    trace = Trace()
    (reading,) = DigitReader(BarCounter({4: ("1234", 1.0)})).read(picture, trace)
    assert reading.text == "12341234"
    assert len(trace.strips_of(reading)) == len(trace.candidates[0].parts) == 2


def test_boxes_of_a_large_picture_lead_to_its_strips(reader: DigitReader) -> None:
    picture = paper(480, 640)
    draw_bars(picture, 100, 100, 3)
    content = cv2.imencode(".jpg", cv2.resize(picture, None, fx=7, fy=7, interpolation=cv2.INTER_NEAREST))[1].tobytes()
    trace = Trace()
    (reading,) = reader.read(content, trace)
    assert trace.pixels is not None and trace.scale > 1
    assert trace.candidates[0].reading.box != reading.box, "one is in the pixels that were searched"
    (strip,) = trace.strips_of(reading)
    line = trace.candidates[0].line
    np.testing.assert_array_equal(strip, make_strip(trace.pixels, line.box.array(), line.direction))


def test_where_nothing_is_read_the_places_that_were_found_are_shown() -> None:
    picture = paper(480, 640)
    draw_bars(picture, 100, 100, 3)
    trace = Trace()
    assert DigitReader(BarCounter({})).read(picture, trace) == []
    assert len(trace.shown_strips()) == 1 and len(trace.searches) == 2


def test_a_ready_strip_is_its_own(tiny_reader: DigitReader) -> None:
    trace = Trace()
    (reading,) = tiny_reader.read(strip_of("42"), trace)
    assert trace.searches == [] and trace.candidates == []
    np.testing.assert_array_equal(trace.strips_of(reading), [strip_of("42")])
    given = Trace()
    readings = tiny_reader.read_strips(np.stack([strip_of("42"), strip_of("42"), strip_of("7")]), given)
    for index, text in enumerate(("42", "42", "7")):
        assert readings[index].text == text
        np.testing.assert_array_equal(given.strips_of(readings[index]), [strip_of(text)])
