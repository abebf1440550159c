"""A user's own pictures of numbers: crops that are cut to strips by the product's own detection and strip maker.

A folder of crops holds pictures of one number each and a ``labels.csv`` with the columns ``file`` and ``label``;
an empty label means that there is nothing to read. Where detection finds several lines, the one is taken that the
shipped network finds most like the label.
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
from edge_runtime.detection.locate import locate, locate_more
from edge_runtime.images.load import load_picture
from edge_runtime.recognition.contract import SLOTS, STRIP_HEIGHT, STRIP_WIDTH, encode_label
from edge_runtime.recognition.model import DigitModel
from edge_runtime.recognition.strip import make_strip
from train.core.errors import DataError

LABELS_FILE: Final = "labels.csv"
LEAST: Final = 10  # usable crops; of fewer, a tenth that is held out says nothing
_HELD_OUT: Final = 10  # one crop of so many never trains
_UNLIKE: Final = 0.05  # likeness to the label below which it is another line; one misread digit of four leaves 0.1

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
    five digits, a picture of several lines none of which is like its number, or without any line. Which crops are held
    out depends on the files' names alone, so that they stay held out when crops are added. Raises ``DataError`` where
    the list cannot be read or fewer than ten crops are usable.
    """
    model = DigitModel("fp32")
    names: list[str] = []
    strips: list[NDArray[np.uint8]] = []
    labels: list[tuple[int, ...]] = []
    for name, label in read_labels(folder):
        strip = _strip_of(folder / name, label, model, say)
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


def line_strips(image: NDArray[np.uint8], *, more: bool = False) -> NDArray[np.uint8]:
    """Strips of the lines that detection finds, uint8 [N, 28, 140], the widest first.

    more: also of those that it only seeks where nothing else is read.
    """
    places = [*locate(image), *(locate_more(image) if more else ())]
    lines = sorted((line for place in places for line in place), key=lambda line: -line.box.width)
    strips = [make_strip(image, line.box.array(), line.direction) for line in lines]
    return np.array(strips, np.uint8).reshape(-1, STRIP_HEIGHT, STRIP_WIDTH)


def _strip_of(path: Path, label: str, model: DigitModel, say: Callable[[str], None]) -> NDArray[np.uint8] | None:
    if label and not (label.isascii() and label.isdigit()):
        say(f"{path}: label {label!r} is not of digits alone; left out")
        return None
    if len(label) > SLOTS:
        say(f"{path}: label {label!r} has more than {SLOTS} digits; left out")
        return None
    try:
        strips = line_strips(load_picture(path).pixels, more=bool(label))
    except ImageError as error:
        say(f"{error}; left out")
        return None
    if not label or len(strips) == 1:
        return strips[0] if len(strips) else None
    likeness = _likeness(model.probabilities(strips), label)
    if not len(strips) or likeness.max() < _UNLIKE:
        found = f"none of its {len(strips)} lines looks like" if len(strips) else "no line of ink is found for"
        say(f"{path}: {found} {label!r}; crop it tighter; left out")
        return None
    return strips[int(likeness.argmax())]


def _likeness(probabilities: NDArray[np.float32], label: str) -> NDArray[np.float64]:
    """[N], 0 to 1: the probability of the whole label, as a (geometric) mean over its digits."""
    slots = probabilities[:, np.arange(SLOTS), encode_label(label)].astype(np.float64)
    return np.asarray(np.exp(np.log(np.maximum(slots, 1e-9)).sum(axis=1) / len(label)))


def _held_out(names: list[str]) -> NDArray[np.bool_]:
    """Which crops are held out, by a hash of each file's name; at least one."""
    ranks = np.array([int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") for name in names])
    chosen = ranks % _HELD_OUT == 0
    return chosen if chosen.any() else ranks == ranks.min()
