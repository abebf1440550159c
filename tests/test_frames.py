"""Sources of frames: folders, videos, and live ones played by a stand-in for the camera."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

import edge_runtime.frames
from edge_runtime import SourceError, open_frames


class FakeCamera:
    """Plays numbered frames every ``interval_s`` and then fails, as an unplugged camera does."""

    made: list[FakeCamera]
    count = 10**9
    interval_s = 0.001
    opens = True
    agrees_to_mjpg = True

    def __init__(self, *arguments: object) -> None:
        self.arguments = arguments
        self.number = 0
        self.released = threading.Event()
        self.settings: dict[int, float] = {}
        self.made.append(self)

    def isOpened(self) -> bool:  # noqa: N802 OpenCV's name
        return self.opens and not self.released.is_set()

    def read(self) -> tuple[bool, np.ndarray | None]:
        time.sleep(self.interval_s)
        self.number += 1
        if self.number > self.count:
            return False, None
        return True, np.full((4, 6, 3), self.number % 256, np.uint8)

    def set(self, key: int, value: float) -> bool:
        self.settings[key] = value
        return True  # as OpenCV says even of what it ignores

    def get(self, key: int) -> float:
        return self.settings.get(key, 0) if self.agrees_to_mjpg else 0

    def release(self) -> None:
        self.released.set()


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[FakeCamera]]:
    kind = type("Camera", (FakeCamera,), {"made": []})
    monkeypatch.setattr(cv2, "VideoCapture", kind)
    yield kind


def write_pictures(folder: Path, *names: str) -> None:
    for level, name in enumerate(names, start=1):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(cv2.imencode(".png", np.full((4, 6), level * 10, np.uint8))[1].tobytes())


# Folders and files


def test_a_folder_gives_its_pictures_in_natural_order(tmp_path: Path) -> None:
    write_pictures(tmp_path, "frame1.png", "frame2.png", "frame10.png", "later/frame3.png")
    with open_frames(tmp_path) as frames:
        shown = list(frames)
    assert [int(frame[0, 0, 0]) for frame in shown] == [10, 20, 30, 40]
    assert all(frame.shape == (4, 6, 3) for frame in shown)
    assert not frames.live


def test_what_is_no_picture_in_a_folder_is_passed_over_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_pictures(tmp_path, "1.png", "3.png")
    (tmp_path / "2.txt").write_text("no picture", "utf-8")
    with open_frames(str(tmp_path)) as frames:
        assert len(list(frames)) == 2
    assert "2.txt" in caplog.text


def test_every_frame_of_a_video_comes_once_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "video.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (64, 48))
    for level in range(0, 250, 25):
        writer.write(np.full((48, 64, 3), level, np.uint8))
    writer.release()
    with open_frames(path) as frames:
        levels = [int(round(float(frame.mean()) / 25)) for frame in frames]
    assert levels == list(range(10))
    assert list(frames) == []  # closed


@pytest.mark.parametrize("source", ["no/such/video.mp4", "", "-1", "nonsense"])
def test_a_source_that_is_not_there_is_named(source: str) -> None:
    with pytest.raises(SourceError, match=f"source {source}"):
        open_frames(source)


def test_a_file_that_is_no_video_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("no video", "utf-8")
    with pytest.raises(SourceError, match=r"notes\.mp4.*convert"):
        open_frames(path)


def test_what_gives_no_frame_at_all_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_frames(tmp_path) as frames, pytest.raises(SourceError, match="no picture in this folder"):
        next(iter(frames))
    monkeypatch.setattr(cv2, "VideoCapture", type("Video", (FakeCamera,), {"made": [], "count": 0}))
    path = tmp_path / "video.mp4"
    path.touch()
    with open_frames(path) as frames, pytest.raises(SourceError, match=r"video\.mp4: no frame of it can be decoded"):
        next(iter(frames))


# Live sources


@pytest.mark.parametrize(
    ("source", "device"),
    [(0, 0), ("0", 0), ("2", 2), ("/dev/video1", "/dev/video1"), ("/dev/v4l/by-id/x", "/dev/v4l/by-id/x")],
)
def test_a_camera_is_opened_by_number_or_device_and_asked_for_mjpg(
    camera: type[FakeCamera], source: int | str, device: int | str
) -> None:
    with open_frames(source) as frames:
        assert frames.live
        assert next(iter(frames)).shape == (4, 6, 3)
    (made,) = camera.made
    assert made.arguments[0] == device
    assert made.settings[cv2.CAP_PROP_FOURCC] == cv2.VideoWriter.fourcc(*"MJPG")


def test_a_camera_without_mjpg_is_used_as_it_is(camera: type[FakeCamera]) -> None:
    camera.agrees_to_mjpg = False
    with open_frames(0) as frames:
        assert next(iter(frames)) is not None


def test_a_stream_is_opened_by_its_url_with_time_limits(camera: type[FakeCamera]) -> None:
    with open_frames("rtsp://camera.local/live") as frames:
        assert next(iter(frames)) is not None
    url, backend, limits = camera.made[0].arguments
    assert (url, backend) == ("rtsp://camera.local/live", cv2.CAP_FFMPEG)
    assert cv2.CAP_PROP_OPEN_TIMEOUT_MSEC in limits and cv2.CAP_PROP_READ_TIMEOUT_MSEC in limits


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
    camera.count, camera.interval_s = 20, 0.01
    numbers = []
    with open_frames(0) as frames, pytest.raises(SourceError, match="source 0: was lost"):
        for frame in frames:
            numbers.append(int(frame[0, 0, 0]))
    assert numbers == sorted(set(numbers)) and numbers[-1] == 20


def test_a_frame_that_cannot_be_decoded_ends_the_source_at_once(
    camera: type[FakeCamera], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def damaged(self: FakeCamera) -> None:
        time.sleep(0.05)
        raise cv2.error("bad\nframe")

    monkeypatch.setattr(camera, "read", damaged)
    start = time.monotonic()
    with open_frames(0) as frames, pytest.raises(SourceError, match="source 0: was lost"):
        next(iter(frames))
    assert time.monotonic() - start < 2 and "source 0: bad frame" in caplog.text
    assert camera.made[0].released.is_set()


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


def test_a_camera_that_does_not_open_is_named(camera: type[FakeCamera]) -> None:
    camera.opens = False
    with pytest.raises(SourceError, match=r"source 7: cannot be opened.*connected"):
        open_frames("7")


def test_a_camera_that_blocks_does_not_block_us(camera: type[FakeCamera], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_runtime.frames, "OPEN_TIMEOUT_S", 0.1)
    wake = threading.Event()
    monkeypatch.setattr(camera, "__init__", lambda self, *_: wake.wait(5) and None)
    monkeypatch.setattr(camera, "isOpened", lambda self: False)
    monkeypatch.setattr(camera, "release", lambda self: None)
    monkeypatch.setattr(edge_runtime.frames, "CLOSE_TIMEOUT_S", 0.1)
    start = time.monotonic()
    with pytest.raises(SourceError, match=r"did not open within 0\.1 s"):
        open_frames(0)
    assert time.monotonic() - start < 2
    wake.set()
    for thread in threading.enumerate():
        if thread.name == "frames of 0":
            thread.join(2)


def test_a_camera_that_falls_silent_counts_as_lost(camera: type[FakeCamera], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_runtime.frames, "READ_TIMEOUT_S", 0.1)
    camera.interval_s = 0.5
    with open_frames(0) as frames, pytest.raises(SourceError, match=r"gave no frame for 0\.1 s"):
        next(iter(frames))
