"""The window of ``edge-digits webcam``."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import click
import numpy as np

import edge_runtime
from edge_runtime.core.opencv import cv2
from edge_runtime.video.base import FrameBgr, FrameSource
from edge_runtime.video.stream import LiveResult

from .screen import Pace, compose
from .uncertain import save_frame

WINDOW: Final = "edge-digits"
HINT: Final = "q quit   s save   space pause   d strip"
_NO_WINDOW: Final = (
    "this OpenCV has no windows: use --headless, or on a machine with a display run "
    "pip uninstall opencv-python-headless, then pip install opencv-python"
)
_MOST_SIZE: Final = (1280, 800)  # pixels of the window when it opens
_PROBE_S: Final = 20.0
_PAUSED_WAIT_MS: Final = 50
_LOST_S: Final = 1.0  # without a frame for so long, the window says so


def check_window() -> None:
    """Raise ``DependencyError`` where no window can be opened."""
    # Without a display OpenCV's Qt does not raise but ends the process, so this is asked first.
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise edge_runtime.DependencyError("no display (DISPLAY is not set): use --headless")
    if sys.platform.startswith("linux") and not _display_answers():
        display = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
        raise edge_runtime.DependencyError(f"the display {display} cannot be opened: use --headless")
    try:
        cv2.namedWindow(WINDOW, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
    except (cv2.error, AttributeError) as error:
        raise edge_runtime.DependencyError(_NO_WINDOW) from error


def _display_answers() -> bool:
    """Whether opening a window does not end a process, as Qt does: tried in another. OpenCV without windows raises."""
    script = f"import cv2\ntry: cv2.namedWindow({WINDOW!r})\nexcept (cv2.error, AttributeError): pass"
    try:
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=_PROBE_S, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


class Window:
    """Shows results and obeys keys; ``results`` passes them through, so that others can use them too."""

    def __init__(self, frames: FrameSource, save_dir: Path) -> None:
        self._frames = frames
        self._save_dir = save_dir
        self._pace = Pace()
        self._result: LiveResult | None = None
        self._paused = False
        self._show_strips = False
        self._size = (0, 0)
        self._due_s = 0.0
        frames.on_waiting(self._on_waiting)

    def results(self, results: Iterable[LiveResult]) -> Iterator[LiveResult]:
        """Show each result and hand it on, until the source or the user ends."""
        try:
            for result in results:
                self._result = result
                self._pace.tick(time.monotonic())
                self._show()
                self._obey(cv2.waitKey(self._wait_ms()))
                yield result
                while self._paused and not self._frames.stopped:
                    self._obey(cv2.waitKey(_PAUSED_WAIT_MS))
        finally:
            cv2.destroyAllWindows()

    def _wait_ms(self) -> int:
        """Videos are shown at their own pace, all else as fast as it comes."""
        if self._frames.live or self._frames.frames_per_s is None:
            return 1
        now_s = time.monotonic()
        self._due_s = max(self._due_s + 1 / self._frames.frames_per_s, now_s)
        return max(1, int((self._due_s - now_s) * 1e3))

    def _on_waiting(self) -> None:
        if self._frames.silent_s >= _LOST_S:
            self._show(f"no frame for {self._frames.silent_s:.0f} s, waiting for {self._frames.name}")
        self._obey(cv2.waitKey(1))

    def _show(self, notice: str = "") -> None:
        result = self._result
        if result is None:
            screen = np.full((120, 640, 3), 32, np.uint8)
            cv2.putText(screen, notice, (10, 66), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (60, 170, 255), 1, cv2.LINE_AA)
        else:
            strips = result.trace.shown_strips() if self._show_strips and result.trace is not None else None
            notice = notice or ("paused" if self._paused else "")
            pace = self._pace.frames_per_s
            screen = compose(result, frames_per_s=pace, hint=HINT, notice=notice, strips=strips)
        self._fit_window(screen)
        cv2.imshow(WINDOW, screen)

    def _fit_window(self, screen: FrameBgr) -> None:
        """The window takes the screen's size whenever that changes; in between it is the user's."""
        size = screen.shape[1], screen.shape[0]
        if size != self._size:
            self._size = size
            shrink = min(1.0, _MOST_SIZE[0] / size[0], _MOST_SIZE[1] / size[1])
            cv2.resizeWindow(WINDOW, round(size[0] * shrink), round(size[1] * shrink))

    def _obey(self, code: int) -> None:
        key = chr(code & 0xFF) if code >= 0 else ""
        if key == "q" or cv2.getWindowProperty(WINDOW, cv2.WND_PROP_VISIBLE) < 1:
            self._frames.stop()
            return
        if key == "s":
            self._save()
        if key == " ":
            self._paused = not self._paused
        if key == "d":
            self._show_strips = not self._show_strips
        if key in (" ", "d") and self._result is not None:
            self._show()

    def _save(self) -> None:
        if self._result is not None:
            path = self._save_dir / datetime.now().strftime("edge-digits-%Y%m%d-%H%M%S-%f.png")
            try:
                save_frame(path, self._result)
            except OSError as error:  # must not end the reading
                click.echo(f"{path}: cannot be saved ({error.strerror})", err=True)
            else:
                click.echo(f"saved {path}", err=True)
