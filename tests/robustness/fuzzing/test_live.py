"""Any source, frames and readings for live reading."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime import (
    DigitReader,
    EdgeDigitsError,
    Event,
    LiveResult,
    Number,
    Plausible,
    SourceError,
    Tracker,
    open_frames,
)
from tests.robustness.fuzzing.made_up import PIXELS, covers, fuzz, readings


@covers("open_frames")
@fuzz
@given(
    st.one_of(
        st.text(max_size=20).filter(lambda name: "://" not in name and " ! " not in name and not name.isdigit()),
        st.text(max_size=10).map(lambda name: f"file://no-such-folder/{name}"),
        st.text(alphabet="*?[]ab/\0.", max_size=10).map(lambda name: f"no-such-folder/{name}"),
        st.floats(),
        st.none(),
    )
)
def test_what_is_no_source_is_refused(source: Any) -> None:
    if isinstance(source, str) and (source.startswith("/") or not source.strip("./\\*?[]~ ")):
        return  # folders that are there
    with pytest.raises(SourceError), open_frames(source) as frames:
        next(iter(frames))


@covers("DigitReader.stream", "LiveResult", "LiveResult.as_dict", "open_frames")
@fuzz
@given(st.lists(st.one_of(st.none(), PIXELS), max_size=4))
def test_any_frames_are_streamed_or_refused(tiny_reader: DigitReader, frames: list[Any]) -> None:
    try:
        results = list(tiny_reader.stream(frames, confirm=1))
    except EdgeDigitsError:
        return
    assert [result.frame for result in results] == list(range(len(results)))
    for result in results:
        assert isinstance(result, LiveResult)
        json.dumps(result.as_dict(), allow_nan=False)


@covers("Tracker", "Tracker.update", "Tracker.rescale", "Tracker.numbers", "Tracker.settled")
@covers("Event", "Event.as_dict", "Number", "Number.as_dict", "Plausible", "Plausible.allow")
@fuzz
@given(st.data())
def test_any_readings_are_tracked(data: st.DataObject) -> None:
    whole = st.one_of(st.none(), st.integers(-2, 20_000))
    try:
        rules = Plausible(data.draw(whole), data.draw(whole), data.draw(whole), data.draw(st.booleans()))
        tracker = Tracker(data.draw(st.integers(-1, 4)), data.draw(st.integers(-1, 4)), rules)
    except ValueError as error:
        assert "expected" in str(error) or "no number" in str(error)
        return
    in_view: set[int] = set()
    for _ in range(data.draw(st.integers(0, 8))):
        events = tracker.update(data.draw(st.lists(readings(), max_size=3)))
        for event in events:
            assert isinstance(event, Event) and isinstance(event.number, Number)
            json.dumps(event.as_dict(), allow_nan=False)
            assert rules.length is None or len(event.number.text) == rules.length
            assert (event.number.id in in_view) == (event.kind != "appeared")
            in_view ^= {event.number.id} if event.kind != "changed" else set()
        assert {number.id for number in tracker.numbers} == in_view and isinstance(tracker.settled, bool)
        tracker.rescale(data.draw(st.floats(0.1, 10)), data.draw(st.floats(0.1, 10)))
