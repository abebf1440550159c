"""Folders of labelled pictures: any tree in which ``labels.csv`` files (``file,label``) stand beside pictures."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge_runtime import ImageError

LABELS_FILE: Final = "labels.csv"


@dataclass(frozen=True)
class Sample:
    """One picture: the digits in reading order without separators, or an empty truth where there is no number."""

    folder: str
    path: Path
    truth: str

    @property
    def name(self) -> str:
        """The picture below the folder that was given, for reports."""
        return f"{self.folder}/{self.path.name}"


def find_samples(roots: Sequence[Path]) -> list[Sample]:
    """The pictures of every ``labels.csv`` at or below the roots, folder by folder, in the order of the labels.

    Raises ``ImageError`` where a root has no labels, a label is not digits, or a listed picture is missing.
    """
    samples: list[Sample] = []
    names: dict[str, Path] = {}
    for root in roots:
        tables = sorted(root.rglob(LABELS_FILE))
        if not tables:
            raise ImageError(f"{root}: no {LABELS_FILE} here or below; it needs the columns file and label")
        for table in tables:
            name = _folder_name(root, table.parent)
            if names.setdefault(name, table.parent.resolve()) != table.parent.resolve():
                raise ImageError(f"{table.parent}: a second folder called {name!r}; give the folder above both")
            samples += _read_table(table, name)
    return samples


def _folder_name(root: Path, folder: Path) -> str:
    below = folder.relative_to(root).as_posix()
    return root.resolve().name if below == "." else below


def _read_table(table: Path, folder: str) -> list[Sample]:
    with table.open(newline="", encoding="utf-8-sig") as lines:
        reader = csv.DictReader(lines)
        missing = {"file", "label"} - set(reader.fieldnames or ())
        if missing:
            raise ImageError(f"{table}: no column {' and no column '.join(sorted(missing))}; expected file,label")
        rows = list(reader)
    return [_sample(table, folder, number, row) for number, row in enumerate(rows, start=2)]


def _sample(table: Path, folder: str, number: int, row: dict[str, str | None]) -> Sample:
    path, truth = table.parent / (row["file"] or ""), (row["label"] or "").strip()
    if truth and not (truth.isascii() and truth.isdigit()):
        raise ImageError(f"{table}, line {number}: label {truth!r}, expected digits without separators, or nothing")
    if not path.is_file():
        raise ImageError(f"{table}, line {number}: no file {path}")
    return Sample(folder, path, truth)
