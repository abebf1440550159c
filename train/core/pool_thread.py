"""A thread that fills a pool with drawn examples while training draws its batches from it."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Final, Self

from .errors import DataError

_JOIN_S: Final = 60.0  # that the thread has to end in, when its pool is left


class PoolThread(ABC):
    """Fills a pool in the background, while it is used in a ``with``; what: names its examples in errors."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._stop = threading.Event()
        self._grown = threading.Condition()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=_JOIN_S)

    @property
    @abstractmethod
    def ready(self) -> int:
        """Examples drawn so far."""

    @abstractmethod
    def _fill(self) -> None:
        """Draw what is missing until ``_stop`` is set; runs in the thread, and calls ``_tell_grown``."""

    def _tell_grown(self) -> None:
        with self._grown:
            self._grown.notify_all()

    def _wait_for(self, count: int) -> None:
        """Block until so many examples are there; ``DataError`` where drawing failed."""
        with self._grown:
            while self.ready < count and self._error is None:
                self._grown.wait(timeout=1)
        self._raise_if_failed()

    def _raise_if_failed(self) -> None:
        if self._error is not None:
            raise DataError(f"drawing {self._what} failed: {self._error}") from self._error

    def _run(self) -> None:
        try:
            self._fill()
        except Exception as error:  # handed to the training thread, which raises it
            self._error = error
            self._tell_grown()
