"""A lock file: only one run at a time may write an output."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge_runtime.core.errors import OutputError

try:
    import fcntl
except ImportError:  # Windows, which does not let two processes replace a file that is open anyway
    fcntl = None  # type: ignore[assignment]


@contextmanager
def claimed(lock: Path) -> Iterator[None]:
    """Hold a lock while the block runs; the system lets go of it when the process ends, however that comes about.

    lock: a file of its own, removed at the end. Raises ``OutputError`` when another process holds it.
    """
    if fcntl is None:
        yield
        return
    file = _locked(lock)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        os.close(file)


def _locked(lock: Path) -> int:
    while True:
        try:
            file = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:  # where the lock cannot be made, the output cannot either: that one is the user's
            error.filename = str(lock.with_suffix(""))
            raise
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still_there(lock, file):
                return file
        except BlockingIOError:
            os.close(file)
            raise OutputError(f"{lock.with_suffix('')}: another run is writing it; wait for its end") from None
        except OSError:  # a file system without locks: continue without one
            return file
        os.close(file)  # the run before ended between our two steps, and took the file away


def _is_still_there(lock: Path, file: int) -> bool:
    try:
        there = os.stat(lock)
    except FileNotFoundError:
        return False
    return os.path.samestat(there, os.fstat(file))
