"""How cameras, streams and pipelines are opened by their names; a stand-in plays the camera."""

from __future__ import annotations

import glob
import threading
import time

import cv2
import pytest

from edge_runtime import DependencyError, SourceError, open_frames
from edge_runtime.video.capture import CaptureTimes, LiveFrames
from tests.edge_runtime.video.fake_camera import FakeCamera


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


def test_a_camera_without_mjpg_keeps_its_own_format(camera: type[FakeCamera], caplog: pytest.LogCaptureFixture) -> None:
    camera.agrees_to_mjpg = False
    caplog.set_level("INFO")
    with open_frames(0) as frames:
        assert next(iter(frames)).shape == (4, 6, 3)
    assert len(camera.made) == 1 and "camera 0 does not give MJPG" in caplog.text


def test_a_stream_is_opened_by_its_url_with_time_limits(camera: type[FakeCamera]) -> None:
    with open_frames("rtsp://camera.local/live") as frames:
        assert frames.live and next(iter(frames)).shape == (4, 6, 3)
    url, backend, limits = camera.made[0].arguments
    assert (url, backend) == ("rtsp://camera.local/live", cv2.CAP_FFMPEG)
    assert isinstance(limits, list)
    values = dict(zip(limits[::2], limits[1::2], strict=True))
    assert values == {cv2.CAP_PROP_OPEN_TIMEOUT_MSEC: 10_000, cv2.CAP_PROP_READ_TIMEOUT_MSEC: 1_500}


def test_the_password_in_a_url_is_used_and_never_shown(camera: type[FakeCamera]) -> None:
    url = "rtsp://admin:topsecret@10.0.0.7/live"
    with open_frames(url) as frames:
        assert frames.name == "rtsp://***@10.0.0.7/live"
    assert camera.made[-1].arguments[0] == url
    with pytest.raises(SourceError) as caught:
        open_frames("file://user:topsecret@host/none.mp4")
    assert "topsecret" not in str(caught.value)
    with open_frames("rtsp://admin:top@secret@10.0.0.7/live") as frames:
        assert frames.name == "rtsp://***@10.0.0.7/live"


def test_a_camera_that_does_not_open_is_named(camera: type[FakeCamera]) -> None:
    camera.opens = False
    with pytest.raises(SourceError, match=r"source 7: cannot be opened; check its connection"):
        open_frames("7")


def test_a_camera_that_blocks_does_not_block_us() -> None:
    wake = threading.Event()

    def open_capture(open_s: float, silent_s: float) -> FakeCamera:
        wake.wait(5)
        raise cv2.error("too late")

    start_s = time.monotonic()
    with pytest.raises(SourceError, match=r"source 0: did not open within 0\.1 s"):
        LiveFrames("0", open_capture, times=CaptureTimes(open_s=0.1, close_s=0.1))
    assert time.monotonic() - start_s < 2
    wake.set()
    for thread in threading.enumerate():
        if thread.name == "frames of 0":
            thread.join(2)


def test_a_wildcard_in_a_device_name_takes_the_first_that_fits(
    camera: type[FakeCamera], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glob, "glob", lambda name: ["/dev/v4l/by-id/b", "/dev/v4l/by-id/a"])
    with open_frames("/dev/v4l/by-id/*"):
        pass
    assert camera.made[0].arguments[0] == "/dev/v4l/by-id/a"


def test_a_pipeline_is_opened_by_gstreamer(camera: type[FakeCamera], monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = "libcamerasrc ! videoconvert ! appsink"
    monkeypatch.setattr(cv2.videoio_registry, "hasBackend", lambda backend: backend == cv2.CAP_GSTREAMER)
    with open_frames(pipeline) as frames:
        assert frames.live
    assert camera.made[0].arguments[:2] == (pipeline, cv2.CAP_GSTREAMER)


def test_a_pipeline_without_gstreamer_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2.videoio_registry, "hasBackend", lambda backend: backend == cv2.CAP_FFMPEG)
    with pytest.raises(DependencyError, match="built without GStreamer"):
        open_frames("videotestsrc ! appsink")


def test_a_stream_of_known_length_is_a_video_whose_every_frame_comes(
    camera: type[FakeCamera], monkeypatch: pytest.MonkeyPatch
) -> None:
    camera.count = 20
    monkeypatch.setattr(
        camera, "get", lambda self, key: {cv2.CAP_PROP_FRAME_COUNT: 20, cv2.CAP_PROP_FPS: 25}.get(key, 0)
    )
    with open_frames("http://camera.local/video.mp4") as frames:
        assert not frames.live and frames.frames_per_s == 25
        assert [int(frame[0, 0, 0]) for frame in frames] == list(range(1, 21))
