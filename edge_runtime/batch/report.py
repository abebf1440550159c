"""``ReportBuilder``: rows -> a static page on which a person looks through the least certain pictures.

Memory does not grow with the number of rows: of those with a confidence the least certain are kept, of the others the
first. Pictures are made small when the page is written, from the files as they are then.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.errors import ImageError
from edge_runtime.core.opencv import cv2
from edge_runtime.images.annotate import draw_readings, save_picture
from edge_runtime.images.load import load_picture

from .report_page import Page, Tile, render
from .rows import Row

MOST_UNCERTAIN: Final = 200  # pictures shown
MOST_EMPTY: Final = 40  # pictures without a number shown, for numbers that were missed
MOST_ERRORS: Final = 200  # lines
BINS: Final = 20  # of the histogram
LONG_SIDE: Final = 480  # pixels of a small picture
PICTURES: Final = "pictures"  # the folder of the small pictures, beside the page


class ReportBuilder:
    """Takes rows as they come and writes the page at the end.

    uncertain, empty, errors: at most so many are shown.
    """

    def __init__(self, uncertain: int = MOST_UNCERTAIN, empty: int = MOST_EMPTY, errors: int = MOST_ERRORS) -> None:
        self._most = {"uncertain": uncertain, "empty": empty, "error": errors}
        self._counts: Counter[str] = Counter()
        self._histogram = {status: [0] * BINS for status in ("read", "unsure")}
        self._least_certain: list[tuple[bool, float, int, Row]] = []  # a heap, the most certain first
        self._first: dict[str, list[Row]] = {"empty": [], "error": []}

    def add(self, row: Row) -> None:
        """Count one row, and keep it if it is among those that are shown."""
        self._counts[row.status] += 1
        if row.confidence is None:
            kept = self._first[row.status]
            if len(kept) < self._most[row.status]:
                kept.append(row)
            return
        self._histogram[row.status][min(int(row.confidence * BINS), BINS - 1)] += 1
        # A reading that was not accepted counts more than any that was; of two rows alike the earlier one is kept.
        has_unsure = row.status == "unsure" or not all(reading.accepted for reading in row.readings)
        least = min([row.confidence, *(reading.confidence for reading in row.readings)])
        item = (has_unsure, -least, -self._counts.total(), row)
        if len(self._least_certain) < self._most["uncertain"]:
            heapq.heappush(self._least_certain, item)
        else:
            heapq.heappushpop(self._least_certain, item)

    def write(self, folder: Path, *, title: str, max_megapixels: float) -> Path:
        """Write ``index.html`` and the small pictures; returns the page's path. Raises ``OSError``.

        title: what was read; max_megapixels: as for ``load_picture``.
        """
        pictures = folder / PICTURES
        pictures.mkdir(parents=True, exist_ok=True)
        uncertain = [row for *_, row in sorted(self._least_certain, key=lambda item: item[:3], reverse=True)]
        page = Page(
            title=title,
            counts=dict(self._counts),
            histogram={status: tuple(bins) for status, bins in self._histogram.items()},
            uncertain=_tiles(uncertain, pictures, "uncertain", max_megapixels),
            empty=_tiles(self._first["empty"], pictures, "empty", max_megapixels),
            errors=tuple(self._first["error"]),
        )
        path, unfinished = folder / "index.html", folder / "index.html.part"
        unfinished.write_text(render(page), "utf-8", errors="backslashreplace")
        unfinished.replace(path)
        return path


def _tiles(rows: Iterable[Row], folder: Path, name: str, max_megapixels: float) -> tuple[Tile, ...]:
    """Each row with its small picture, numbered; those of an earlier report are removed."""
    tiles: list[Tile] = []
    for old in folder.glob(f"{name}[0-9][0-9][0-9].jpg"):
        old.unlink()
    for number, row in enumerate(rows):
        path = folder / f"{name}{number:03}.jpg"
        size = _save_small(row, path, max_megapixels)
        tiles.append(Tile(row, f"{PICTURES}/{path.name}" if size else None, *(size or (0, 0))))
    return tuple(tiles)


def _save_small(row: Row, path: Path, max_megapixels: float) -> tuple[int, int] | None:
    """Width and height of what was saved; None where the picture is gone or cannot be read any more."""
    try:
        picture = load_picture(row.path, max_megapixels=max_megapixels)
    except ImageError:
        return None
    small = _reduced(picture.pixels)
    scale = max(small.shape[:2]) / max(picture.pixels.shape[:2]) / picture.scale
    drawn = draw_readings(small, row.readings, scale=scale)
    save_picture(path, drawn)
    return drawn.shape[1], drawn.shape[0]


def _reduced(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    share = LONG_SIDE / max(pixels.shape[:2])
    if share >= 1:
        return pixels
    size = (max(round(pixels.shape[1] * share), 1), max(round(pixels.shape[0] * share), 1))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
