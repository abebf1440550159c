"""The annotated frames as a video file."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from edge_runtime import DependencyError, OutputError
from edge_runtime.cli.webcam.recording import Recording
from edge_runtime.video.base import FrameSource
from tests.conftest import drawn_green
from tests.edge_runtime.cli.webcam.conftest import SURE, result


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
    green = drawn_green(frames[5], 40)
    assert green[:100, :100].any() and not green[200:480].any()


@pytest.mark.parametrize(
    ("times_s", "least", "most"),
    [
        ([*np.arange(0, 2, 1 / 30), 4.0, 4.5, 500.0], 15 * 4, 15 * 4.6 + 15 * 10 + 2),  # a long pause is shortened
        ([*np.arange(5000, 5001, 1 / 30), *np.arange(1000, 1001, 1 / 30)], 29, 33),  # the clock was set back
    ],
)
def test_a_live_recording_runs_as_the_clock_did(
    tmp_path: Path, times_s: list[float], least: float, most: float
) -> None:
    path = tmp_path / "read.avi"
    with Recording(path, FrameSource("camera", live=True)) as recording:
        for time_s in times_s:
            recording.add(result(time_s=1000 + time_s, size=(60, 80)))
    assert least <= len(frames_of(path)) <= most


def test_frames_of_another_size_are_fitted_in(tmp_path: Path) -> None:
    path = tmp_path / "read.avi"
    with Recording(path, FrameSource("folder", live=False)) as recording:
        for size in ((480, 640), (480, 641), (1080, 1920), (640, 480)):
            recording.add(result(time_s=1, size=size))
    assert len({frame.shape for frame in frames_of(path)}) == 1 and len(frames_of(path)) == 4


def test_an_opencv_without_the_encoder_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "VideoWriter", type("W", (), {"__init__": lambda *_: None, "isOpened": lambda _: False}))
    monkeypatch.setattr(cv2.VideoWriter, "fourcc", staticmethod(lambda *_: 0), raising=False)
    recording = Recording(tmp_path / "read.mp4", FrameSource("camera", live=True))
    with pytest.raises(DependencyError, match=r"read\.mp4: this OpenCV lacks the mp4v encoder.*\.avi"):
        recording.add(result(time_s=1))
    assert not (tmp_path / "read.mp4").exists()


def test_a_file_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "read.avi").mkdir()
    with pytest.raises(OutputError, match=r"read\.avi: cannot be written \("):
        Recording(tmp_path / "read.avi", FrameSource("folder", live=False)).add(result(time_s=1))


def test_recording_ends_before_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with Recording(tmp_path / "read.avi", FrameSource("folder", live=False)) as recording:
        for number in range(120):
            recording.add(result(time_s=number, size=(60, 80)))
    assert len(frames_of(tmp_path / "read.avi")) == 100 and caplog.text.count("nearly full") == 1
