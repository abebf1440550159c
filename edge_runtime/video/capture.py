"""A live source: a thread reads it without pause and keeps the newest frame; what is lost is opened again.

After each opening the frames may have another size. Where the size changes in the middle of a stream, OpenCV scales
the frames to the one that the stream began with.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from edge_runtime.core.errors import ImageError, SourceError
from edge_runtime.core.opencv import cv2

from .base import FrameBgr, FrameSource, as_bgr, log

_SLOW_FRAMES: Final = 3  # a source that gave fewer before it fell silent may just be slow
_DAMAGED_PAUSE_S: Final = 0.01  # after a damaged frame, so that the thread never spins
_WAIT_STEP_S: Final = 0.2  # between two calls of what waits

OpenCapture = Callable[[float, float], Any]
"""Seconds that opening may take, seconds of silence that count as a loss -> a ``cv2.VideoCapture``."""


@dataclass(frozen=True)
class CaptureTimes:
    """Seconds, chosen so that reading resumes within two seconds after a source is back.

    open_s: for the first opening; a busy camera can block for ever. Opening again may take three times as long as
        the first did, between ``silent_s`` and ``open_s``.
    silent_s: without a frame for so long, a stream counts as lost. Where it gave but one or two frames, the time is
        doubled, up to ``silent_most_s``.
    first_delay_s: before the first try to open it again; doubled with each try, up to ``quick_delay_s`` during the
        first ``quick_for_s`` of an outage, and up to ``most_delay_s`` afterwards.
    close_s: for the thread to end.
    """

    open_s: float = 10.0
    silent_s: float = 1.5
    silent_most_s: float = 10.0
    first_delay_s: float = 0.25
    quick_delay_s: float = 1.0
    quick_for_s: float = 300.0
    most_delay_s: float = 30.0
    close_s: float = 2.0


TIMES: Final = CaptureTimes()


class LiveFrames(FrameSource):
    """The newest frame of a camera or stream; lost sources are opened again for as long as ``give_up_s`` allows.

    give_up_s: seconds without a frame after which the iteration raises ``SourceError``; None is never.
    finite: the source claims a length: it is no live source but a video behind a URL.
    """

    def __init__(
        self,
        name: str,
        open_capture: OpenCapture,
        give_up_s: float | None = None,
        times: CaptureTimes = TIMES,
    ) -> None:
        super().__init__(name, live=True)
        self._times = times
        self.finite = False
        self._give_up_s = give_up_s
        self._open_capture = open_capture
        self._changed = threading.Condition()  # on an RLock, so that stop() may interrupt a wait
        self._newest: tuple[FrameBgr, float] | None = None
        self._state = "opening"  # then "open" or, for ever, "failed"
        self._lost = False  # after an open that failed or ended, until the next frame
        self._opened_s = self._last_frame_s = time.monotonic()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._capture_frames, name=f"frames of {self.name}", daemon=True)
        self._thread.start()
        with self._changed:
            self._changed.wait_for(lambda: self._state != "opening", times.open_s)
            state = self._state
        if state != "open":
            self.close()
            reason = "cannot be opened" if state == "failed" else f"did not open within {times.open_s:g} s"
            raise SourceError(
                f"source {self.name}: {reason}; check its connection, its name, and that no other program uses it"
            )

    @property
    def lost(self) -> bool:
        """Whether the source is away at the moment, and tried again."""
        return self._lost

    @property
    def silent_s(self) -> float:
        """Seconds since the last frame came."""
        return time.monotonic() - self._last_frame_s

    def __iter__(self) -> Iterator[FrameBgr]:
        while not self._stopped:
            with self._changed:
                self._changed.wait_for(lambda: self._newest is not None or self._stopped, _WAIT_STEP_S)
                newest, self._newest = self._newest, None
            if newest is not None and not self._stopped:
                frame, self.taken_s = newest
                yield frame
            elif self._give_up_s is not None and self.silent_s > self._give_up_s:
                raise SourceError(
                    f"source {self.name}: gave no frame for {self._give_up_s:g} s; check the connection and start again"
                )
            else:
                for call in self._waiting_calls:
                    call()

    def stop(self) -> None:
        """End the iteration; may be called from a signal handler or another thread."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def close(self) -> None:
        """End the thread and free the device."""
        self.stop()
        self._end.set()
        if self._thread is not threading.current_thread():
            self._thread.join(self._times.close_s)  # a driver that hangs is left to its daemon thread

    def _capture_frames(self) -> None:
        """The thread: open, read until the source is lost, wait, open again."""
        times, start_s = self._times, time.monotonic()
        count = self._read_once(times.open_s, times.silent_s)
        open_limit_s = min(max(3 * (self._opened_s - start_s), times.silent_s), times.open_s)
        silent_limit_s, delay_s = times.silent_s, times.first_delay_s
        while self._state == "open" and not self.finite and not self._end.is_set():
            if not self._lost:
                self._lost = True
                log.warning("source %s was lost; it is tried again until it is back", self.name)
            if count:
                delay_s = times.first_delay_s
                silent_limit_s = (
                    min(2 * silent_limit_s, times.silent_most_s) if count < _SLOW_FRAMES else times.silent_s
                )
            self._end.wait(delay_s)
            is_recent = self.silent_s < times.quick_for_s
            delay_s = min(2 * delay_s, times.quick_delay_s if is_recent else times.most_delay_s)
            count = self._read_once(open_limit_s, silent_limit_s)

    def _read_once(self, open_limit_s: float, silent_limit_s: float) -> int:
        """Open the source and read it until it fails; the number of frames that it gave."""
        if self._end.is_set():
            return 0
        try:
            capture = self._open_capture(open_limit_s, silent_limit_s)
        except cv2.error:
            self._report_opened(False)
            return 0
        try:
            opened = capture.isOpened()
            if self._state == "opening":
                self.finite = opened and float(capture.get(cv2.CAP_PROP_FRAME_COUNT)) > 0
            self._report_opened(opened)
            return self._read_all(capture, silent_limit_s) if opened and not self.finite else 0
        finally:
            capture.release()

    def _report_opened(self, opened: bool) -> None:
        """Only the first opening counts: what fails then has failed for good."""
        with self._changed:
            if self._state == "opening":
                self._opened_s = self._last_frame_s = time.monotonic()
                self._state = "open" if opened else "failed"
                self._changed.notify_all()

    def _read_all(self, capture: Any, silent_limit_s: float) -> int:
        count = 0
        since_s = time.monotonic()
        shape: tuple[int, ...] = ()
        while not self._end.is_set() and time.monotonic() - since_s <= silent_limit_s:
            try:
                ok, frame = capture.read()
                if not ok:
                    break
                frame = as_bgr(frame)
            except (cv2.error, ImageError):  # a damaged frame
                self._end.wait(_DAMAGED_PAUSE_S)
                continue
            if frame.shape != shape:
                log.info("source %s: frames of %dx%d pixels", self.name, frame.shape[1], frame.shape[0])
                shape = frame.shape
            count += 1
            since_s = time.monotonic()
            self._hand_over(frame, since_s)
        return count

    def _hand_over(self, frame: FrameBgr, taken_s: float) -> None:
        if self._lost:
            self._lost = False
            log.warning("source %s is back after %.1f s", self.name, taken_s - self._last_frame_s)
        with self._changed:
            self._newest = frame, taken_s
            self._last_frame_s = taken_s
            self._changed.notify_all()
