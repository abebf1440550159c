"""Frames that wait for their reader: video files, folders and globs of pictures, any iterable from Python."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np

from edge_runtime.core.errors import ImageError, SourceError
from edge_runtime.core.opencv import cv2
from edge_runtime.images.files import find_files, natural_key
from edge_runtime.images.load import load_picture

from .base import FrameBgr, FrameSource, as_bgr, log

_DAMAGED_IN_A_ROW: Final = 300  # frames of a video that may fail to decode before it counts as ended


class PictureFrames(FrameSource):
    """The pictures of a folder or a glob in natural order; what is no picture is passed over with a warning."""

    def __init__(self, name: str) -> None:
        super().__init__(name, live=False)

    def __iter__(self) -> Iterator[FrameBgr]:
        count = 0
        for path in self._paths():
            if self._stopped:
                return
            try:
                picture = load_picture(path)
            except ImageError as error:
                log.warning("%s", error)
                continue
            count += 1
            yield as_bgr(picture.pixels)
        if count == 0:
            raise SourceError(
                f"source {self.name}: no picture here; give a folder or glob of pictures, or a video file"
            )

    def _paths(self) -> Iterator[str]:
        if os.path.isdir(self.name):
            return find_files(self.name)
        found = [path for path in glob.glob(self.name, recursive=True) if not os.path.isdir(path)]
        return iter(sorted(found, key=natural_key))


class VideoFrames(FrameSource):
    """A video of known length, every frame once and in order; damaged frames are passed over."""

    def __init__(self, name: str, capture: Any = None) -> None:
        super().__init__(name, live=False)
        self._gave_any = False
        self._capture = cv2.VideoCapture(name, cv2.CAP_ANY) if capture is None else capture
        if not self._capture.isOpened():
            raise SourceError(
                f"source {self.name}: is no video that OpenCV can open, or cut off; convert it to MP4 (H.264) or MJPG"
            )
        pace = float(self._capture.get(cv2.CAP_PROP_FPS))
        self.frames_per_s = pace if 0 < pace <= 1000 else None

    def __iter__(self) -> Iterator[FrameBgr]:
        damaged = 0
        while self._capture.isOpened() and not self._stopped and damaged < _DAMAGED_IN_A_ROW:
            try:
                ok, frame = self._capture.read()
            except cv2.error:
                damaged += 1
                continue
            if not ok:
                break
            damaged = 0
            self._gave_any = True
            yield as_bgr(frame)
        if not self._gave_any and not self._stopped and self._capture.isOpened():
            raise SourceError(f"source {self.name}: no frame of it can be decoded; convert it to MP4 (H.264) or MJPG")

    def close(self) -> None:
        """Free the file."""
        self._capture.release()


class GivenFrames(FrameSource):
    """The frames of any iterable: a generator round picamera2, a list, a simulation."""

    def __init__(self, frames: Iterable[FrameBgr | None]) -> None:
        super().__init__(f"{type(frames).__name__} of frames", live=False)
        if isinstance(frames, np.ndarray) and (frames.ndim < 3 or (frames.ndim == 3 and frames.shape[2] in (1, 3, 4))):
            raise SourceError(
                f"source is an array of shape {list(frames.shape)}, one single frame; read it with DigitReader.read, "
                "or give a list of frames"
            )
        self._frames = frames

    def __iter__(self) -> Iterator[FrameBgr]:
        """Pass over None, which capture functions give for a frame that failed."""
        for frame in self._frames:
            if self._stopped:
                return
            if frame is not None:
                yield as_bgr(frame)
