"""How rows stand in a text: JSON Lines, and CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Protocol

from edge_runtime.core.errors import OutputError

from .rows import Row

ENCODING_ERRORS: Final = "backslashreplace"
r"""A file name that is not Unicode holds lone surrogates. Written as \udcXX they are valid in JSON, and read back from
there they are the same name."""

MAX_LINE_CHARS: Final = 8 * 2**20  # what is longer is not a row, but what a crash of the system left

_OF_THE_FILE: Final = ("error", "note", "ms", "size", "mtime_ns")
COLUMNS: Final = ("path", "status", "text", "confidence", *_OF_THE_FILE)
CORNERS: Final = ("x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4")
LONG_COLUMNS: Final = ("path", "status", "number", "text", "confidence", "accepted", *CORNERS, *_OF_THE_FILE)


class TextForm(Protocol):
    """How rows stand in a text.

    header: what comes before the first row, or empty.
    """

    header: str

    def record(self, row: Row) -> str:
        """A row with its line ends."""
        ...

    def read(self, path: Path) -> Iterator[Row]:
        """The rows of a complete file, without those that were spoiled; raises ``OutputError`` for another table."""
        ...


class JsonLines:
    """One JSON object a line, with everything."""

    header = ""

    def record(self, row: Row) -> str:
        """A row with its line end."""
        return json.dumps(row.as_dict(), ensure_ascii=False) + "\n"

    def parse(self, line: bytes) -> Row | None:
        """The row of a line; None for what is none, which a crash may leave."""
        try:
            return Row.from_dict(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None

    def read(self, path: Path) -> Iterator[Row]:
        """The rows of a file; raises ``OutputError`` where it has lines and no row."""
        has_rows = has_lines = False
        with path.open("rb") as stream:
            for line in iter(lambda: stream.readline(MAX_LINE_CHARS), b""):
                has_lines = True
                row = self.parse(line)
                if row is not None:
                    has_rows = True
                    yield row
        if has_lines and not has_rows:
            raise OutputError(f"{path}: holds no rows of batch; choose another --output")


class Csv:
    """Columns for a spreadsheet: one line a file, or, with ``long``, one line a number.

    long: also a number's place and whether it was accepted; a file without a number has one line.
    excel: for Excel and LibreOffice: a byte order mark, so that they take it as UTF-8; line ends of Windows; numbers
        read as ="0042", which both keep as a text; and an apostrophe before what they would run as a formula.
    """

    def __init__(self, long: bool = False, excel: bool = False) -> None:
        self._long = long
        self._excel = excel
        self._columns = LONG_COLUMNS if long else COLUMNS
        self.header = ("\ufeff" if excel else "") + self._lines([self._columns])

    def record(self, row: Row) -> str:
        """A row with its line ends."""
        values = row.as_dict()
        lines = _long_lines(values) if self._long else [values]
        return self._lines([self._cell(name, line[name]) for name in self._columns] for line in lines)

    def read(self, path: Path) -> Iterator[Row]:
        """The rows of a file; their readings are those of the ``long`` form without ``digit_confidences``, or none."""
        with path.open(encoding="utf-8", newline="") as stream:
            if stream.read(len(self.header)) != self.header:
                raise OutputError(
                    f"{path}: does not begin with the columns of these options; give --long and --excel as before, "
                    "or choose another --output"
                )
            records = (dict(zip(self._columns, fields, strict=False)) for fields in csv.reader(stream))
            try:
                for _, lines in groupby(records, lambda line: line.get("path")):
                    try:
                        values = [{name: self._value(name, line[name]) for name in self._columns} for line in lines]
                        yield self._row(values)
                    except (ValueError, KeyError, TypeError):
                        continue
            except csv.Error as error:
                raise OutputError(f"{path}: is damaged ({error}); choose another --output") from error

    def _lines(self, records: Iterable[Iterable[object]]) -> str:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n" if self._excel else "\n").writerows(records)
        return text.getvalue()

    def _cell(self, name: str, value: Any) -> Any:
        if not self._excel or not isinstance(value, str) or not value:
            return value
        if name == "text":
            return f'="{value}"'
        return f"'{value}" if value[0] in _STARTS_A_FORMULA else value

    def _value(self, name: str, cell: str) -> str | None:
        if self._excel and name == "text":
            cell = cell.removeprefix('="').removesuffix('"')
        elif self._excel and cell[:1] == "'" and cell[1:2] in _STARTS_A_FORMULA:
            cell = cell[1:]
        return cell if cell or name in ("text", "note") else None

    def _row(self, lines: list[dict[str, Any]]) -> Row:
        row = Row.from_dict({**lines[0], "readings": ()})
        if not self._long or row.status == "error":
            return row
        from edge_runtime.core.types import Reading  # needs NumPy, and info --check must tell where it cannot be loaded

        readings = (
            {
                **line,
                "digits": line["text"],
                "digit_confidences": (),
                "accepted": line["accepted"] == "True",
                "box": None if line["x1"] is None else _pairs([line[name] for name in CORNERS]),
            }
            for line in lines
            if line["number"] is not None
        )
        return Row.of(row.path, map(Reading.from_dict, readings), row.ms, note=row.note, state=row.state)


_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def _long_lines(values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    nothing = dict.fromkeys(LONG_COLUMNS)
    if not values["readings"]:
        yield {**nothing, **values, "accepted": None}
    for number, reading in enumerate(values["readings"], 1):
        corners = [number for corner in reading["box"] or () for number in corner]
        yield {**nothing, **values, **reading, "number": number, **dict(zip(CORNERS, corners, strict=False))}


def _pairs(numbers: list[Any]) -> list[tuple[Any, Any]]:
    return list(zip(numbers[::2], numbers[1::2], strict=True))
