"""The newest frame of a live source, damaged frames, losing the source and finding it; a stand-in plays the camera."""

from __future__ import annotations

import threading
import time

import cv2
import numpy as np
import pytest

from edge_runtime import SourceError, open_frames
from edge_runtime.video.capture import CaptureTimes, LiveFrames
from tests.edge_runtime.video.fake_camera import FakeCamera


def test_a_slow_reader_gets_the_newest_frame_and_none_twice(camera: type[FakeCamera]) -> None:
    camera.interval_s = 0.005
    numbers = []
    with open_frames(0) as frames:
        for frame in frames:
            numbers.append(int(frame[0, 0, 0]))
            assert camera.made[0].number - numbers[-1] <= 2  # at most two frames old when it is handed out
            time.sleep(0.05)
            if len(numbers) == 5:
                break
    steps = np.diff(numbers)
    assert (steps >= 4).all()


def test_a_fast_reader_waits_for_each_frame(camera: type[FakeCamera]) -> None:
    camera.interval_s = 0.02
    numbers = []
    with open_frames(0) as frames:
        for frame in frames:
            numbers.append(int(frame[0, 0, 0]))
            if numbers[-1] >= 20:
                break
    assert numbers == sorted(set(numbers)) and len(numbers) >= 10


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
    with frames, pytest.raises(SourceError, match="gave no frame for 1 s"):
        next(iter(frames))
    assert 2 <= len(opens) <= 4 and len(reads) < 100


def test_a_lost_camera_is_opened_again_and_may_come_back_with_another_size(
    camera: type[FakeCamera], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    camera.count, camera.interval_s = 10, 0.01
    read = camera.read

    def larger_later(self: FakeCamera) -> tuple[bool, np.ndarray | None]:
        ok, frame = read(self)
        return ok, frame if frame is None or len(camera.made) == 1 else np.zeros((8, 12, 3), np.uint8)

    monkeypatch.setattr(camera, "read", larger_later)
    shapes = []
    with open_frames(0) as frames:
        for frame in frames:
            shapes.append(frame.shape[:2])
            if shapes[-1] == (8, 12):
                break
    assert shapes[0] == (4, 6) and camera.made[0].released.is_set()
    assert caplog.text.count("source 0 was lost") == 1 and "source 0 is back after 0." in caplog.text


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


def test_giving_up_is_an_error_that_names_the_source(camera: type[FakeCamera]) -> None:
    camera.count = 3
    with open_frames(0, give_up_s=0.4) as frames:
        frames_of = iter(frames)
        next(frames_of)
        camera.opens = False
        with pytest.raises(SourceError, match=r"source 0: gave no frame for 0\.4 s"):
            list(frames_of)


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


def test_the_age_of_a_frame_and_the_silence_since_are_known(camera: type[FakeCamera]) -> None:
    camera.interval_s = 0.2
    with open_frames(0) as frames:
        next(iter(frames))
        assert frames.taken_s is not None and 0 <= time.monotonic() - frames.taken_s < 0.5
        assert 0 <= frames.silent_s < 0.5


@pytest.mark.parametrize("leave_by", ["break", "error"])
def test_the_camera_is_free_after_the_block(camera: type[FakeCamera], leave_by: str) -> None:
    try:
        with open_frames(0) as frames:
            for _ in frames:
                if leave_by == "error":
                    raise KeyError("of the user")
                break
    except KeyError:
        pass
    assert camera.made[0].released.wait(2)
    assert not any("frames of" in thread.name for thread in threading.enumerate())
