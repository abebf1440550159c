"""What a live run leaves on disk: uncertain pictures, recordings; and its word to systemd."""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from edge_runtime import DependencyError, LiveResult, Number, OutputError, Reading
from edge_runtime.cli.webcam.recording import Recording
from edge_runtime.cli.webcam.screen import compose
from edge_runtime.cli.webcam.systemd import Watchdog, notify
from edge_runtime.cli.webcam.uncertain import UncertainPictures
from edge_runtime.video.base import FrameSource

SURE = Reading("42", (4, 2), (0.99, 0.99), 0.98, True, ((10, 10), (60, 10), (60, 50), (10, 50)))


def unsure(text: str) -> Reading:
    return Reading(text, (4, 2), (0.5, 0.5), 0.25, False, SURE.box)


def result(
    *readings: Reading, time_s: float, size: tuple[int, int] = (240, 320), still: bool = False, level: int = 128
) -> LiveResult:
    frame = np.full((*size, 3), level, np.uint8)
    return LiveResult(0, time_s, readings, (), (), 1.0, 1.0, still, frame)


def numbers_shown(count: int) -> np.ndarray:
    """The screen of a blank frame with so many confirmed numbers, without the frame itself."""
    numbers = tuple(Number(place, str(1000 + place), 0.99, SURE.box, 0) for place in range(count))
    blank = LiveResult(0, 0.0, (), numbers, (), 1.0, 1.0, False, np.zeros((480, 640, 3), np.uint8))
    return compose(blank, frames_per_s=1)[480:]


# The screen


def test_a_narrow_frame_gets_bars_so_that_its_lines_can_be_read() -> None:
    wide, narrow = (compose(result(time_s=1, size=(640, width)), frames_per_s=1) for width in (480, 200))
    assert narrow.shape == wide.shape
    assert (narrow[:640, 140:340] == 128).all() and (narrow[640:] == wide[640:]).all()


def test_at_most_four_numbers_are_shown_and_how_many_more() -> None:
    def height(screen: np.ndarray) -> int:
        rows = np.flatnonzero((screen[:130] == 255).all(axis=2).any(axis=1))
        return int(rows[-1] - rows[0])

    assert height(numbers_shown(12)) > 0.75 * height(numbers_shown(4))
    assert (numbers_shown(12) != numbers_shown(11)).any()  # "+8" is not "+7"


# Uncertain pictures


def test_only_frames_with_an_unsure_reading_are_kept(tmp_path: Path) -> None:
    pictures = UncertainPictures(tmp_path / "unsure")
    assert pictures.consider(result(time_s=100)) is None
    assert pictures.consider(result(SURE, time_s=102)) is None
    assert pictures.consider(result(SURE, unsure("7"), time_s=104, still=True)) is None
    path = pictures.consider(result(SURE, unsure("7"), time_s=106))
    assert path is not None and cv2.imread(str(path)).shape == (240, 320, 3)
    values = json.loads(path.with_suffix(".json").read_text("utf-8"))
    assert [reading["text"] for reading in values["readings"]] == ["42", "7"]


def test_pictures_are_kept_at_intervals_and_the_same_texts_more_rarely(tmp_path: Path) -> None:
    pictures = UncertainPictures(tmp_path, every_s=1.0)
    texts = [(0.0, "7"), (0.5, "8"), (1.1, "8"), (2.2, "8"), (20, "8"), (31.5, "8"), (32.6, "7")]
    kept = [pictures.consider(result(unsure(text), time_s=100 + at)) is not None for at, text in texts]
    assert kept == [True, False, True, False, False, True, True]


def test_the_oldest_are_dropped_by_number_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"mine")
    UncertainPictures(tmp_path).consider(result(unsure("1"), time_s=10))
    pictures = UncertainPictures(tmp_path, most_files=3)  # a later run counts the earlier one's pictures
    paths = [pictures.consider(result(unsure(str(number)), time_s=100 + 2 * number)) for number in range(2, 7)]
    left = sorted(tmp_path.glob("unsure-*.jpg"))
    assert left == paths[-3:] and (tmp_path / "holiday.jpg").exists()
    assert sorted(tmp_path.glob("*.json")) == [path.with_suffix(".json") for path in left]


def test_the_oldest_are_dropped_by_size(tmp_path: Path) -> None:
    pictures = UncertainPictures(tmp_path, most_mb=0.02)
    for number in range(30):
        pictures.consider(result(unsure(str(number)), time_s=100 + 2 * number))
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert 0 < len(list(tmp_path.glob("*.jpg"))) < 30 and size <= 20_000


def test_a_folder_that_vanishes_does_not_end_the_reading(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    pictures = UncertainPictures(tmp_path / "unsure")
    (tmp_path / "unsure").rmdir()
    (tmp_path / "unsure").write_text("a file", "utf-8")
    assert pictures.consider(result(unsure("1"), time_s=10)) is None
    assert pictures.consider(result(unsure("2"), time_s=12)) is None
    assert caplog.text.count("cannot be written") == 1


# Recordings


def frames_of(path: Path) -> list[np.ndarray]:
    capture = cv2.VideoCapture(str(path))
    frames = []
    while True:
        ok, frame = capture.read()
        if not ok:
            return frames
        frames.append(frame)


@pytest.mark.parametrize("ending", [".mp4", ".avi"])
def test_every_frame_of_a_file_is_recorded_once(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"read{ending}"
    with Recording(path, FrameSource("folder", live=False)) as recording:
        for number in range(12):
            recording.add(result(SURE, time_s=number, size=(480, 640)))
    frames = frames_of(path)
    assert len(frames) == 12 and frames[0].shape[1] == 640 and frames[0].shape[0] > 480
    green = np.abs(frames[5].astype(int) - (60, 170, 0)).max(axis=2) < 40
    assert green[:100, :100].any() and not green[200:480].any()


def test_a_live_recording_runs_as_the_clock_did(tmp_path: Path) -> None:
    path = tmp_path / "read.avi"
    with Recording(path, FrameSource("camera", live=True)) as recording:
        times = [*np.arange(0, 2, 1 / 30), 4.0, 4.5, 500.0]
        for time_s in times:
            recording.add(result(time_s=1000 + time_s))
    assert 15 * 4 <= len(frames_of(path)) <= 15 * 4.6 + 15 * 10 + 2


def test_a_clock_that_is_set_back_does_not_hold_up_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "read.avi"
    with Recording(path, FrameSource("camera", live=True)) as recording:
        for time_s in [*np.arange(5000, 5001, 1 / 30), *np.arange(1000, 1001, 1 / 30)]:
            recording.add(result(time_s=time_s))
    assert 29 <= len(frames_of(path)) <= 33


def test_frames_of_another_size_are_fitted_in(tmp_path: Path) -> None:
    path = tmp_path / "read.avi"
    with Recording(path, FrameSource("folder", live=False)) as recording:
        for size in ((480, 640), (480, 641), (1080, 1920), (640, 480)):
            recording.add(result(time_s=1, size=size))
    assert len({frame.shape for frame in frames_of(path)}) == 1 and len(frames_of(path)) == 4


@pytest.mark.parametrize(
    ("name", "words"), [("read.mkv", ".mp4 or .avi"), ("none/read.mp4", "there is no folder"), ("read", ".mp4 or .avi")]
)
def test_a_name_that_cannot_be_recorded_is_refused_at_once(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(OutputError, match=words):
        Recording(tmp_path / name, FrameSource("camera", live=True))


def test_an_opencv_without_the_encoder_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "VideoWriter", type("W", (), {"__init__": lambda *_: None, "isOpened": lambda _: False}))
    monkeypatch.setattr(cv2.VideoWriter, "fourcc", staticmethod(lambda *_: 0), raising=False)
    recording = Recording(tmp_path / "read.mp4", FrameSource("camera", live=True))
    with pytest.raises(DependencyError, match=r"read\.mp4: cannot be written.*\.avi"):
        recording.add(result(time_s=1))


def test_recording_ends_before_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with Recording(tmp_path / "read.avi", FrameSource("folder", live=False)) as recording:
        for number in range(120):
            recording.add(result(time_s=number, size=(60, 80)))
    assert len(frames_of(tmp_path / "read.avi")) == 100 and caplog.text.count("nearly full") == 1


# systemd


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    if not hasattr(socket, "AF_UNIX"):
        pytest.skip("no Unix sockets here")
    address = f"/tmp/notify-{os.getpid()}.sock"  # a socket's path is short
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        listener.settimeout(2)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        yield listener
    os.unlink(address)


def test_without_systemd_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", "/no/such/socket")
    assert not notify("READY=1")


def test_the_watchdog_is_fed_at_a_quarter_of_its_time(listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now_s)
    monkeypatch.setenv("WATCHDOG_USEC", "8000000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    watchdog = Watchdog()
    for number in range(91):  # three seconds
        now_s = 100 + number / 30
        watchdog.feed()
    listener.setblocking(False)
    told = [listener.recv(100) for _ in range(3)]
    assert told == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
    with pytest.raises(BlockingIOError):
        listener.recv(100)


@pytest.mark.parametrize("pid", ["1", ""])
def test_another_process_s_watchdog_is_not_fed(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch, pid: str
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "1" if pid else "0")
    monkeypatch.setenv("WATCHDOG_PID", pid)
    watchdog = Watchdog()
    watchdog.feed()
    watchdog.feed()
    listener.setblocking(False)
    assert listener.recv(100) == b"READY=1"
    with pytest.raises(BlockingIOError):
        listener.recv(100)
