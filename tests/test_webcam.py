"""``edge-digits webcam``, with a stand-in for the window."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from conftest import Run, one_line


@pytest.fixture
def video(tmp_path: Path, page: np.ndarray) -> Path:
    """Two blank frames, three with the number, two blank ones."""
    folder = tmp_path / "video"
    folder.mkdir()
    for number in range(7):
        frame = page if 2 <= number < 5 else np.full_like(page, 255)
        (folder / f"{number}.png").write_bytes(cv2.imencode(".png", frame)[1].tobytes())
    return folder


def test_headless_prints_a_line_whenever_the_reading_changes(run: Run, video: Path) -> None:
    result = run("webcam", video, "--headless", "--min-confidence", 0)
    assert (result.exit_code, result.stderr) == (0, "")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["frame"] for row in rows] == [2, 5]
    assert rows[0]["text"] and rows[0]["readings"] and rows[1]["text"] == ""
    assert "T" in rows[0]["time"]


def test_a_missing_camera_is_one_line_and_exit_1(run: Run) -> None:
    result = run("webcam", "99", "--headless")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "source 99" in one_line(result.stderr)


class FakeWindow:
    """The window functions of OpenCV, with keys pressed by a script."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
        self.shown: list[np.ndarray] = []
        self.keys = iter(keys)
        self.visible = True
        monkeypatch.setenv("DISPLAY", ":99")
        monkeypatch.setattr(cv2, "namedWindow", lambda *_: None)
        monkeypatch.setattr(cv2, "resizeWindow", lambda *_: None)
        monkeypatch.setattr(cv2, "imshow", lambda _, picture: self.shown.append(picture))
        monkeypatch.setattr(cv2, "waitKey", lambda _: ord(next(self.keys, " ")))
        monkeypatch.setattr(cv2, "getWindowProperty", lambda *_: float(self.visible))
        monkeypatch.setattr(cv2, "destroyAllWindows", lambda: setattr(self, "visible", False))


def test_the_window_shows_each_frame_with_its_readings(run: Run, video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = FakeWindow(monkeypatch, "")
    assert run("webcam", video, "--min-confidence", 0).exit_code == 0
    assert len(window.shown) == 7 and not window.visible
    green = [bool((np.abs(frame.astype(int) - (60, 170, 0)).max(axis=2) < 5).any()) for frame in window.shown]
    assert green == [False, False, True, True, True, False, False]


def test_s_saves_the_frame_and_q_quits(
    run: Run, video: Path, page: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = FakeWindow(monkeypatch, "  sq")
    result = run("webcam", video, "--save-dir", tmp_path / "saved")
    assert result.exit_code == 0 and len(window.shown) == 4
    (saved,) = (tmp_path / "saved").glob("*.png")
    np.testing.assert_array_equal(cv2.imread(str(saved)), page)
    assert str(saved) in one_line(result.stderr)


def test_closing_the_window_quits(run: Run, video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = FakeWindow(monkeypatch, "")
    window.visible = False
    assert run("webcam", video).exit_code == 0
    assert len(window.shown) == 1


def test_an_opencv_without_windows_says_what_to_do(run: Run, video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise cv2.error("The function is not implemented")

    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.setattr(cv2, "namedWindow", missing)
    result = run("webcam", video)
    assert result.exit_code == 1
    assert "--headless" in one_line(result.stderr) and "opencv-python" in result.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays of X11 and Wayland")
def test_without_a_display_headless_is_named(run: Run, video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    result = run("webcam", video)
    assert result.exit_code == 1 and "--headless" in one_line(result.stderr)
