"""Many files -> one row each, in order, in constant memory, by one or several processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from typing import Final

from .errors import DependencyError, ImageError, ModelError
from .opencv import cv2
from .reader import DigitReader
from .rows import Row

IN_FLIGHT_PER_WORKER: Final = 8  # files handed out ahead of the row that is waited for


def read_file(path: str, reader: DigitReader) -> Row:
    """Read one file. What is wrong with the file is in the row; only the model's and libraries' errors are raised."""
    start = time.perf_counter()
    try:
        readings = reader.read(path)
    except (ModelError, DependencyError):
        raise
    except ImageError as error:
        return Row.failed(path, error, _ms_since(start))
    except Exception as error:  # whatever one strange file brings about must not end the others' run
        return Row.failed(path, f"{path}: {type(error).__name__}: {error}", _ms_since(start))
    return Row.of(path, readings, _ms_since(start))


def read_files(paths: Iterable[str], reader: DigitReader, workers: int = 1) -> Iterator[Row]:
    """One row for each path, in the order of the paths, as they come.

    workers: processes, each with its own copy of the reader; 1 reads in this process. At most
    ``8 * workers`` files are in flight, so memory does not grow with the number of paths. A file that
    kills its process gives a row with an error, and the others are read all the same. The processes import
    the calling script anew, so with several workers it must begin its work under ``if __name__ == "__main__":``.
    Raises ``ModelError`` or ``DependencyError`` when the reader itself cannot work.
    """
    if workers > 1:
        yield from _read_in_processes(iter(paths), reader, workers)
    else:
        for path in paths:
            yield read_file(path, reader)


def _read_in_processes(paths: Iterator[str], reader: DigitReader, workers: int) -> Iterator[Row]:
    pool = _pool(reader, workers)
    pending: deque[tuple[str, Future[Row]]] = deque()
    try:
        while True:
            free = workers * IN_FLIGHT_PER_WORKER - len(pending)
            pending.extend((path, _submit(pool, path)) for path in islice(paths, free))
            if not pending:
                return
            path, future = pending.popleft()
            try:
                yield future.result()
            except BrokenProcessPool:  # one of the files in flight killed its process, and with it the pool
                pool.shutdown(wait=False)
                yield _read_alone(path, reader)
                pool = _pool(reader, workers)
                pending = deque((path, future if _has_row(future) else _submit(pool, path)) for path, future in pending)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _pool(reader: DigitReader, workers: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")  # a forked copy would share locks and libraries' threads
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker, initargs=(reader,))


def _submit(pool: ProcessPoolExecutor, path: str) -> Future[Row]:
    try:
        with _interrupts_held():  # the pool starts its processes here, and they inherit this
            return pool.submit(_read_in_worker, path)
    except BrokenProcessPool as error:  # known only now; it is dealt with when the row is asked for
        future: Future[Row] = Future()
        future.set_exception(error)
        return future


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C is the parent's business, and reaches it after this; in a process that is starting it would be a mess."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _has_row(future: Future[Row]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _read_alone(path: str, reader: DigitReader) -> Row:
    """Read the file in a process of its own, to learn whether it is the one that kills."""
    with _pool(reader, 1) as pool:
        try:
            return _submit(pool, path).result()
        except BrokenProcessPool:
            return Row.failed(path, f"{path}: killed the process that read it; look at this file alone")


_worker_reader: DigitReader | None = None


def _start_worker(reader: DigitReader) -> None:
    global _worker_reader
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    cv2.setNumThreads(1)
    _worker_reader = reader


def _end_with_parent() -> None:
    """A killed parent cannot tell its workers to stop, and they would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _read_in_worker(path: str) -> Row:
    assert _worker_reader is not None
    return read_file(path, _worker_reader)


def _ms_since(start: float) -> float:
    return (time.perf_counter() - start) * 1e3
