"""``RowFile``: an output of rows that a kill, a full disk or a loss of power cannot spoil.

While a run goes on, its rows are in ``FILE.part``, as JSON Lines whatever the form of FILE, each with the system as
soon as it is there. When the run is complete, FILE is written from it (as ``FILE.new``), gets its name in one step, and
``FILE.part`` goes. A resumed run reads where each row stands in ``FILE.part`` (made from FILE where that is
complete), appends what is new or has changed, and puts all rows in order at the end.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final

from edge_runtime.core.errors import OutputError
from edge_runtime.images.choice import Page, file_of
from edge_runtime.images.files import as_written

from .claim import claimed
from .parquet import Parquet
from .rows import FileState, Row
from .tables import ENCODING_ERRORS, MAX_LINE_CHARS, JsonLines, TextForm

_TO_BE_READ: Final = -1  # in the order of rows: the next one that is written
_JSON: Final = JsonLines()


class RowFile:
    """The rows of one run, to be used in a ``with`` block; another run on the same file is refused meanwhile.

    path: the file, complete when ``finish`` has been called; form: how its rows stand there.
    resume_below: resume the rows that are there, which must be of files below this folder; None: begin anew.
    Memory grows by some 250 bytes for each row that is there. Raises ``OutputError`` and ``OSError``.
    """

    def __init__(self, path: Path, form: TextForm | Parquet, resume_below: str | None = None) -> None:
        self.path = path
        self.part, self._new, self._lock = part_files(path)
        self._form = form
        self._folder = resume_below
        self._earlier: dict[str, int] = {}  # name of a row as written -> where it begins in ``part``
        self._documents: set[str] = set()  # files of which there are rows of pages
        self._documents_met: set[str] = set()  # in this run; what is left of their earlier rows does not count
        self._order = array("q")  # where the rows of this run's files begin in ``part``
        self._written = array("q")  # where those begin that this run wrote
        self._end = 0  # of the whole rows in ``part``

    def __enter__(self) -> RowFile:
        self._claim = claimed(self._lock)
        self._claim.__enter__()
        try:
            self._open()
        except BaseException:
            self._new.unlink(missing_ok=True)
            self._claim.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._close()
        if not self._end:  # nothing was read
            self.part.unlink(missing_ok=True)
        self._claim.__exit__(None, None, None)

    def left_to_read(self, pages: Iterable[Page], kept: Callable[[Row], None]) -> Iterator[Page]:
        """The pages of which there is no row, or whose file has changed since; ``kept`` is told of the other rows."""
        for page in pages:
            name, file = as_written(page.name), as_written(page.path)
            if page.page is not None or file in self._documents:
                self._documents_met.add(file)
            place = self._earlier.pop(name, None)
            row = None if place is None else self._row_at(place)
            if place is None or row is None or not row.state.is_known or row.state != FileState.of(page.path):
                self._order.append(_TO_BE_READ)
                yield page
            else:
                self._order.append(place)
                kept(replace(row, path=page.name))  # not all forms keep names that are not Unicode

    def write(self, row: Row) -> None:
        """Write the row of the next page that ``left_to_read`` gave; on return it is with the system."""
        data = memoryview(_JSON.record(row).encode("utf-8", ENCODING_ERRORS))
        written = 0
        try:
            while written < len(data):
                written += self._file.write(data[written:]) or 0
        except OSError as error:
            self._file.truncate(self._end)
            raise self._failure(error) from error
        self._written.append(self._end)
        self._end += len(data)

    def finish(self) -> None:
        """The run is complete: FILE is written in order; rows of files that it did not meet come last."""
        was_empty = not self._earlier and len(self._written) == len(self._order)
        is_done = was_empty and isinstance(self._form, JsonLines)  # rows in order, and in their form
        try:
            if is_done:
                os.fsync(self._file.fileno())
            else:
                _write_whole(self._new, self._form, self._rows())
        except OSError as error:
            self._new.unlink(missing_ok=True)
            raise self._failure(error) from error
        self._close()
        (self.part if is_done else self._new).replace(self.path)
        self.part.unlink(missing_ok=True)

    def _open(self) -> None:
        has_part = self.part.exists() and self.part.stat().st_size > 0
        if self._folder is None:
            self.part.write_bytes(b"")
        elif has_part:
            self._end = self._index()
        elif self.path.exists():
            self._end = self._take_over()
        self._file = self.part.open("ab", buffering=0)  # what a buffer holds is lost by a kill
        self._file.truncate(self._end)
        self._reader = self.part.open("rb")

    def _close(self) -> None:
        self._reader.close()
        self._file.close()

    def _index(self) -> int:
        """Note where each row of ``part`` begins; gives the end of the last whole line."""
        place = end = 0
        with self.part.open("rb") as stream:
            for line in iter(lambda: stream.readline(MAX_LINE_CHARS), b""):
                row = _JSON.parse(line)
                if row is not None and line.endswith(b"\n"):
                    self._note(row, place)
                place += len(line)
                end = place if line.endswith(b"\n") else end
        if end and not self._earlier:
            raise OutputError(f"{self.part}: holds no rows of batch; remove it, or choose another --output")
        return end

    def _take_over(self) -> int:
        """Make ``part`` of a complete file, whole or not at all; gives its size."""
        place = 0
        with self._new.open("wb") as stream:
            for row in self._form.read(self.path):
                self._note(row, place)
                place += stream.write(_JSON.record(row).encode("utf-8", ENCODING_ERRORS))
        self._new.replace(self.part)
        return place

    def _note(self, row: Row, place: int) -> None:
        folder = self._folder or ""
        below = os.path.join(folder, "")
        if row.path != folder and not row.path.startswith((below, as_written(below))):
            raise OutputError(
                f"{self.path}: has a row of {row.path!r}, which is not below {folder!r}; give the FOLDER of the "
                "run before, written in the same way, or another --output"
            )
        name = as_written(row.path)
        self._earlier[name] = place
        if (file := file_of(name)) != name:
            self._documents.add(file)

    def _rows(self) -> Iterator[Row]:
        written = iter(self._written)
        for place in self._order:
            yield self._row_at(next(written) if place == _TO_BE_READ else place)
        for name, place in self._earlier.items():
            row = self._row_at(place)
            if row.status != "error" and file_of(name) not in self._documents_met:
                yield row

    def _row_at(self, place: int) -> Row:
        self._reader.seek(place)
        row = _JSON.parse(self._reader.readline())
        assert row is not None, f"{self.part} was changed while it was in use"
        return row

    def _failure(self, error: OSError) -> OutputError:
        return OutputError(
            f"{self.part}: {error.strerror or error}; the rows so far are kept: make room and continue with --resume"
        )


def part_files(path: Path) -> tuple[Path, Path, Path]:
    """What stands beside an output while a run goes on: its rows so far, the file that is to replace it, a lock."""
    part, new, lock = (path.with_name(path.name + ending) for ending in (".part", ".new", ".lock"))
    return part, new, lock


def _write_whole(path: Path, form: TextForm | Parquet, rows: Iterable[Row]) -> None:
    """A file that is with the disk, so that a loss of power cannot take it, before it gets its name."""
    if isinstance(form, Parquet):
        form.write(path, rows)
    else:
        with path.open("w", encoding="utf-8", errors=ENCODING_ERRORS, newline="") as stream:
            stream.write(form.header)
            stream.writelines(map(form.record, rows))
    with path.open("rb+") as file:
        os.fsync(file.fileno())
