"""Rows as JSON Lines and CSV, to stdout or to a file."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol, TextIO

from edge_runtime.rows import ROW_FIELDS, Row

ENCODING_ERRORS: Final = "backslashreplace"
r"""A file name that is not Unicode holds lone surrogates. Written as \udcXX they are valid in JSON, and read back from
there they are the same name."""


class RowWriter(Protocol):
    """Writes one row after the other."""

    def write(self, row: Row) -> None:
        """Write one row."""
        ...


class JsonLines:
    """One JSON object a line, flushed, so that a kill loses nothing that has been read."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, row: Row) -> None:
        """Write one line and flush it."""
        self._stream.write(json.dumps(row.as_dict(), ensure_ascii=False) + "\n")
        self._stream.flush()


class Csv:
    """The same columns under a header; the readings as JSON text."""

    def __init__(self, stream: TextIO) -> None:
        self._rows = csv.DictWriter(stream, ROW_FIELDS, lineterminator="\n")
        self._rows.writeheader()

    def write(self, row: Row) -> None:
        """Write one line."""
        values = row.as_dict()
        self._rows.writerow({**values, "readings": json.dumps(values["readings"])})


@contextmanager
def open_rows(path: Path | None) -> Iterator[RowWriter]:
    """A writer for a .jsonl or .csv file, or JSON Lines on stdout when there is no path.

    A .csv is written beside its final name (with ``.part`` at the end) and renamed when it is complete.
    """
    if path is None:
        yield JsonLines(sys.stdout)
        return
    unfinished = unfinished_name(path)
    with unfinished.open("w", encoding="utf-8", errors=ENCODING_ERRORS, newline="") as stream:
        writer: RowWriter = Csv(stream) if path.suffix.lower() == ".csv" else JsonLines(stream)
        yield writer
    if unfinished != path:
        os.replace(unfinished, path)


def unfinished_name(path: Path) -> Path:
    """Where the rows stand until the file is complete."""
    return path.with_name(path.name + ".part") if path.suffix.lower() == ".csv" else path
