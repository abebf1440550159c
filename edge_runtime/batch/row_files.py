"""Rows as text, JSON Lines or CSV: written so that a kill leaves whole rows, and read back from what a kill left."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, TextIO

from edge_runtime.core.errors import OutputError

from .rows import ROW_FIELDS, Row

ENCODING_ERRORS: Final = "backslashreplace"
r"""A file name that is not Unicode holds lone surrogates. Written as \udcXX they are valid in JSON, and read back from
there they are the same name."""

_MAX_RECORD_CHARS: Final = 8 * 2**20  # what is longer is not a row, but what a crash of the system left


@dataclass(frozen=True)
class RowForm:
    """How rows stand in a text.

    header: the first record, or empty; line: a row's record with its line end; parse: the row of a record, raising
    ``ValueError``, ``KeyError`` or ``TypeError`` where it is none; is_whole: whether a text that ends with a line
    end is a whole record.
    """

    header: str
    line: Callable[[Row], str]
    parse: Callable[[str], Row]
    is_whole: Callable[[str], bool]


def form_of(path: Path) -> RowForm:
    """By the name's ending, .jsonl or .csv; raises ``OutputError`` for another."""
    try:
        return _FORMS[path.suffix.lower()]
    except KeyError:
        raise OutputError(f"{path}: the name must end with .jsonl or .csv") from None


class RowFile:
    """A new file of rows. Every row is with the system when ``write`` returns; use it in a ``with`` block.

    Raises ``OutputError`` when a row cannot be written (a full disk); the file then ends with the row before.
    """

    def __init__(self, path: Path, form: RowForm) -> None:
        self.path = path
        self._form = form
        self._file = path.open("wb", buffering=0)  # what a buffer holds is lost by a kill
        self._whole_bytes = 0
        try:
            self._write(form.header)
        except OutputError:
            self._file.close()
            raise

    def __enter__(self) -> RowFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._file.close()

    def write(self, row: Row) -> None:
        """Write one row."""
        self._write(self._form.line(row))

    def sync(self) -> None:
        """Have the system write everything to the disk, so that a loss of power cannot take it."""
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._failure(error) from error

    def _write(self, text: str) -> None:
        data = memoryview(text.encode("utf-8", ENCODING_ERRORS))
        written = 0
        try:
            while written < len(data):
                written += self._file.write(data[written:]) or 0
        except OSError as error:
            self._file.truncate(self._whole_bytes)
            raise self._failure(error) from error
        self._whole_bytes += len(data)

    def _failure(self, error: OSError) -> OutputError:
        return OutputError(
            f"{self.path}: {error.strerror}; the rows so far are kept: make room and go on with --resume"
        )


def read_rows(path: Path, form: RowForm) -> Iterator[Row]:
    """The whole rows of a file, one after the other.

    A record that a kill or a crash cut off or spoiled is left out, so that its file is read again.
    Raises ``OutputError`` where the header is not that of rows, and ``OSError``.
    """
    with path.open(encoding="utf-8", errors="replace", newline="\n") as stream:
        records = _records(stream, form)
        if form.header:
            header = next(records, form.header)
            if header != form.header:
                raise OutputError(f"{path}: does not begin with the columns of batch's rows; choose another --output")
        for record in records:
            try:
                yield form.parse(record)
            except (ValueError, KeyError, TypeError, csv.Error):
                continue


def _records(stream: TextIO, form: RowForm) -> Iterator[str]:
    record = ""
    for piece in iter(lambda: stream.readline(_MAX_RECORD_CHARS), ""):
        record += piece
        if record.endswith("\n") and form.is_whole(record):
            yield record
            record = ""
        elif len(record) > _MAX_RECORD_CHARS:
            record = ""


def _json_line(row: Row) -> str:
    return json.dumps(row.as_dict(), ensure_ascii=False) + "\n"


def _from_json(record: str) -> Row:
    return Row.from_dict(json.loads(record))


def _csv_line(row: Row) -> str:
    values = row.as_dict()
    return _csv_record({**values, "readings": json.dumps(values["readings"])}.values())


def _csv_record(values: object) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow(values)  # type: ignore[arg-type]
    return text.getvalue()


def _from_csv(record: str) -> Row:
    if "\0" in record:  # a crash of the system leaves these where data had not come to the disk; JSON refuses them
        raise ValueError("null characters")
    (fields,) = csv.reader(io.StringIO(record, newline=""))
    values: dict[str, object] = dict(zip(ROW_FIELDS, fields, strict=True))
    for name in ("confidence", "error", "size", "mtime_ns"):
        values[name] = values[name] or None
    return Row.from_dict({**values, "readings": json.loads(str(values["readings"]))})


def _has_even_quotes(record: str) -> bool:
    """In CSV a line end inside quotes belongs to the value, and a quote inside a value is doubled."""
    return record.count('"') % 2 == 0


JSON_LINES: Final = RowForm("", _json_line, _from_json, lambda _: True)
CSV: Final = RowForm(_csv_record(ROW_FIELDS), _csv_line, _from_csv, _has_even_quotes)
_FORMS: Final = {".jsonl": JSON_LINES, ".csv": CSV}
