"""Rows as JSON Lines and CSV, to stdout or to a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

from edge_runtime.batch.resume import RowPlaces
from edge_runtime.batch.row_files import CSV, ENCODING_ERRORS, JSON_LINES, RowFile, RowForm
from edge_runtime.batch.rows import Row
from edge_runtime.core.errors import OutputError

__all__ = ["ENCODING_ERRORS", "Csv", "JsonLines", "RowWriter", "StdoutRows", "open_rows"]


class RowWriter(Protocol):
    """Writes one row after the other."""

    def write(self, row: Row) -> None:
        """Write one row."""
        ...


class _StreamRows:
    """Rows to a stream, each flushed, so that a kill loses nothing that has been read."""

    def __init__(self, stream: TextIO, form: RowForm) -> None:
        self._stream = stream
        self._form = form
        if form.header:
            self._stream.write(form.header)

    def write(self, row: Row) -> None:
        """Write one row and flush it."""
        self._stream.write(self._form.line(row))
        self._stream.flush()


class JsonLines(_StreamRows):
    """One JSON object a line."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream, JSON_LINES)


class Csv(_StreamRows):
    """The same columns under a header; the readings as JSON text."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream, CSV)


class StdoutRows:
    """JSON Lines to stdout; ``OutputError`` when nobody takes them any more (a closed pipe, a full disk)."""

    def __init__(self) -> None:
        if sys.stdout is None:  # closed by whoever started us
            raise OutputError("standard output: is closed; name a file with --output")
        self._rows = JsonLines(sys.stdout)

    def write(self, row: Row) -> None:
        """Write one row and flush it."""
        try:
            self._rows.write(row)
        except OSError as error:
            _abandon_stdout()
            raise OutputError(f"standard output: {error.strerror}; the rows before are out") from error


@contextmanager
def open_rows(places: RowPlaces | None) -> Iterator[RowWriter]:
    """A writer for a file of rows, or JSON Lines on stdout when there is no file.

    A .csv is written under the name ``part`` and gets its own when it is complete.
    """
    if places is None:
        yield StdoutRows()
        return
    with RowFile(places.part, places.form) as rows:
        yield rows
        rows.sync()
    places.finish()


def _abandon_stdout() -> None:
    """What is still in its buffer would fail again when Python ends, with a message of its own."""
    try:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)
    except OSError:  # not a file of the system's, as in a test
        pass
