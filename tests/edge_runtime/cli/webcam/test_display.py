"""The real window on a virtual screen: what a person sees of it, and its keys.

Needs Xvfb, xdotool and an OpenCV with windows; EDGE_DIGITS_GUI_PYTHON may name an interpreter that has one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import DigitReader
from tests.conftest import drawn_green

PYTHON = os.environ.get("EDGE_DIGITS_GUI_PYTHON", sys.executable)
NUMBER = "4725"
PICTURE, LARGE, STATUS, HINT = slice(0, 480), slice(480, 610), slice(610, 640), slice(640, 670)  # rows
SCREEN_SIZE = "1280x1024x24"


def missing_part() -> str | None:
    for tool in ("Xvfb", "xdotool"):
        if shutil.which(tool) is None:
            return f"{tool} is not installed"
    code = "import click, cv2, onnxruntime; print(*(x for x in cv2.getBuildInformation().splitlines() if 'GUI:' in x))"
    done = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, timeout=60)
    if done.returncode or "NONE" in done.stdout:
        return "no OpenCV with windows here; EDGE_DIGITS_GUI_PYTHON can name an interpreter that has one"
    return None


@pytest.fixture(scope="module")
def display(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The name of a virtual display, and the file that holds its picture."""
    missing = missing_part()
    if missing:
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("screen")
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", SCREEN_SIZE, "-fbdir", str(folder), "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        yield ":" + server.stdout.readline().strip(), folder / "Xvfb_screen0"
        server.terminate()


@pytest.fixture
def window(display: tuple[str, Path], tmp_path: Path) -> Iterator[Window]:
    frame = np.full((480, 640, 3), (200, 215, 220), np.uint8)
    cv2.rectangle(frame, (120, 120), (500, 340), (250, 250, 250), -1)
    cv2.putText(frame, NUMBER, (170, 265), cv2.FONT_HERSHEY_DUPLEX, 3.2, (60, 30, 20), 8, cv2.LINE_AA)
    first = tmp_path / "frames" / "0.png"
    first.parent.mkdir()
    cv2.imwrite(str(first), frame)
    for number in range(1, 5000):
        first.with_name(f"{number}.png").symlink_to(first)
    window = Window(display, tmp_path)
    yield window
    window.process.kill()
    window.process.communicate()


class Window:
    """The command under test, its screen and its keys."""

    def __init__(self, display: tuple[str, Path], folder: Path) -> None:
        self.saved = folder / "saved"
        name, self._screen = display
        self._environment = os.environ | {"DISPLAY": name, "OMP_NUM_THREADS": "1"}
        command = [PYTHON, "-m", "edge_runtime", "webcam", str(folder / "frames"), "--save-dir", str(self.saved)]
        self.process = subprocess.Popen(command, env=self._environment, stderr=subprocess.PIPE, text=True)

    def screenshot(self) -> np.ndarray:
        """The top left of the screen, uint8 [770, 640, 3] BGR, from the virtual screen's own file in XWD format."""
        data = self._screen.read_bytes()
        head = np.frombuffer(data, ">u4", 25)
        header_bytes, height, line_bytes, colours = int(head[0]), int(head[5]), int(head[12]), int(head[19])
        pixels = np.frombuffer(data, np.uint8, height * line_bytes, header_bytes + 12 * colours)
        return pixels.reshape(height, line_bytes // 4, 4)[:770, :640, :3].copy()

    def wait_until(self, holds: object, what: str) -> np.ndarray:
        """The first screenshot for which ``holds`` is true."""
        assert callable(holds)
        for _ in range(240):
            shot = self.screenshot()
            if holds(shot):
                return shot
            assert self.process.poll() is None, self.process.communicate()[1]
            time.sleep(0.125)
        raise AssertionError(f"not seen within 30 s: {what}")

    def press(self, key: str) -> None:
        command = ["xdotool", "search", "--name", "^edge-digits$", "key", key]
        subprocess.run(command, env=self._environment, check=True, capture_output=True, timeout=20)


def shows_number(shot: np.ndarray) -> bool:
    return bool((shot[LARGE] > 200).sum() > 3000)


@pytest.mark.slow
def test_the_window_shows_the_number_large_and_obeys_its_keys(window: Window) -> None:
    """What each key does, test_window asks; here a person presses them."""
    shot = window.wait_until(shows_number, "the number")
    reader = DigitReader("fp32")
    rows, columns = np.nonzero(drawn_green(shot[PICTURE], 12))  # a box round the number in the frame
    assert 120 < rows.min() < 200 and 255 < rows.max() < 290 and 150 < columns.min() < 190 and 400 < columns.max() < 500

    # The number below is so large and clear that the reader reads it, too; and the lines below are written.
    assert [reading.text for reading in reader.read(shot[LARGE, :520])] == [NUMBER]
    assert (shot[STATUS] > 120).sum() > 200 and (shot[HINT] > 120).sum() > 500

    # d shows the strip, from which the network reads the same number.
    window.press("d")
    tall = window.wait_until(lambda shot: (shot[740:770] > 120).sum() > 500, "the strip")
    strip = cv2.cvtColor(tall[614:706, 8:468], cv2.COLOR_BGR2GRAY)
    strip = cv2.resize(strip, (140, 28), interpolation=cv2.INTER_AREA)
    assert reader.read_strips(strip[None])[0].text == NUMBER

    window.press("s")
    window.wait_until(lambda _: any(window.saved.glob("*.json")), "the saved frame")
    window.press("q")
    assert window.process.wait(timeout=10) == 0
