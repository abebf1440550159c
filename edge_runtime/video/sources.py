"""Cameras, videos, streams and folders of pictures as iterators of frames.

    with open_frames(0) as frames:
        for frame_bgr in frames:
            ...

Leaving the ``with`` block frees the device, whatever happened inside. Of a live source (camera,
stream) a thread keeps the newest frame alone, so that a slow reader never works through old frames,
and it opens the source again when that was lost (``capture.py``); of a video file, a folder or an
iterable every frame comes, once and in order (``files.py``).
"""

from __future__ import annotations

import glob
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from edge_runtime.core.errors import DependencyError, SourceError
from edge_runtime.core.opencv import cv2

from .base import FrameBgr, FrameSource, log, without_password
from .capture import TIMES, LiveFrames, OpenCapture
from .files import GivenFrames, PictureFrames, VideoFrames

__all__ = ["FrameBgr", "FrameSource", "open_frames"]

Source = int | str | os.PathLike[str] | Iterable[FrameBgr | None]

_MJPG: Final = cv2.VideoWriter.fourcc(*"MJPG")
_PIPE: Final = re.compile(r"\s!\s")  # between the elements of a GStreamer pipeline


def open_frames(source: Source, *, give_up_s: float | None = None) -> FrameSource:
    """Open a source of frames.

    source: a camera's number (also as text), a device (``/dev/video0``, ``/dev/v4l/by-id/...``, also with
        wildcards), the URL of a stream (RTSP, MJPEG over HTTP) or of a video, a GStreamer pipeline that ends in
        ``appsink``, a video file, a folder or glob of pictures, or any iterable of uint8 arrays [H, W, 3] BGR.
    give_up_s: a live source that was lost is opened again until it is back; after so many seconds without a
        frame ``SourceError`` is raised instead. Default: never.
    Raises ``SourceError`` when it cannot be opened, or, while iterating, when a file or folder gives no frame at
    all; ``DependencyError`` for a pipeline where OpenCV is built without GStreamer.
    """
    if not isinstance(source, (int, str, os.PathLike)):
        if not isinstance(source, Iterable):
            raise SourceError(f"source is a {type(source).__name__}; give a camera number, a path, a URL or frames")
        return GivenFrames(source)
    name = os.fspath(source) if not isinstance(source, int) else str(source)
    open_live = _live_opener(name)
    if open_live is not None:
        return _live_or_video(name, open_live, give_up_s)
    path = name.removeprefix("file://")
    if path and (Path(path).is_dir() or (glob.has_magic(path) and "\0" not in path and not Path(path).exists())):
        return PictureFrames(path)
    if not Path(path).is_file():  # a null character is in no file's name
        raise SourceError(
            f"source {without_password(name)}: no such file, folder or device; give a camera number, a path or a URL"
        )
    return VideoFrames(path)


def _live_opener(name: str) -> OpenCapture | None:
    """How to open a camera, stream or pipeline; None for what is a file or folder."""
    if name.isascii() and name.isdigit():
        return lambda *_: _open_camera(int(name))
    if name.startswith("/dev/"):
        return lambda *_: _open_camera(_first_match(name))
    if _PIPE.search(name):
        if not cv2.videoio_registry.hasBackend(cv2.CAP_GSTREAMER):  # getBackends() also names what may be added
            raise DependencyError(
                f"source {without_password(name)}: this OpenCV is built without GStreamer (the wheels of PyPI are); "
                "use the system's python3-opencv, or give the frames from Python"
            )
        return lambda *limits: cv2.VideoCapture(name, cv2.CAP_GSTREAMER, _limits(*limits))
    if "://" in name and not name.startswith("file://"):
        return lambda *limits: cv2.VideoCapture(name, cv2.CAP_FFMPEG, _limits(*limits))
    return None


def _live_or_video(name: str, open_capture: OpenCapture, give_up_s: float | None) -> FrameSource:
    """A URL or pipeline of known length is a video: every frame of it counts, and at its end it is not lost."""
    live = LiveFrames(name, open_capture, give_up_s)
    if not live.finite:
        return live
    live.close()
    return VideoFrames(name, open_capture(TIMES.open_s, TIMES.silent_most_s))


def _limits(open_s: float, silent_s: float) -> list[int]:
    return [
        *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(open_s * 1e3)),
        *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(silent_s * 1e3)),
    ]


def _first_match(name: str) -> str:
    """The first device that fits a name with wildcards; looked up anew whenever the camera is opened."""
    return min(glob.glob(name), default=name) if glob.has_magic(name) else name


def _open_camera(device: int | str) -> Any:
    """Ask for MJPG, which most cameras need for full frame rate over USB, and keep what they agree to."""
    capture = cv2.VideoCapture(device, cv2.CAP_V4L2 if sys.platform.startswith("linux") else cv2.CAP_ANY)
    if capture.isOpened():
        capture.set(cv2.CAP_PROP_FOURCC, _MJPG)
        if int(capture.get(cv2.CAP_PROP_FOURCC)) != _MJPG:
            log.info("camera %s does not give MJPG; its own format is used", device)
    return capture
