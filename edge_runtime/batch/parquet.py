"""Rows as a Parquet file (``pyarrow``, the extra ``parquet``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from edge_runtime.core.errors import DependencyError, OutputError

from .rows import Row

ROWS_AT_ONCE: Final = 5000  # in memory, and in one row group of the file; about 10 MB


class Parquet:
    """Everything that a row has, with a type for each column; readings as a list of structs.

    Raises ``DependencyError`` where pyarrow cannot be loaded.
    """

    def __init__(self) -> None:
        try:
            import pyarrow as arrow
            import pyarrow.parquet as parquet
        except ImportError as error:
            raise DependencyError(f"pyarrow is missing ({error}); for a .parquet file, pip install pyarrow") from error
        self._arrow = arrow
        self._parquet = parquet
        self._schema = _schema(arrow)

    def write(self, path: Path, rows: Iterable[Row]) -> None:
        """Write a whole file; raises ``OSError``."""
        rows = iter(rows)
        with path.open("wb") as stream, self._parquet.ParquetWriter(stream, self._schema, compression="zstd") as writer:
            while group := [_as_unicode(row.as_dict()) for row in islice(rows, ROWS_AT_ONCE)]:
                writer.write_table(self._arrow.Table.from_pylist(group, schema=self._schema))

    def read(self, path: Path) -> Iterator[Row]:
        """The rows of a file; raises ``OutputError`` where it is another table, or damaged."""
        try:
            with path.open("rb") as stream, self._parquet.ParquetFile(stream) as file:
                if not file.schema_arrow.equals(self._schema):
                    raise OutputError(f"{path}: does not have the columns of batch's rows; choose another --output")
                for batch in file.iter_batches(ROWS_AT_ONCE):
                    yield from map(Row.from_dict, batch.to_pylist())
        except (self._arrow.ArrowException, ValueError, KeyError, TypeError) as error:
            raise OutputError(f"{path}: is not a whole Parquet file of rows; choose another --output") from error


def _schema(arrow: Any) -> Any:
    """Without it a column of nothing but empty cells would have another type than in the next file."""
    reading = {
        "text": arrow.string(),
        "digits": arrow.list_(arrow.int8()),
        "digit_confidences": arrow.list_(arrow.float64()),
        "confidence": arrow.float64(),
        "accepted": arrow.bool_(),
        "box": arrow.list_(arrow.list_(arrow.float64())),  # four corners of x and y
    }
    return arrow.schema(
        {
            "path": arrow.string(),
            "status": arrow.string(),
            "text": arrow.string(),
            "confidence": arrow.float64(),
            "readings": arrow.list_(arrow.struct(reading)),
            "error": arrow.string(),
            "note": arrow.string(),
            "ms": arrow.float64(),
            "size": arrow.int64(),
            "mtime_ns": arrow.int64(),
        }
    )


def _as_unicode(values: dict[str, Any]) -> dict[str, Any]:
    """Parquet's texts are UTF-8: what is not Unicode in a file's name as it is written in other rows."""
    for name in ("path", "error"):
        if values[name] is not None:
            values[name] = values[name].encode("utf-8", "backslashreplace").decode("utf-8")
    return values
