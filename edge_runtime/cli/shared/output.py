"""Rows to standard output or to a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, Protocol

import click

from edge_runtime.batch.parquet import Parquet
from edge_runtime.batch.rows import Row
from edge_runtime.batch.tables import Csv, JsonLines, TextForm
from edge_runtime.core.errors import OutputError
from edge_runtime.images.choice import Page

from .errors import abandon_stdout

ENDINGS: Final = (".jsonl", ".csv", ".parquet")


class RowWriter(Protocol):
    """Writes one row after the other."""

    def write(self, row: Row) -> None:
        """Write one row."""
        ...


class StdoutRows(AbstractContextManager["StdoutRows"]):
    """Rows to standard output, each flushed, so that a kill loses nothing that has been read.

    Raises ``OutputError`` where they cannot be written (a full disk), and ``BrokenPipeError`` when nobody reads on.
    """

    def __init__(self, form: TextForm) -> None:
        self._form = form
        if sys.stdout is None:  # closed by whoever started us
            raise OutputError("standard output: is closed; name a file with --output")
        self._write(form.header)

    def __exit__(self, *_: object) -> None:
        pass

    def left_to_read(self, pages: Iterable[Page], kept: Callable[[Row], None]) -> Iterator[Page]:
        """All of them: nothing is known of earlier runs."""
        yield from pages

    def write(self, row: Row) -> None:
        """Write one row and flush it."""
        self._write(self._form.record(row))

    def finish(self) -> None:
        """Nothing remains to be done."""

    def _write(self, text: str) -> None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            abandon_stdout()
            raise OutputError(f"standard output: {error.strerror}; earlier rows were written") from error


def form_for(output: Path | None, csv: Csv | None) -> TextForm | Parquet:
    """How rows stand in a file of this name, JSON Lines without one.

    csv: what was asked for with --long and --excel, else None.
    Raises ``click.UsageError`` for another ending, and ``DependencyError`` where Parquet's library is missing.
    """
    ending = output.suffix.lower() if output else ".jsonl"
    if ending not in ENDINGS:
        raise click.BadParameter(f"{output}: the name must end with {' or '.join(ENDINGS)}", param_hint="--output")
    if csv and ending != ".csv":
        raise click.UsageError("--long and --excel shape a .csv; name one with --output")
    if ending == ".csv":
        return csv or Csv()
    return JsonLines() if ending == ".jsonl" else Parquet()


def refuse_existing(path: Path, remedy: str = "replace it by --overwrite, or name another file") -> None:
    """Wrong usage, in one line, where the file is there."""
    if path.exists():
        raise _ExistsAlready(f"{path}: exists already; {remedy}")


class _ExistsAlready(click.ClickException):
    exit_code = 2  # wrong usage, but for one line there is no need of the command's usage
