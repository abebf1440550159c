"""Many files -> one row for each picture, in order, in constant memory, by one or several processes."""

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

from edge_runtime.core.errors import DependencyError, ImageError, ModelError, OptionError
from edge_runtime.core.malloc import keep_freed_memory
from edge_runtime.core.opencv import cv2
from edge_runtime.core.trace import Trace
from edge_runtime.images.choice import DPI, MAX_PAGES, Page, PageChoice
from edge_runtime.images.files import listing_error
from edge_runtime.images.pages import find_pages, load_page
from edge_runtime.reader import DigitReader

from .rows import FileState, Row

IN_FLIGHT_PER_WORKER: Final = 8  # files handed out ahead of the row that is waited for
FILES_AT_ONCE: Final = 4  # handed to a process together: a hand-over costs as much as a tenth of reading a small file


def read_page(page: Page, reader: DigitReader, dpi: float = DPI, trace: Trace | None = None) -> Row:
    """Read one picture; what is wrong with its file is in the row, the model's and libraries' errors are raised.

    trace: as for ``DigitReader.read``.
    """
    start = time.perf_counter()
    name = page.name
    state = FileState.of(page.path) if page.data is None else FileState()  # before it is read: what changes is known
    try:
        try:
            picture = load_page(page, dpi, reader.max_megapixels)
        except DependencyError as error:  # this kind of file needs a library; the next run may have it
            return Row.failed(name, error, _ms_since(start))
        readings = (
            reader.read(picture) if trace is None else reader.read(picture, trace)
        )  # readers of others take no trace
    except (ModelError, OptionError, DependencyError):
        raise
    except ImageError as error:
        if isinstance(error.__cause__, OSError):  # not the file's fault alone: the next run may try again
            state = FileState()
        return Row.failed(name, _explained(page.path, error), _ms_since(start), state=state)
    except MemoryError:
        return Row.failed(name, f"{name}: not enough memory to read it; use fewer workers", _ms_since(start))
    except Exception as error:  # whatever one strange file brings about must not end the others' run
        return Row.failed(name, f"{name}: {type(error).__name__}: {error}", _ms_since(start), state=state)
    return Row.of(name, readings, _ms_since(start), note=picture.note, state=state)


def read_files(
    paths: Iterable[str | Page],
    reader: DigitReader,
    workers: int = 1,
    *,
    pages: str | None = None,
    dpi: float = DPI,
    max_pages: int = MAX_PAGES,
) -> Iterator[Row]:
    """One row for each path, in the order of the paths, as they come.

    workers: processes, each with its own copy of the reader; 1 reads in this process. At most
    ``8 * workers`` files are in flight, so memory does not grow with the number of paths. A file that
    kills its process gives a row with an error, and the others are read all the same. The processes import
    the calling script anew, so with several workers it must begin its work under ``if __name__ == "__main__":``.
    pages: ``"all"``, ``"2"`` or ``"1-3"``: one row for each of these pages of a PDF or of a TIFF of several pages,
    named ``scan.pdf#page=3``; None: a row of the first page. dpi, max_pages: as for ``load_pages``.
    Raises ``ModelError``, ``OptionError`` or ``DependencyError`` when the reader itself cannot work.
    """
    chosen = find_pages(paths, PageChoice(pages, dpi, max_pages))
    if workers > 1:
        yield from _read_in_processes(chosen, _Job(reader, dpi), workers)
    else:
        for page in chosen:
            yield read_page(page, reader, dpi)


def _explained(path: str, error: ImageError) -> str:
    """The error's words; of a folder that came as a file, why it cannot be listed."""
    unlisted = listing_error(path) if os.path.isdir(path) else None
    if unlisted is None:
        return str(error)
    return f"{path}: folder cannot be listed ({unlisted.strerror}); check its permissions"


@dataclass(frozen=True)
class _Job:
    """What every process needs."""

    reader: DigitReader
    dpi: float


@dataclass
class _PageBatch:
    """Pages that one process reads after another."""

    pages: list[Page]
    rows: Future[list[Row]]


def _read_in_processes(chosen: Iterator[Page], job: _Job, workers: int) -> Iterator[Row]:
    pool = _pool(job, workers)
    pending: deque[_PageBatch] = deque()
    try:
        while True:
            while (free := workers * IN_FLIGHT_PER_WORKER - sum(len(batch.pages) for batch in pending)) > 0:
                pages = list(islice(chosen, min(free, FILES_AT_ONCE)))
                if not pages:
                    break
                pending.append(_PageBatch(pages, _submit(pool, pages)))
            if not pending:
                return
            batch = pending.popleft()
            try:
                yield from batch.rows.result()
            except BrokenProcessPool:  # one of the files in flight killed its process, and with it the pool
                pool.shutdown(wait=False)
                yield from _read_alone(batch.pages, job)
                pool = _pool(job, workers)
                for other in pending:
                    if not _has_rows(other.rows):
                        other.rows = _submit(pool, other.pages)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _pool(job: _Job, workers: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")  # a forked copy would share locks and libraries' threads
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker, initargs=(job,))


def _submit(pool: ProcessPoolExecutor, pages: list[Page]) -> Future[list[Row]]:
    try:
        with _sigint_blocked():  # the pool starts its processes here, and they inherit this
            return pool.submit(_read_in_worker, pages)
    except BrokenProcessPool as error:  # known only now; it is dealt with when the rows are asked for
        future: Future[list[Row]] = Future()
        future.set_exception(error)
        return future


@contextmanager
def _sigint_blocked() -> Iterator[None]:
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


def _read_alone(pages: list[Page], job: _Job) -> Iterator[Row]:
    """Read one by one in a process of their own, to learn which is the one that kills."""
    pool = _pool(job, 1)
    try:
        for page in pages:
            try:
                yield from _submit(pool, [page]).result()
            except BrokenProcessPool:
                yield Row.failed(page.name, f"{page.name}: killed the process that read it; look at this file alone")
                pool = _pool(job, 1)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


_worker_job: _Job | None = None


def _start_worker(job: _Job) -> None:
    global _worker_job
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    cv2.setNumThreads(1)
    keep_freed_memory()
    _worker_job = job


def _end_with_parent() -> None:
    """A killed parent cannot tell its workers to stop, and they would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _read_in_worker(pages: list[Page]) -> list[Row]:
    assert _worker_job is not None
    return [read_page(page, _worker_job.reader, _worker_job.dpi) for page in pages]


def _ms_since(start: float) -> float:
    return (time.perf_counter() - start) * 1e3
