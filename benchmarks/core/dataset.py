"""Folders of labelled pictures: any tree in which ``labels.csv`` files (``file,label``) stand beside pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge_runtime import ImageError
from train.datasets.crops import LABELS_FILE, read_labels

from .document import REPOSITORY

_PUBLISHED: Final = REPOSITORY / "samples"
_TIMED: Final = "pencil.jpg"  # one that RapidOCR reads right as well


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


def timed_sample() -> Sample:
    """The frame of 640×480 pixels that whole readers are timed on."""
    return next(sample for sample in find_samples([_PUBLISHED]) if sample.path.name == _TIMED)


def find_samples(roots: Sequence[Path]) -> list[Sample]:
    """The pictures of every ``labels.csv`` at or below the roots, folder by folder, in the order of the labels.

    Raises ``DataError`` where a table cannot be read, and ``ImageError`` where a root has none, a label is not digits,
    or a listed picture is missing.
    """
    samples: list[Sample] = []
    names: dict[str, Path] = {}
    for root in roots:
        tables = sorted(root.rglob(LABELS_FILE))
        if not tables:
            raise ImageError(f"{root}: no {LABELS_FILE} here or below; it needs the columns file and label")
        for folder in (table.parent for table in tables):
            name = root.resolve().name if folder == root else folder.relative_to(root).as_posix()
            if names.setdefault(name, folder.resolve()) != folder.resolve():
                raise ImageError(f"{folder}: a second folder called {name!r}; give the folder above both")
            samples += [_sample(folder, name, file, truth) for file, truth in read_labels(folder)]
    return samples


def _sample(folder: Path, name: str, file: str, truth: str) -> Sample:
    path = folder / file
    if truth and not (truth.isascii() and truth.isdigit()):
        raise ImageError(f"{path}: label {truth!r}, expected digits without separators, or nothing")
    if not path.is_file():
        raise ImageError(f"{path}: no such file, but {folder / LABELS_FILE} lists it")
    return Sample(name, path, truth)
