"""``edge-digits webcam`` in a window that a stand-in plays: keys, notices, machines without a display."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.conftest import Run, one_line
from tests.robustness.mjpeg_server import MjpegServer

NONE = "\xff"  # no key


class FakeWindow:
    """The window functions of OpenCV, with keys pressed by a script."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
        self.shown: list[np.ndarray] = []
        self.keys = iter(keys)
        self.visible = True
        monkeypatch.setenv("DISPLAY", ":99")
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0))
        monkeypatch.setattr(cv2, "namedWindow", lambda *_: None)
        monkeypatch.setattr(cv2, "resizeWindow", lambda *_: None)
        monkeypatch.setattr(cv2, "imshow", lambda _, picture: self.shown.append(picture))
        monkeypatch.setattr(cv2, "waitKey", lambda _: ord(next(self.keys, NONE)))
        monkeypatch.setattr(cv2, "getWindowProperty", lambda *_: float(self.visible))
        monkeypatch.setattr(cv2, "destroyAllWindows", lambda: setattr(self, "visible", False))


def test_the_window_shows_each_frame_with_its_readings(run: Run, video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = FakeWindow(monkeypatch, "")
    assert run("webcam", video, "--min-confidence", 0).exit_code == 0
    assert len(window.shown) == 10 and not window.visible
    green = [bool((np.abs(frame.astype(int) - (60, 170, 0)).max(axis=2) < 5).any()) for frame in window.shown]
    assert green == [False] * 2 + [True] * 4 + [False] * 4


def test_s_saves_the_frame_and_q_quits(
    run: Run, video: Path, page: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = FakeWindow(monkeypatch, f"{NONE}{NONE}sq")
    result = run("webcam", video, "--save-dir", tmp_path / "saved")
    assert result.exit_code == 0 and len(window.shown) == 4
    (saved,) = (tmp_path / "saved").glob("*.png")
    np.testing.assert_array_equal(cv2.imread(str(saved)), page)
    assert str(saved) in one_line(result.stderr)
    assert json.loads(saved.with_suffix(".json").read_text("utf-8"))["frame"] == 2


def test_space_holds_the_picture_until_it_comes_again(run: Run, video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = FakeWindow(monkeypatch, f"{NONE} {NONE}{NONE} {NONE}q")
    assert run("webcam", video).exit_code == 0
    assert len(window.shown) == 6  # frames 0 and 1, paused, going on, frames 2 and 3
    assert (window.shown[2] != window.shown[1]).any() and (window.shown[3] == window.shown[1]).mean() > 0.99


def test_d_shows_what_the_network_sees(run: Run, video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = FakeWindow(monkeypatch, f"{NONE}{NONE}d{NONE}dq")
    assert run("webcam", video, "--min-confidence", 0).exit_code == 0
    heights = [screen.shape[0] for screen in window.shown]
    plain, tall = min(heights), max(heights)
    assert heights == [plain, plain, plain, tall, tall, tall, plain, plain]


def test_recording_and_uncertain_pictures_work_beside_the_window(
    run: Run, video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FakeWindow(monkeypatch, "")
    assert run("webcam", video, "--record", tmp_path / "a.avi", "--save-uncertain", tmp_path / "u").exit_code == 0
    assert int(cv2.VideoCapture(str(tmp_path / "a.avi")).get(cv2.CAP_PROP_FRAME_COUNT)) == 10


def test_the_window_says_that_it_waits_and_q_still_quits(
    run: Run, page: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = FakeWindow(monkeypatch, "")
    with MjpegServer([cv2.imencode(".jpg", page)[1].tobytes()]) as server:
        threading.Timer(0.7, server.stall).start()
        threading.Timer(2.2, lambda: setattr(window, "keys", iter("q"))).start()
        assert run("webcam", server.url).exit_code == 0
    orange = (np.abs(window.shown[-1].astype(int) - (60, 170, 255)).max(axis=2) < 60).sum()
    assert orange > 50


def test_closing_the_window_quits(run: Run, video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = FakeWindow(monkeypatch, "")
    window.visible = False
    assert run("webcam", video).exit_code == 0
    assert len(window.shown) == 1


def test_an_opencv_without_windows_says_what_to_do(run: Run, video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise cv2.error("The function is not implemented")

    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0))
    monkeypatch.setattr(cv2, "namedWindow", missing)
    result = run("webcam", video)
    assert result.exit_code == 1
    assert "--headless" in one_line(result.stderr) and "opencv-python" in result.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays of X11 and Wayland")
def test_a_display_that_does_not_answer_is_one_line(run: Run, video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":77")
    ends_as_qt_does = subprocess.CompletedProcess([], -6)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: ends_as_qt_does)
    result = run("webcam", video)
    assert result.exit_code == 1 and "display :77 cannot be opened" in one_line(result.stderr)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays of X11 and Wayland")
def test_without_a_display_headless_is_named(run: Run, video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    result = run("webcam", video)
    assert result.exit_code == 1 and "--headless" in one_line(result.stderr)
