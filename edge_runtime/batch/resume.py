"""Going on with a file of rows that an earlier run left, finished or not.

Three files stand beside each other, all with their rows in the order of ``find_files``::

    rows.csv           of the last run that came to its end
    rows.csv.part      what the present run has written
    rows.csv.earlier   what the runs before it had written and the present one goes through

JSON Lines are of use while they grow, so the present run writes ``rows.jsonl`` itself; there is no ``.part``.

A resumed run walks the folder and the earlier rows side by side, so its memory does not grow with their number. What
has been read before and has not changed is copied, everything else is read, and so each path has one row. Every step
from one state to the next is a single rename, so a kill at any moment leaves rows that can be gone on with.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from edge_runtime.core.errors import OutputError
from edge_runtime.images.files import SortKey, as_written, path_key

from .row_files import RowFile, RowForm, form_of, read_rows
from .rows import FileState, Row


@dataclass(frozen=True)
class RowPlaces:
    """Where the rows of one output stand; ``final`` ends with .jsonl or .csv."""

    final: Path

    @property
    def part(self) -> Path:
        """What the present run writes."""
        is_csv = self.final.suffix.lower() == ".csv"
        return self.final.with_name(self.final.name + ".part") if is_csv else self.final

    @property
    def earlier(self) -> Path:
        """What the present run goes through, with ``--resume``."""
        return self.final.with_name(self.final.name + ".earlier")

    @property
    def joined(self) -> Path:
        """The next ``earlier``, while it is being written."""
        return self.final.with_name(self.final.name + ".earlier.part")

    @property
    def lock(self) -> Path:
        """There while a run goes on."""
        return self.final.with_name(self.final.name + ".lock")

    @property
    def all(self) -> tuple[Path, ...]:
        """Every file that a run may write."""
        return self.final, self.part, self.earlier, self.joined, self.lock

    @property
    def form(self) -> RowForm:
        """JSON Lines or CSV."""
        return form_of(self.final)

    def begin_anew(self) -> None:
        """Forget what earlier runs left unfinished."""
        self.earlier.unlink(missing_ok=True)
        self.joined.unlink(missing_ok=True)

    def take_up(self, folder: str | os.PathLike[str]) -> Iterator[Row]:
        """Put what earlier runs left into ``earlier``, so that ``part`` is free, and give its rows in order.

        Raises ``OutputError`` (in the course of the iteration, too) where they are not rows of this folder in order.
        """
        for path in dict.fromkeys((self.part, self.earlier, self.final)):
            _refuse_other(path, self.form, os.fspath(folder))  # before anything is renamed
        if self.part.exists() and self.earlier.exists():
            self._join(folder)
        elif self.part.exists():
            self.part.replace(self.earlier)
        elif self.final.exists() and not self.earlier.exists():
            _link(self.final, self.earlier)  # until the new file is complete, the old one keeps its name
        return _checked(self.earlier, self.form, os.fspath(folder)) if self.earlier.exists() else iter(())

    def finish(self) -> None:
        """The present run is complete: its rows get their name."""
        self.begin_anew()
        if self.part != self.final:
            self.part.replace(self.final)

    def _join(self, folder: str | os.PathLike[str]) -> None:
        """A resumed run was cut off: its rows, then the earlier ones to which it had not come."""
        last: SortKey = ()
        with RowFile(self.joined, self.form) as joined:
            for row in _checked(self.part, self.form, os.fspath(folder)):
                joined.write(row)
                last = path_key(row.path)
            for row in _checked(self.earlier, self.form, os.fspath(folder)):
                if path_key(row.path) > last:
                    joined.write(row)
            joined.sync()
        self.joined.replace(self.earlier)
        self.part.unlink()


def skip_done(paths: Iterable[str], earlier: Iterable[Row]) -> Iterator[str | Row]:
    """What is left to read, and between it the rows of what has been read before and has not changed since.

    paths: as ``find_files`` gives them; earlier: rows in the same order. Rows of files that are no longer there are
    kept, too, but not their errors. To be given to ``read_files``.
    """
    rows = iter(earlier)
    row = next(rows, None)
    for path in paths:
        key = path_key(path)
        while row is not None and path_key(row.path) < key:
            if row.status != "error":
                yield row
            row = next(rows, None)
        if row is None or as_written(row.path) != as_written(path):
            yield path
            continue
        is_done = row.state.is_known and row.state == FileState.of(path)
        yield replace(row, path=path) if is_done else path  # CSV does not keep names that are not Unicode
        row = next(rows, None)
    while row is not None:
        if row.status != "error":
            yield row
        row = next(rows, None)


def _checked(path: Path, form: RowForm, folder: str) -> Iterator[Row]:
    """The rows of a file; ``OutputError`` where they are of another folder or not in order."""
    beginning = os.path.join(folder, "")
    last: SortKey = ()
    for row in read_rows(path, form):
        if row.path != folder and not row.path.startswith(as_written(beginning)) and not row.path.startswith(beginning):
            raise OutputError(
                f"{path}: has a row of {row.path!r}, which is not below {folder!r}; give the FOLDER of the run before, "
                "written in the same way, or another --output"
            )
        key = path_key(row.path)
        if key < last:
            raise OutputError(
                f"{path}: the row of {row.path!r} is not in its place; rows can be gone on with only in the order in "
                "which batch writes them: choose another --output"
            )
        last = key
        yield row


def _refuse_other(path: Path, form: RowForm, folder: str) -> None:
    """``OutputError`` where a file begins with rows of another folder, or holds lines and no row."""
    if path.exists() and next(_checked(path, form, folder), None) is None and not form.header:
        with path.open("rb") as file:
            if b"\n" in file.read(2**16):
                raise OutputError(f"{path}: holds no rows of batch; choose another --output")


def _link(file: Path, name: Path) -> None:
    """A second name for a file; where the file system has no such thing, a copy that is whole or not there."""
    try:
        os.link(file, name)
    except OSError:
        copy = name.with_name(name.name + ".part")
        shutil.copyfile(file, copy)
        copy.replace(name)
