"""The newest frame of a live source, damaged frames, losing the source and finding it; a stand-in plays the camera."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import cv2
import numpy as np
import pytest

from edge_runtime import SourceError, open_frames
from edge_runtime.video.capture import CaptureTimes, LiveFrames
from tests.edge_runtime.video.conftest import FakeCamera


def test_a_slow_reader_gets_the_newest_frame_and_none_twice(camera: type[FakeCamera]) -> None:
    camera.interval_s = 0.005
    numbers = []
    with open_frames(0) as frames:
        for frame in frames:
            numbers.append(int(frame[0, 0, 0]))
            assert frames.taken_s is not None and 0 <= time.monotonic() - frames.taken_s < 0.5
            assert frames.silent_s < 0.5
            assert camera.made[0].number - numbers[-1] <= 2  # at most two frames old when it is handed out
            time.sleep(0.05)
            if len(numbers) == 5:
                break
    assert min(np.diff(numbers)) >= 1 and numbers[-1] - numbers[0] >= 12


def test_damaged_frames_are_passed_over(camera: type[FakeCamera], monkeypatch: pytest.MonkeyPatch) -> None:
    read = camera.read

    def damaged(self: FakeCamera) -> tuple[bool, np.ndarray | None]:
        ok, frame = read(self)
        if self.number % 4 == 1:
            raise cv2.error("bad frame")
        return (ok, None) if self.number % 4 == 2 else (ok, frame)

    monkeypatch.setattr(camera, "read", damaged)
    with open_frames(0) as frames:
        numbers = [int(frame[0, 0, 0]) for frame, _ in zip(frames, range(5), strict=False)]
    assert all(number % 4 in (3, 0) for number in numbers) and len(camera.made) == 1


def test_a_camera_that_gives_only_damaged_frames_is_opened_again_and_does_not_spin() -> None:
    opens, reads = [], []

    class Damaged(FakeCamera):
        made: list[FakeCamera] = []  # noqa: RUF012 of this class alone

        def read(self) -> tuple[bool, np.ndarray | None]:
            reads.append(1)
            raise cv2.error("bad frame")

    def open_capture(*limits_s: float) -> FakeCamera:
        opens.append(limits_s)
        return Damaged()

    times = CaptureTimes(silent_s=0.2)
    frames = LiveFrames("0", open_capture, give_up_s=1.0, times=times)
    with frames, pytest.raises(SourceError, match="source 0: gave no frame for 1 s"):
        next(iter(frames))
    assert 2 <= len(opens) <= 4 and len(reads) < 100


def test_a_camera_that_is_away_is_tried_at_growing_intervals(caplog: pytest.LogCaptureFixture) -> None:
    tries_s: list[float] = []

    class Away(FakeCamera):
        made: list[FakeCamera] = []  # noqa: RUF012 of this class alone
        count = 5

    def open_capture(*limits_s: float) -> FakeCamera:
        tries_s.append(time.monotonic())
        camera = Away()
        camera.opens = len(tries_s) == 1
        return camera

    times = CaptureTimes(first_delay_s=0.02, quick_delay_s=0.08, quick_for_s=0.4, most_delay_s=0.3)
    with LiveFrames("0", open_capture, give_up_s=1.6, times=times) as frames, pytest.raises(SourceError):
        list(frames)
    delays_s = np.diff(tries_s)
    for delay_s, least_s in zip(delays_s, (0.02, 0.04, 0.08, 0.08), strict=False):
        assert delay_s >= least_s
    assert len(delays_s) <= 12 and delays_s[-1] >= 0.3
    assert caplog.text.count("source 0 was lost") == 1


def test_everyone_who_asked_is_called_while_there_is_no_frame(camera: type[FakeCamera]) -> None:
    camera.interval_s = 0.7
    calls = []
    with open_frames(0) as frames:
        frames.on_waiting(lambda: calls.append("first"))
        frames.on_waiting(lambda: calls.append("second"))
        next(iter(frames))
    assert 1 <= calls.count("first") <= 4 and calls == ["first", "second"] * calls.count("first")


def test_stop_ends_the_iteration_at_once_also_from_another_thread(camera: type[FakeCamera]) -> None:
    camera.interval_s = 0.6
    with open_frames(0) as frames:
        threading.Timer(0.1, frames.stop).start()
        start = time.monotonic()
        assert list(frames) == [] and frames.stopped
        assert time.monotonic() - start < 0.5


def test_the_camera_is_free_after_the_block(camera: type[FakeCamera]) -> None:
    with suppress(KeyError), open_frames(0) as frames:
        for _ in frames:
            raise KeyError("of the user")
    assert camera.made[0].released.wait(2)
    assert not any("frames of" in thread.name for thread in threading.enumerate())
