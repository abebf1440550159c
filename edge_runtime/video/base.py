"""``FrameSource``: what every source of frames is, and what a frame is."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.errors import ImageError
from edge_runtime.core.opencv import cv2

log = logging.getLogger("edge_runtime.video.sources")

_PASSWORD: Final = re.compile(r"(://)[^/\s]*@")  # to the last @, as in the URL's own rules

FrameBgr = NDArray[np.uint8]
"""uint8 [H, W, 3], BGR."""


def without_password(name: str) -> str:
    """A source's name as it may be shown: user and password of a URL are starred out."""
    return _PASSWORD.sub(r"\1***@", name)


class FrameSource(AbstractContextManager["FrameSource"]):
    """An iterator of BGR frames that is closed at the end of its ``with`` block.

    name: the source as it was given, to be shown: without the password in a URL.
    live: whether frames are dropped to stay in the present.
    taken_s: ``time.monotonic()`` at which the frame handed out last was taken; None where that is not known.
    frames_per_s: the pace that a video file claims; None where there is none.
    """

    def __init__(self, name: str, live: bool) -> None:
        self.name = without_password(name)
        self.live = live
        self.taken_s: float | None = None
        self.frames_per_s: float | None = None
        self._stopped = False
        self._waiting_calls: list[Callable[[], None]] = []

    def __iter__(self) -> Iterator[FrameBgr]:
        raise NotImplementedError

    def stop(self) -> None:
        """End the iteration after the frame at hand; may be called from a signal handler or another thread."""
        self._stopped = True

    def on_waiting(self, call: Callable[[], None]) -> None:
        """Call this about five times a second while a live source has no new frame, after what was given before."""
        self._waiting_calls.append(call)

    @property
    def lost(self) -> bool:
        """Whether a live source is away at the moment, and tried again."""
        return False

    @property
    def silent_s(self) -> float:
        """Seconds since the last frame of a live source came; 0 of all others, for which their reader waits."""
        return 0.0

    @property
    def stopped(self) -> bool:
        """Whether the iteration was told to end."""
        return self._stopped

    def close(self) -> None:
        """Free the device or file; may be called twice."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def as_bgr(frame: NDArray[np.uint8]) -> FrameBgr:
    """uint8 [H, W], [H, W, 1], [H, W, 3] BGR or [H, W, 4] BGRA -> [H, W, 3]; raises ``ImageError`` for all else."""
    if not isinstance(frame, np.ndarray) or frame.dtype != np.uint8:
        kind = f"array of {frame.dtype}" if isinstance(frame, np.ndarray) else type(frame).__name__
        raise ImageError(f"frame is {kind}, expected a uint8 array [H, W, 3] in BGR order")
    channels = 1 if frame.ndim == 2 else frame.shape[2] if frame.ndim == 3 else 0
    if channels not in (1, 3, 4) or frame.size == 0:
        raise ImageError(f"frame has shape {list(frame.shape)}, expected [H, W], [H, W, 3] or [H, W, 4]")
    if channels == 3:
        return frame
    return cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR if channels == 1 else cv2.COLOR_BGRA2BGR)
