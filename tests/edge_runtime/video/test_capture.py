"""A network camera that stalls, sends garbage, drops the line, loses its power, and comes back with another size."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest

from edge_runtime import open_frames
from edge_runtime.video.base import FrameSource
from tests.robustness.mjpeg_server import MjpegServer

BACK_WITHIN_S = 2.0


def jpeg(width: int, height: int, level: int) -> bytes:
    return cv2.imencode(".jpg", np.full((height, width, 3), level, np.uint8))[1].tobytes()


class Watcher:
    """Takes frames in a thread; ``seen`` holds (time, shape, grey level) of each."""

    def __init__(self, frames: FrameSource) -> None:
        self.seen: list[tuple[float, tuple[int, ...], int]] = []
        self._frames = frames
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()

    def _watch(self) -> None:
        for frame in self._frames:
            self.seen.append((time.monotonic(), frame.shape[:2], int(frame[0, 0, 0])))

    def wait_for(self, level: int, limit_s: float) -> float:
        """Seconds until a frame of about this grey level came."""
        start_s = time.monotonic()
        while time.monotonic() - start_s < limit_s:
            if any(abs(found - level) < 8 for _, _, found in self.seen[-3:]):
                return time.monotonic() - start_s
            time.sleep(0.01)
        raise AssertionError(f"no frame of level {level} within {limit_s} s")


@pytest.fixture
def server() -> Iterator[MjpegServer]:
    with MjpegServer([jpeg(320, 240, 200)]) as server:
        yield server


@pytest.fixture
def watcher(server: MjpegServer) -> Iterator[Watcher]:
    with open_frames(server.url) as frames:
        watcher = Watcher(frames)
        watcher.wait_for(200, 10)
        yield watcher
    watcher.thread.join(5)
    assert not watcher.thread.is_alive()


FAULTS: dict[str, Callable[[MjpegServer], None]] = {
    "stalls": MjpegServer.stall,
    "sends garbage": MjpegServer.garbage,
    "vanishes": MjpegServer.vanish,
    "loses its power": MjpegServer.lose_power,
}


@pytest.mark.parametrize("fault", list(FAULTS))
def test_reading_resumes_within_two_seconds_after_the_camera_is_back(
    server: MjpegServer, watcher: Watcher, fault: str
) -> None:
    FAULTS[fault](server)
    time.sleep(0.2)  # what is under way arrives
    cpu_s, count = time.process_time(), len(watcher.seen)
    time.sleep(0.5)
    assert len(watcher.seen) - count <= 1
    assert time.process_time() - cpu_s < 0.35  # it does not spin
    server.play([jpeg(320, 240, 100)])
    watcher.wait_for(100, BACK_WITHIN_S)


def test_a_dropped_line_is_taken_up_again_with_the_new_size_of_the_frames(
    server: MjpegServer, watcher: Watcher, caplog: pytest.LogCaptureFixture
) -> None:
    server.play([jpeg(400, 304, 100)])
    server.drop()
    watcher.wait_for(100, BACK_WITHIN_S)
    time.sleep(0.2)
    assert watcher.seen[-1][1] == (304, 400)
    assert caplog.text.count("was lost") == 1 and "is back after" in caplog.text
