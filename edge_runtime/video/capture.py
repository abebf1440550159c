"""A live source: a thread reads it without pause and keeps the newest frame; what is lost is opened again.

Times, chosen so that reading resumes within two seconds after a source is back:

- the first opening may take 10 s (a busy camera can block for ever); opening again may take three times as long as
  the first did, between 1.5 and 10 s;
- a stream counts as lost when nothing has come on it for 1.5 s; a source that gave one or two frames before it fell
  silent may just be slow, and is given twice the time, up to 10 s;
- it is tried again after 0.25, 0.5, 1, 1, … seconds, and after five minutes of failure after 2, 4, … 30 seconds;
- the thread waits between tries and after a damaged frame, so it never spins.

After each opening the frames may have another size. Where the size changes in the middle of a stream, OpenCV scales
the frames to the one that the stream began with.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from edge_runtime.core.errors import ImageError, SourceError
from edge_runtime.core.opencv import cv2

from .base import FrameBgr, FrameSource, as_bgr, log

OPEN_TIMEOUT_S: Final = 10.0
SILENT_S: Final = 1.5  # without a frame for so long, a stream counts as lost
SILENT_MOST_S: Final = 10.0
CLOSE_TIMEOUT_S: Final = 2.0  # for the capture thread to end
_SLOW_FRAMES: Final = 3  # fewer before silence: perhaps the source is just slow
_FIRST_DELAY_S: Final = 0.25
_QUICK_DELAY_S: Final = 1.0  # most between two tries during the first minutes of an outage
_QUICK_FOR_S: Final = 300.0
_MOST_DELAY_S: Final = 30.0
_DAMAGED_PAUSE_S: Final = 0.01
_WAIT_STEP_S: Final = 0.2

OpenCapture = Callable[[float, float], Any]
"""Seconds that opening may take, seconds of silence that count as a loss -> a ``cv2.VideoCapture``."""


class LiveFrames(FrameSource):
    """The newest frame of a camera or stream; lost sources are opened again for as long as ``give_up_s`` allows.

    give_up_s: seconds without a frame after which the iteration raises ``SourceError``; None is never.
    finite: the source claims a length: it is no live source but a video behind a URL.
    """

    def __init__(self, name: str, open_capture: OpenCapture, give_up_s: float | None = None) -> None:
        super().__init__(name, live=True)
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
            self._changed.wait_for(lambda: self._state != "opening", OPEN_TIMEOUT_S)
            state = self._state
        if state != "open":
            self.close()
            reason = "cannot be opened" if state == "failed" else f"did not open within {OPEN_TIMEOUT_S:g} s"
            raise SourceError(f"source {self.name}: {reason}; is it connected, free, and named rightly?")

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
            elif self.while_waiting is not None:
                self.while_waiting()

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
            self._thread.join(CLOSE_TIMEOUT_S)  # a driver that hangs is left to its daemon thread

    def _capture_frames(self) -> None:
        """The thread: open, read until the source is lost, wait, open again."""
        start_s = time.monotonic()
        count = self._read_once(OPEN_TIMEOUT_S, SILENT_S)
        open_limit_s = min(max(3 * (self._opened_s - start_s), SILENT_S), OPEN_TIMEOUT_S)
        silent_limit_s, delay_s = SILENT_S, _FIRST_DELAY_S
        while self._state == "open" and not self.finite and not self._end.is_set():
            if not self._lost:
                self._lost = True
                log.warning("source %s was lost; it is tried again until it is back", self.name)
            if count:
                delay_s = _FIRST_DELAY_S
                silent_limit_s = min(2 * silent_limit_s, SILENT_MOST_S) if count < _SLOW_FRAMES else SILENT_S
            self._end.wait(delay_s)
            delay_s = min(2 * delay_s, _QUICK_DELAY_S if self.silent_s < _QUICK_FOR_S else _MOST_DELAY_S)
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
