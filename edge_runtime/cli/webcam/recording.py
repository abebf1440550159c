"""``Recording``: the annotated frames as a video file."""

from __future__ import annotations

import shutil
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np

from edge_runtime.core.errors import DependencyError, OutputError
from edge_runtime.core.opencv import cv2
from edge_runtime.video.base import FrameBgr, FrameSource, log
from edge_runtime.video.stream import LiveResult

from .screen import Pace, compose

LIVE_FRAMES_PER_S: Final = 15.0  # of the video of a live source, whose own pace varies
FILE_FRAMES_PER_S: Final = 25.0  # where the source is a folder
_CODECS: Final = {".mp4": "mp4v", ".avi": "MJPG"}
_MOST_FILL_S: Final = 10.0  # a longer pause of the source is shortened in the video
_CLOCK_SET_BACK_S: Final = 2.0
_LEAST_FREE_BYTES: Final = 50_000_000
_CHECK_EVERY: Final = 100  # frames


def check_name(path: Path) -> None:
    """Raise ``OutputError`` for an ending other than .mp4 and .avi, and for a folder that is not there."""
    if path.suffix.lower() not in _CODECS:
        raise OutputError(f"{path}: a video is written as .mp4 or .avi; give a name with one of these endings")
    if not path.absolute().parent.is_dir():
        raise OutputError(f"{path}: there is no folder {path.parent}; make it first")


class Recording(AbstractContextManager["Recording"]):
    """Writes an .mp4 (MPEG-4) or .avi (Motion JPEG) as long as its ``with`` block lasts.

    Of a live source frames are repeated or left out so that the video runs as the clock did, at 15 frames per second;
    of all others every frame is written once, at the source's own pace or 25 frames per second.
    All frames are brought to the first one's size. When the disk is nearly full, recording ends with a warning.
    Raises ``OutputError`` for another ending, a folder that is not there, and a file that cannot be written, and
    ``DependencyError`` where OpenCV lacks the encoder.
    """

    def __init__(self, path: Path, frames: FrameSource) -> None:
        check_name(path)
        self.path = path
        self._frames_per_s = LIVE_FRAMES_PER_S if frames.live else frames.frames_per_s or FILE_FRAMES_PER_S
        self._real_time = frames.live
        self._pace = Pace()
        self._writer: Any = None
        self._size = (0, 0)
        self._start_s: float | None = None
        self._written = 0
        self._ended = False

    def add(self, result: LiveResult) -> None:
        """Add a frame with what was read; the first one opens the file."""
        self._pace.tick(result.time_s)
        count = self._due(result.time_s)
        if self._ended or not count:
            return
        frame = compose(result, frames_per_s=self._pace.frames_per_s)
        if self._writer is None:
            self._open(frame)
        for _ in range(count):
            self._writer.write(_fitted(frame, self._size))
        self._check_disk(count)

    def close(self) -> None:
        """Complete the file; may be called twice."""
        self._ended = True
        if self._writer is not None:
            self._writer.release()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self, frame: FrameBgr) -> None:
        self._size = frame.shape[1] // 2 * 2, frame.shape[0] // 2 * 2  # encoders want even sides
        codec = _CODECS[self.path.suffix.lower()]
        try:
            self.path.open("ab").close()  # OpenCV does not say why it cannot write
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be written ({error.strerror}); give another name") from error
        self._writer = cv2.VideoWriter(str(self.path), cv2.VideoWriter.fourcc(*codec), self._frames_per_s, self._size)
        if not self._writer.isOpened():
            if self.path.stat().st_size == 0:
                self.path.unlink()
            other = next(ending for ending in _CODECS if ending != self.path.suffix.lower())
            raise DependencyError(
                f"{self.path}: this OpenCV lacks the {codec} encoder; try the ending {other}, or install another OpenCV"
            )

    def _due(self, time_s: float) -> int:
        """How many times this frame is written."""
        if not self._real_time:
            return 1
        if self._start_s is None:
            self._start_s = time_s
        due_s = time_s - self._start_s - self._written / self._frames_per_s
        if due_s > _MOST_FILL_S or due_s < -_CLOCK_SET_BACK_S:
            kept_s = min(max(due_s, 0.0), _MOST_FILL_S)
            self._start_s += due_s - kept_s
            due_s = kept_s
        return int(due_s * self._frames_per_s) + 1 if due_s >= 0 else 0

    def _check_disk(self, count: int) -> None:
        before, self._written = self._written, self._written + count
        if before // _CHECK_EVERY == self._written // _CHECK_EVERY:
            return
        if shutil.disk_usage(self.path.absolute().parent).free < _LEAST_FREE_BYTES:
            log.warning("%s: the disk is nearly full; recording ends here", self.path)
            self.close()


def _fitted(frame: FrameBgr, size: tuple[int, int]) -> FrameBgr:
    """The frame at this width and height, with bars where its shape differs."""
    width, height = size
    if frame.shape[0] - height in (0, 1) and frame.shape[1] - width in (0, 1):
        return np.ascontiguousarray(frame[:height, :width])
    scale = min(width / frame.shape[1], height / frame.shape[0])
    inner = cv2.resize(frame, (max(1, round(frame.shape[1] * scale)), max(1, round(frame.shape[0] * scale))))
    canvas = np.zeros((height, width, 3), np.uint8)
    top, left = (height - inner.shape[0]) // 2, (width - inner.shape[1]) // 2
    canvas[top : top + inner.shape[0], left : left + inner.shape[1]] = inner
    return canvas
