"""A user's own pictures of numbers: crops that are cut to strips by the product's own locator and strip maker.

A folder of crops holds pictures of one number each and a ``labels.csv`` with the columns ``file`` and ``label``;
an empty label means that there is nothing to read.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.errors import ImageError
from edge_runtime.detection.locate import locate
from edge_runtime.images.load import load_picture
from edge_runtime.recognition.contract import SLOTS, STRIP_HEIGHT, STRIP_WIDTH, encode_label
from edge_runtime.recognition.strip import make_strip
from train.core.errors import DataError

LABELS_FILE: Final = "labels.csv"
LEAST: Final = 10  # usable crops; of fewer, a tenth that is held out says nothing
_HELD_OUT: Final = 10  # one crop of so many never trains

Strips = tuple[NDArray[np.uint8], NDArray[np.uint8]]
"""uint8 [N, 28, 140] strips, ink bright on dark, and uint8 [N, 5] classes."""


@dataclass(frozen=True)
class Crops:
    """The strips of a folder's crops: ``train``, and ``held_out``, a tenth that never trains."""

    train: Strips
    held_out: Strips


def load_crops(folder: Path, say: Callable[[str], None]) -> Crops:
    """Cut the crops of a folder to strips.

    ``say`` is told a line for each crop that cannot be used: a file that is no picture, a label of other than up to
    five digits, a picture without a line of ink for its number. Which crops are held out depends on the files' names
    alone, so that they stay held out when crops are added. Raises ``DataError`` where the list cannot be read or
    fewer than ten crops are usable.
    """
    names: list[str] = []
    strips: list[NDArray[np.uint8]] = []
    labels: list[tuple[int, ...]] = []
    for name, label in read_labels(folder):
        strip = _strip_of(folder / name, label, say)
        if strip is not None:
            names.append(name)
            strips.append(strip)
            labels.append(encode_label(label))
    if len(strips) < LEAST:
        raise DataError(f"{folder}: {len(strips)} crops can be used, at least {LEAST} are needed; label more")
    held_out = _held_out(names)
    both = np.array(strips, np.uint8).reshape(-1, STRIP_HEIGHT, STRIP_WIDTH), np.array(labels, np.uint8)
    return Crops((both[0][~held_out], both[1][~held_out]), (both[0][held_out], both[1][held_out]))


def read_labels(folder: Path) -> list[tuple[str, str]]:
    """File names and labels of a folder's ``labels.csv``; ``DataError`` where it is missing or has other columns."""
    path = folder / LABELS_FILE
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            rows = [(row.get("file"), row.get("label")) for row in reader]
            if not {"file", "label"} <= set(reader.fieldnames or ()):
                raise DataError(f"{path}: its columns are {reader.fieldnames}, expected file and label")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read ({error}); write one with the columns file and label") from None
    return [(name.strip(), (label or "").strip()) for name, label in rows if name]


def widest_strip(image: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """The strip of the widest line that the locator finds, uint8 [28, 140]; None where it finds none."""
    lines = [line for place in locate(image) for line in place]
    if not lines:
        return None
    line = max(lines, key=lambda line: line.box.width)
    return make_strip(image, line.box.array(), line.direction)


def _strip_of(path: Path, label: str, say: Callable[[str], None]) -> NDArray[np.uint8] | None:
    if label and not (label.isascii() and label.isdigit()):
        say(f"{path}: label {label!r} is not of digits alone; left out")
        return None
    if len(label) > SLOTS:
        say(f"{path}: label {label!r} has more than {SLOTS} digits; left out")
        return None
    try:
        strip = widest_strip(load_picture(path).pixels)
    except ImageError as error:
        say(f"{error}; left out")
        return None
    if strip is None and label:
        say(f"{path}: no line of ink is found for {label!r}; left out")
    return strip


def _held_out(names: list[str]) -> NDArray[np.bool_]:
    """Which crops are held out, by a hash of each file's name; at least one."""
    ranks = np.array([int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") for name in names])
    chosen = ranks % _HELD_OUT == 0
    return chosen if chosen.any() else ranks == ranks.min()
