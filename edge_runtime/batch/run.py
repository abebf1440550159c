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
from dataclasses import dataclass
from itertools import islice
from typing import Final

from edge_runtime.core.errors import DependencyError, ImageError, ModelError
from edge_runtime.core.malloc import keep_freed_memory
from edge_runtime.core.opencv import cv2
from edge_runtime.images.files import listing_error
from edge_runtime.images.load import load_picture
from edge_runtime.reader import DigitReader

from .rows import FileState, Row

IN_FLIGHT_PER_WORKER: Final = 8  # files handed out ahead of the row that is waited for
FILES_AT_ONCE: Final = 4  # handed to a process together: a hand-over costs as much as a tenth of reading a small file


def read_file(path: str, reader: DigitReader) -> Row:
    """Read one file. What is wrong with the file is in the row; only the model's and libraries' errors are raised."""
    start = time.perf_counter()
    state = FileState.of(path)  # before it is read, so that what changes meanwhile is known as changed
    try:
        picture = load_picture(path, max_megapixels=reader.max_megapixels)
        readings = reader.read(picture)
    except (ModelError, DependencyError):
        raise
    except ImageError as error:
        if isinstance(error.__cause__, OSError):  # not the file's fault alone: the next run may try again
            state = FileState()
        return Row.failed(path, _explained(path, error), _ms_since(start), state=state)
    except MemoryError:
        return Row.failed(path, f"{path}: not enough memory to read it; use fewer workers", _ms_since(start))
    except Exception as error:  # whatever one strange file brings about must not end the others' run
        return Row.failed(path, f"{path}: {type(error).__name__}: {error}", _ms_since(start), state=state)
    return Row.of(path, readings, _ms_since(start), note=picture.note, state=state)


def read_files(paths: Iterable[str | Row], reader: DigitReader, workers: int = 1) -> Iterator[Row]:
    """One row for each path, in the order of the paths, as they come.

    paths: a ``Row`` among them (of a file that has been read before) comes out as it is, in its place.
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
            yield path if isinstance(path, Row) else read_file(path, reader)


def _explained(path: str, error: ImageError) -> str:
    """The error's words; of a folder that came as a file, why it cannot be listed."""
    unlisted = listing_error(path) if os.path.isdir(path) else None
    if unlisted is None:
        return str(error)
    return f"{path}: folder cannot be listed ({unlisted.strerror}); check its permissions"


@dataclass
class _Errand:
    """Files that one process reads after another, or a row that waits for its turn."""

    paths: list[str]
    rows: Future[list[Row]]

    def __len__(self) -> int:
        return max(len(self.paths), 1)


def _read_in_processes(items: Iterator[str | Row], reader: DigitReader, workers: int) -> Iterator[Row]:
    pool = _pool(reader, workers)
    pending: deque[_Errand] = deque()
    try:
        while True:
            while (free := workers * IN_FLIGHT_PER_WORKER - sum(map(len, pending))) > 0:
                errands = _next_errands(items, min(free, FILES_AT_ONCE), pool)
                if not errands:
                    break
                pending.extend(errands)
            if not pending:
                return
            errand = pending.popleft()
            try:
                yield from errand.rows.result()
            except BrokenProcessPool:  # one of the files in flight killed its process, and with it the pool
                pool.shutdown(wait=False)
                yield from _read_alone(errand.paths, reader)
                pool = _pool(reader, workers)
                for other in pending:
                    if not _has_rows(other.rows):
                        other.rows = _submit(pool, other.paths)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _next_errands(items: Iterator[str | Row], count: int, pool: ProcessPoolExecutor) -> list[_Errand]:
    """The next files, at most ``count``, handed out together; up to the first row among them, which ends the list."""
    paths: list[str] = []
    rows: list[_Errand] = []
    for item in islice(items, count):
        if isinstance(item, Row):
            done: Future[list[Row]] = Future()
            done.set_result([item])
            rows.append(_Errand([], done))
            break
        paths.append(item)
    return ([_Errand(paths, _submit(pool, paths))] if paths else []) + rows


def _pool(reader: DigitReader, workers: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")  # a forked copy would share locks and libraries' threads
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker, initargs=(reader,))


def _submit(pool: ProcessPoolExecutor, paths: list[str]) -> Future[list[Row]]:
    try:
        with _interrupts_held():  # the pool starts its processes here, and they inherit this
            return pool.submit(_read_in_worker, paths)
    except BrokenProcessPool as error:  # known only now; it is dealt with when the rows are asked for
        future: Future[list[Row]] = Future()
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


def _has_rows(future: Future[list[Row]]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _read_alone(paths: list[str], reader: DigitReader) -> Iterator[Row]:
    """Read the files one by one in a process of their own, to learn which is the one that kills."""
    pool = _pool(reader, 1)
    try:
        for path in paths:
            try:
                yield from _submit(pool, [path]).result()
            except BrokenProcessPool:
                yield Row.failed(path, f"{path}: killed the process that read it; look at this file alone")
                pool = _pool(reader, 1)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


_worker_reader: DigitReader | None = None


def _start_worker(reader: DigitReader) -> None:
    global _worker_reader
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    cv2.setNumThreads(1)
    keep_freed_memory()
    _worker_reader = reader


def _end_with_parent() -> None:
    """A killed parent cannot tell its workers to stop, and they would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _read_in_worker(paths: list[str]) -> list[Row]:
    assert _worker_reader is not None
    return [read_file(path, _worker_reader) for path in paths]


def _ms_since(start: float) -> float:
    return (time.perf_counter() - start) * 1e3
