"""Sources of frames: folders, videos, and live ones played by a stand-in for the camera."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

import edge_runtime.video.capture
from edge_runtime import DependencyError, ImageError, SourceError, open_frames


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
    with open_frames(tmp_path) as frames, pytest.raises(SourceError, match="no picture here"):
        next(iter(frames))
    monkeypatch.setattr(cv2, "VideoCapture", type("Video", (FakeCamera,), {"made": [], "count": 0}))
    path = tmp_path / "video.mp4"
    path.touch()
    with open_frames(path) as frames, pytest.raises(SourceError, match=r"video\.mp4: no frame of it can be decoded"):
        next(iter(frames))


def test_a_glob_gives_its_pictures_in_natural_order(tmp_path: Path) -> None:
    write_pictures(tmp_path, "frame2.png", "frame10.png", "other1.png")
    with open_frames(str(tmp_path / "frame*.png")) as frames:
        assert [int(frame[0, 0, 0]) for frame in frames] == [10, 20]
    with (
        open_frames(str(tmp_path / "none*.png")) as frames,
        pytest.raises(SourceError, match=r"none\*\.png: no picture"),
    ):
        list(frames)


def test_stop_ends_files_too(tmp_path: Path) -> None:
    write_pictures(tmp_path, *(f"{number}.png" for number in range(5)))
    shown = 0
    with open_frames(tmp_path) as frames:
        for _ in frames:
            shown += 1
            frames.stop()
    assert shown == 1


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


def test_a_camera_that_gives_only_damaged_frames_is_opened_again_and_does_not_spin(
    camera: type[FakeCamera], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def damaged(self: FakeCamera) -> None:
        calls.append(1)
        raise cv2.error("bad frame")

    monkeypatch.setattr(camera, "read", damaged)
    monkeypatch.setattr(edge_runtime.capture, "SILENT_S", 0.2)
    with open_frames(0, give_up_s=1.0) as frames, pytest.raises(SourceError, match="gave no frame for 1 s"):
        next(iter(frames))
    assert 2 <= len(camera.made) <= 4 and len(calls) < 100


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


def test_a_camera_that_is_away_is_tried_at_growing_intervals(
    camera: type[FakeCamera], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    camera.count = 5
    waits: list[float] = []
    with open_frames(0) as frames:
        next(iter(frames))
        camera.opens = False
        source_end = frames._end  # type: ignore[attr-defined]
        monkeypatch.setattr(source_end, "wait", lambda wait_s: waits.append(wait_s) or time.sleep(0.001))
        deadline = time.monotonic() + 5
        while len(waits) < 6 and time.monotonic() < deadline:
            time.sleep(0.01)
        monkeypatch.setattr(edge_runtime.capture, "_QUICK_FOR_S", -1.0)  # as if the outage were long
        count = len(waits)
        while len(waits) < count + 12 and time.monotonic() < deadline:
            time.sleep(0.01)
    # The first wait may have begun before it was watched.
    assert waits[:5][-2:] == [1.0, 1.0] and max(waits[:4]) <= 1.0
    assert waits[-1] == 30.0 and waits == sorted(waits)
    assert caplog.text.count("source 0 was lost") == 1


def test_giving_up_is_an_error_that_names_the_source(camera: type[FakeCamera]) -> None:
    camera.count = 3
    with open_frames(0, give_up_s=0.4) as frames:
        frames_of = iter(frames)
        next(frames_of)
        camera.opens = False
        with pytest.raises(SourceError, match=r"source 0: gave no frame for 0\.4 s"):
            list(frames_of)


def test_who_waits_is_called_while_there_is_no_frame(camera: type[FakeCamera]) -> None:
    camera.interval_s = 0.7
    calls = []
    with open_frames(0) as frames:
        frames.while_waiting = lambda: calls.append(1)
        next(iter(frames))
    assert 1 <= len(calls) <= 4


def test_stop_ends_the_iteration_at_once_also_from_another_thread(camera: type[FakeCamera]) -> None:
    camera.interval_s = 0.6
    with open_frames(0) as frames:
        threading.Timer(0.1, frames.stop).start()
        start = time.monotonic()
        assert list(frames) == [] and frames.stopped
        assert time.monotonic() - start < 0.5


def test_the_time_at_which_a_frame_was_taken_is_known(camera: type[FakeCamera]) -> None:
    with open_frames(0) as frames:
        next(iter(frames))
        assert frames.taken_s is not None and 0 <= time.monotonic() - frames.taken_s < 0.5


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
    monkeypatch.setattr(edge_runtime.capture, "OPEN_TIMEOUT_S", 0.1)
    wake = threading.Event()
    monkeypatch.setattr(camera, "__init__", lambda self, *_: wake.wait(5) and None)
    monkeypatch.setattr(camera, "isOpened", lambda self: False)
    monkeypatch.setattr(camera, "release", lambda self: None)
    monkeypatch.setattr(edge_runtime.capture, "CLOSE_TIMEOUT_S", 0.1)
    start = time.monotonic()
    with pytest.raises(SourceError, match=r"did not open within 0\.1 s"):
        open_frames(0)
    assert time.monotonic() - start < 2
    wake.set()
    for thread in threading.enumerate():
        if thread.name == "frames of 0":
            thread.join(2)


def test_a_wildcard_in_a_device_name_takes_the_first_that_fits(
    camera: type[FakeCamera], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_runtime.video.sources.glob.glob", lambda name: ["/dev/v4l/by-id/b", "/dev/v4l/by-id/a"])
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


# Frames from Python


def test_any_iterable_of_frames_is_a_source() -> None:
    grey, colour = np.zeros((4, 6), np.uint8), np.zeros((4, 6, 4), np.uint8)
    with open_frames(frame for frame in (grey, None, colour)) as frames:
        assert [frame.shape for frame in frames] == [(4, 6, 3), (4, 6, 3)] and not frames.live
    with open_frames(np.zeros((2, 4, 6, 3), np.uint8)) as frames:
        assert len(list(frames)) == 2


@pytest.mark.parametrize(
    "frame", ["text", np.zeros((4, 6, 3)), np.zeros((4, 6, 2), np.uint8), np.zeros((0, 6, 3), np.uint8)]
)
def test_what_is_no_frame_is_refused(frame: object) -> None:
    with open_frames([frame]) as frames, pytest.raises(ImageError, match="frame "):  # type: ignore[list-item]
        list(frames)


def test_a_single_frame_and_what_cannot_be_iterated_are_refused() -> None:
    with pytest.raises(SourceError, match="one single frame"):
        open_frames(np.zeros((4, 6, 3), np.uint8))
    with pytest.raises(SourceError, match="source is a float"):
        open_frames(1.5)  # type: ignore[arg-type]
