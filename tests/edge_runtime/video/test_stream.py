"""``DigitReader.stream``: frames from anywhere, results in order, unchanged frames."""

from __future__ import annotations

import json
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from edge_runtime import DigitReader, OptionError
from edge_runtime.video.base import FrameBgr, FrameSource


@pytest.fixture(scope="module")
def reader() -> DigitReader:
    """The shipped model."""
    return DigitReader("fp32")


def sheet(text: str) -> np.ndarray:
    paper = np.full((240, 320, 3), 235, np.uint8)
    cv2.putText(paper, text, (60, 150), cv2.FONT_HERSHEY_DUPLEX, 2.5, (40, 30, 20), 6, cv2.LINE_AA)
    return paper


class Camera(FrameSource):
    """A live source that plays a list and has taken its frames a while ago."""

    def __init__(self, frames: list[np.ndarray]) -> None:
        super().__init__("camera", live=True)
        self._frames = frames
        self.closed = False

    def __iter__(self) -> Iterator[FrameBgr]:
        yield from self._frames

    def close(self) -> None:
        self.closed = True


def test_numbers_appear_change_and_go(reader: DigitReader) -> None:
    frames = [sheet("")] + [sheet("472")] * 5 + [sheet("475")] * 6 + [sheet("")] * 10
    results = list(reader.stream(frames))
    assert [result.frame for result in results] == list(range(22))
    told = [(result.frame, event.kind, event.number.text) for result in results for event in result.events]
    assert told == [(3, "appeared", "472"), (9, "changed", "475"), (20, "gone", "475")]
    assert [number.text for number in results[10].numbers] == ["475"]
    assert results[2].readings[0].text == "472" and results[2].numbers == ()
    assert not any(result.unchanged for result in results)
    np.testing.assert_array_equal(results[10].frame_bgr, frames[10])


def test_confirm_is_passed_on_and_a_result_can_be_written_as_json(reader: DigitReader) -> None:
    *_, last = reader.stream([sheet("472"), None, sheet("472")], confirm=2)
    values = json.loads(json.dumps(last.as_dict()))
    assert values["frame"] == 1 and values["numbers"][0]["text"] == "472", "a frame that failed is passed over"
    assert 0 < values["read_ms"] <= values["latency_ms"] + 0.01
    assert values["time_s"] == pytest.approx(last.time_s, abs=0.001)
    with pytest.raises(OptionError, match="confirm is 0"):
        reader.stream([], confirm=0)


def test_a_source_that_was_opened_stays_open(reader: DigitReader) -> None:
    camera = Camera([sheet("472")] * 2)
    assert len(list(reader.stream(camera))) == 2 and not camera.closed


def test_still_frames_of_a_live_source_are_not_searched_again_and_changes_are_seen_at_once(
    reader: DigitReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_runtime.video.motion.READ_ANYWAY_S", 60.0)
    results = list(reader.stream(Camera([sheet("472")] * 20 + [sheet("475")] * 20 + [sheet("")] * 30)))
    told = [(result.frame, event.kind, event.number.text) for result in results for event in result.events]
    assert told == [(2, "appeared", "472"), (23, "changed", "475"), (48, "gone", "475")]
    assert [result.unchanged for result in results[:20]] == [False] * 3 + [True] * 17
    assert results[10].readings == results[2].readings and results[10].numbers == results[2].numbers
    assert not results[20].unchanged and all(result.unchanged for result in results[30:40])
    assert sum(result.read_ms for result in results[4:19]) < sum(result.read_ms for result in results[:3]) * 5


@pytest.mark.parametrize(("live", "skip", "expected"), [(True, False, False), (False, True, True)])
def test_skipping_can_be_turned_on_and_off(reader: DigitReader, live: bool, skip: bool, expected: bool) -> None:
    camera = Camera([sheet("472")] * 8)
    camera.live = live
    assert any(result.unchanged for result in reader.stream(camera, skip_unchanged=skip)) is expected


def test_a_traced_stream_carries_what_each_stage_gave(reader: DigitReader) -> None:
    frames = [sheet("472")] * 2
    assert [result.trace for result in reader.stream(frames)] == [None, None]
    for result in reader.stream(frames, traced=True):
        assert result.trace is not None and tuple(result.trace.readings) == result.readings
        assert len(result.trace.shown_strips()) == 1
