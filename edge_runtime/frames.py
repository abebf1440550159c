"""Cameras, videos, streams and folders of pictures as iterators of frames.

    with open_frames(0) as frames:
        for frame_bgr in frames:
            ...

Leaving the ``with`` block frees the device, whatever happened inside. Of a live source (camera,
stream) a thread keeps the newest frame only, so that a slow reader sees the present and not a queue
of the past; of a video file or a folder every frame comes, once and in order.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .errors import ImageError, SourceError
from .folders import find_files
from .images import load_picture
from .opencv import cv2

FrameBgr = NDArray[np.uint8]
"""uint8 [H, W, 3], BGR."""

OPEN_TIMEOUT_S: Final = 10.0  # a busy camera can block its opening for ever
READ_TIMEOUT_S: Final = 10.0  # without a frame for so long, a live source counts as lost
CLOSE_TIMEOUT_S: Final = 2.0  # for the capture thread to end
_STREAM_TIMEOUTS: Final = [
    *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(OPEN_TIMEOUT_S * 1e3)),
    *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(READ_TIMEOUT_S * 1e3)),
]

_log = logging.getLogger(__name__)


class FrameSource(AbstractContextManager["FrameSource"]):
    """An iterator of BGR frames that is closed at the end of its ``with`` block.

    name: the source as it was given. live: whether frames are dropped to stay in the present.
    """

    def __init__(self, name: str, live: bool) -> None:
        self.name = name
        self.live = live

    def __iter__(self) -> Iterator[FrameBgr]:
        raise NotImplementedError

    def close(self) -> None:
        """Free the device or file; may be called twice."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_frames(source: int | str | os.PathLike[str]) -> FrameSource:
    """Open a source of frames.

    source: a camera's number (also as text), a device (``/dev/video0``), the URL of a stream, a video
        file, or a folder of pictures.
    Raises ``SourceError`` when it cannot be opened; while iterating, when a live source is lost, or a file or
    folder gives no frame at all.
    """
    name = os.fspath(source) if not isinstance(source, int) else str(source)
    if name.isascii() and name.isdigit():
        return _Live(name, lambda: _open_camera(int(name)))
    if name.startswith("/dev/"):
        return _Live(name, lambda: _open_camera(name))
    if "://" in name:
        return _Live(name, lambda: cv2.VideoCapture(name, cv2.CAP_FFMPEG, _STREAM_TIMEOUTS))
    if name and Path(name).is_dir():
        return _Folder(name)
    if not Path(name).is_file():
        raise SourceError(f"source {name}: no such file, folder or device; give a camera number, a path or a URL")
    return _Video(name)


def _open_camera(device: int | str) -> cv2.VideoCapture:
    """Ask for MJPG, which most cameras need for full frame rate over USB, and keep what they agree to."""
    capture = cv2.VideoCapture(device, cv2.CAP_V4L2 if sys.platform.startswith("linux") else cv2.CAP_ANY)
    wanted = cv2.VideoWriter.fourcc(*"MJPG")
    if capture.isOpened():
        capture.set(cv2.CAP_PROP_FOURCC, wanted)
        if int(capture.get(cv2.CAP_PROP_FOURCC)) != wanted:
            _log.info("camera %s does not give MJPG; its own format is used", device)
    return capture


class _Folder(FrameSource):
    """The pictures of a folder in natural order; what is no picture is passed over with a warning."""

    def __init__(self, name: str) -> None:
        super().__init__(name, live=False)

    def __iter__(self) -> Iterator[FrameBgr]:
        count = 0
        for path in find_files(self.name):
            try:
                picture = load_picture(path)
            except ImageError as error:
                _log.warning("%s", error)
                continue
            count += 1
            yield _as_bgr(picture.pixels)
        if count == 0:
            raise SourceError(f"source {self.name}: no picture in this folder; give one with pictures, or a video file")


class _Video(FrameSource):
    """A video file, frame by frame."""

    def __init__(self, name: str) -> None:
        super().__init__(name, live=False)
        self._gave_any = False
        self._capture = cv2.VideoCapture(name, cv2.CAP_ANY)
        if not self._capture.isOpened():
            raise SourceError(f"source {name}: is not a video that OpenCV can open; convert it to MP4 (H.264) or MJPG")

    def __iter__(self) -> Iterator[FrameBgr]:
        while self._capture.isOpened():
            ok, frame = self._capture.read()
            if not ok:
                break
            self._gave_any = True
            yield _as_bgr(frame)
        if not self._gave_any and self._capture.isOpened():
            raise SourceError(f"source {self.name}: no frame of it can be decoded; convert it to MP4 (H.264) or MJPG")

    def close(self) -> None:
        self._capture.release()


class _Live(FrameSource):
    """A thread opens the source and reads it without pause; the iterator takes the newest frame."""

    def __init__(self, name: str, open_capture: Callable[[], Any]) -> None:
        super().__init__(name, live=True)
        self._open_capture = open_capture
        self._changed = threading.Condition()
        self._frame: FrameBgr | None = None
        self._state = "opening"  # then "open"; at the end "lost" or "failed"
        self._closing = False
        self._thread = threading.Thread(target=self._capture_frames, name=f"frames of {name}", daemon=True)
        self._thread.start()
        with self._changed:
            self._changed.wait_for(lambda: self._state != "opening", OPEN_TIMEOUT_S)
            state = self._state
        if state in ("opening", "failed"):
            self.close()
            reason = "cannot be opened" if state == "failed" else f"did not open within {OPEN_TIMEOUT_S:g} s"
            raise SourceError(f"source {name}: {reason}; is it connected, free, and named rightly?")

    def __iter__(self) -> Iterator[FrameBgr]:
        while True:
            with self._changed:
                came = self._changed.wait_for(lambda: self._frame is not None or self._state == "lost", READ_TIMEOUT_S)
                frame, self._frame = self._frame, None
            if frame is None:
                reason = "was lost" if came else f"gave no frame for {READ_TIMEOUT_S:g} s"
                raise SourceError(f"source {self.name}: {reason}; check the connection and start again")
            yield frame

    def close(self) -> None:
        self._closing = True
        if self._thread is not threading.current_thread():
            self._thread.join(CLOSE_TIMEOUT_S)  # a driver that hangs is left to its daemon thread

    def _capture_frames(self) -> None:
        try:
            capture = self._open_capture()
        except cv2.error:
            self._report("failed")
            return
        try:
            self._report("open" if capture.isOpened() else "failed")
            while not self._closing and capture.isOpened():
                ok, frame = capture.read()
                if not ok:
                    break
                with self._changed:
                    self._frame = _as_bgr(frame)
                    self._changed.notify_all()
        except cv2.error as error:  # a damaged frame
            _log.warning("source %s: %s", self.name, " ".join(str(error).split()))
        finally:
            if self._state == "open":
                self._report("lost")
            capture.release()

    def _report(self, state: str) -> None:
        with self._changed:
            self._state = state
            self._changed.notify_all()


def _as_bgr(frame: NDArray[np.uint8]) -> FrameBgr:
    return cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR) if frame.ndim == 2 else frame
