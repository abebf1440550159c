"""SIGTERM and Ctrl-C end a command cleanly: a live one after the frame at hand, with its last state written."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edge_runtime.video.base import FrameSource


@contextmanager
def terminable() -> Iterator[None]:
    """Within the ``with`` block SIGTERM raises ``KeyboardInterrupt``, as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class StoppedEarly(Exception):  # noqa: N818 no error: the user wants an end
    """A signal came before the source was open."""


class CleanEnd(AbstractContextManager["CleanEnd"]):
    """Within the ``with`` block the first signal ends ``frames``; the second one has its default effect.

    reason: the signal's name once it came, else None. Does nothing outside the main thread, which gets no signals.
    """

    def __init__(self) -> None:
        self.reason: str | None = None
        self.frames: FrameSource | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> CleanEnd:
        if threading.current_thread() is threading.main_thread():
            for kind in (signal.SIGINT, signal.SIGTERM):
                self._before[kind] = signal.signal(kind, self._end)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()

    def _end(self, number: int, frame: FrameType | None) -> None:
        self.reason = signal.Signals(number).name
        self._restore()
        if self.frames is None:
            raise StoppedEarly
        self.frames.stop()

    def _restore(self) -> None:
        for kind, handler in self._before.items():
            signal.signal(kind, handler)
