"""``ReportBuilder``: rows -> a static page on which a person looks through the least certain pictures.

The page is ``report.html`` filled in: no scripts, its pictures beside it, nothing from a network. Memory does not grow
with the number of rows: of those with a confidence the least certain are kept, of the others the first. Pictures are
made small when the page is written, from the files as they are then.
"""

from __future__ import annotations

import heapq
import html
import math
from collections import Counter
from collections.abc import Callable, Iterable
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

from edge_runtime.core.errors import DependencyError, ImageError
from edge_runtime.images.annotate import draw_reduced, save_picture
from edge_runtime.images.load import Picture

from .rows import STATUSES, Row

MOST_UNCERTAIN: Final = 200  # pictures shown
MOST_EMPTY: Final = 40  # pictures without a number shown, for numbers that were missed
MOST_ERRORS: Final = 200  # lines
STEPS: Final = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)  # of the table of confidences: most are near 1
LONG_SIDE: Final = 480  # pixels of a small picture
PAGE: Final = "index.html"
_MARK: Final = "edge-digits batch --report"  # in the page, which tells it from one of another program
PICTURES: Final = "pictures"  # the folder of the small pictures, beside the page
_HEAD_BYTES: Final = 1000  # of a page, in which the mark stands
_MEANINGS: Final = {
    "read": "a reading was accepted",
    "unsure": "readings, none accepted",
    "empty": "no number found",
    "error": "could not be read",
}

Load = Callable[[str], Picture]
"""Loads the picture of a row's path; raises ``ImageError`` or ``DependencyError``."""


class ReportBuilder:
    """Takes rows as they come and writes the page at the end.

    uncertain, empty, errors: at most so many are shown.
    """

    def __init__(self, uncertain: int = MOST_UNCERTAIN, empty: int = MOST_EMPTY, errors: int = MOST_ERRORS) -> None:
        self._most = {"uncertain": uncertain, "empty": empty, "error": errors}
        self._counts: Counter[str] = Counter()
        self._steps: Counter[tuple[str, int]] = Counter()  # status, and how many of STEPS the confidence reaches
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
        self._steps[row.status, sum(row.confidence >= step for step in STEPS)] += 1
        # A reading that was not accepted counts more than any that was; of two rows alike the earlier one is kept.
        has_unsure = row.status == "unsure" or not all(reading.accepted for reading in row.readings)
        least = min([row.confidence, *(reading.confidence for reading in row.readings)])
        item = (has_unsure, -least, -self._counts.total(), row)
        if len(self._least_certain) < self._most["uncertain"]:
            heapq.heappush(self._least_certain, item)
        else:
            heapq.heappushpop(self._least_certain, item)

    def write(self, folder: Path, *, title: str, load: Load) -> Path:
        """Write ``index.html`` and the small pictures; returns the page's path. Raises ``OSError``.

        title: what was read.
        """
        pictures = folder / PICTURES
        pictures.mkdir(parents=True, exist_ok=True)
        uncertain = [row for *_, row in sorted(self._least_certain, key=lambda item: item[:3], reverse=True)]
        sections = [
            self._confidences(),
            _gallery(
                "The least certain pictures", "Those with a reading that was not accepted come first.",
                _tiles(uncertain, pictures, "uncertain", load), self._counts["read"] + self._counts["unsure"],
            ),
            _gallery(
                "Pictures without a number", "If there is a number here, it was missed.",
                _tiles(self._first["empty"], pictures, "empty", load), self._counts["empty"],
            ),
            _errors(self._first["error"], self._counts["error"]),
        ]  # fmt: skip
        counts = (
            f'<li class="{name}"><b>{self._counts[name]:,}</b>{name}: {_MEANINGS[name]}</li>' for name in STATUSES
        )
        page = Template(files(__package__).joinpath("report.html").read_text("utf-8")).substitute(
            mark=_MARK,
            title=escape(title),
            total=f"{self._counts.total():,}",
            counts="".join(counts),
            sections="\n".join(filter(None, sections)),
        )
        path, unfinished = folder / PAGE, folder / f"{PAGE}.part"
        unfinished.write_text(page, "utf-8", errors="backslashreplace")
        unfinished.replace(path)
        return path

    def _confidences(self) -> str:
        ends = [0.0, *STEPS, 1.0]
        lines = "".join(
            f"<tr><td>{ends[step]:g} to {ends[step + 1]:g}</td>"
            f"<td>{self._steps['read', step]:,}</td><td>{self._steps['unsure', step]:,}</td></tr>"
            for step in reversed(range(len(STEPS) + 1))
        )
        head = '<tr><th>confidence</th><th class="word-read">read</th><th class="word-unsure">unsure</th></tr>'
        return f"<h2>Confidence</h2><table>{head}{lines}</table>"


def foreign_page(folder: Path) -> Path | None:
    """The page that a report in this folder would replace, where it is there and no report; else None."""
    page = folder / PAGE
    if not page.exists():
        return None
    with page.open("rb") as stream:
        return None if f'content="{_MARK}"'.encode() in stream.read(_HEAD_BYTES) else page


def escape(text: str) -> str:
    r"""For HTML, in one line: line ends, control characters and what turns the writing direction as \x.. or \u...."""
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    return html.escape(shown)


def _tiles(rows: Iterable[Row], folder: Path, name: str, load: Load) -> list[str]:
    """Each row with its small picture, numbered; those of an earlier report are removed."""
    tiles: list[str] = []
    for old in folder.glob(f"{name}[0-9][0-9][0-9].jpg"):
        old.unlink()
    for number, row in enumerate(rows):
        path = folder / f"{name}{number:03}.jpg"
        tiles.append(_tile(row, f"{PICTURES}/{path.name}", _save_small(row, path, load)))
    return tiles


def _save_small(row: Row, path: Path, load: Load) -> tuple[int, int] | None:
    """Width and height of what was saved; None where the picture is gone or cannot be read any more."""
    try:
        picture = load(row.path)
    except (ImageError, DependencyError):
        return None
    drawn = draw_reduced(picture, row.readings, LONG_SIDE)
    save_picture(path, drawn)
    return drawn.shape[1], drawn.shape[0]


def _tile(row: Row, address: str, size: tuple[int, int] | None) -> str:
    """address: of the small picture on the page; size: its width and height, None where there is none."""
    picture = '<div class="soft">The picture is no longer there.</div>'
    if size:
        picture = f'<img src="{address}" width="{size[0]}" height="{size[1]}" alt="" loading="lazy">'
    lines = []
    if row.confidence is not None:
        number = escape(row.text or " ".join(reading.text for reading in row.readings))
        word = f'<span class="word-{row.status}">{row.status}</span>'
        lines.append(f'<span class="number">{number}</span> {_percent(row.confidence)} {word}')
    lines.append(f'<div class="path">{escape(row.path)}</div>')
    weak = [f"{reading.text} {_percent(reading.confidence)}" for reading in row.readings if not reading.accepted]
    notes = [f"not accepted: {', '.join(weak)}" if weak and row.text else "", row.note]
    lines += [f'<div class="soft">{escape(note)}</div>' for note in notes if note]
    return f"<li>{picture}<div>{''.join(lines)}</div></li>"


def _percent(confidence: float) -> str:
    """Rounded down: what is not certain is not shown as 100 %."""
    return f"{math.floor(confidence * 1000) / 10:.1f}%"


def _gallery(heading: str, words: str, tiles: list[str], of: int) -> str:
    if not tiles:
        return ""
    shown = f"{len(tiles):,} of {of:,}. {words}"
    return f'<h2>{heading}</h2><p>{shown}</p><ul class="tiles">{"".join(tiles)}</ul>'


def _errors(rows: list[Row], of: int) -> str:
    if not rows:
        return ""
    lines = "".join(f"<li>{escape(row.error or row.path)}</li>" for row in rows)
    return f'<h2>Files that could not be read</h2><p>{len(rows):,} of {of:,}.</p><ul class="errors">{lines}</ul>'
