"""Which pages of a document are read, and how they are named. Needs no library: the command line is told from here."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Final

from edge_runtime.core.errors import ImageError, OptionError

ALL: Final = "all"
DPI: Final = 150.0  # dots an inch; a digit of 5 mm, about the smallest that is found on A4, is then 30 pixels high
MAX_PAGES: Final = 1000  # of one document; at 10 ms a page, ten seconds
_RANGE: Final = re.compile(r"([1-9][0-9]{0,8})(?:-([1-9][0-9]{0,8}))?")
_SUFFIX: Final = re.compile(r"#page=[0-9]+\Z")


@dataclass(frozen=True)
class PageChoice:
    """Which pages of a document are read.

    pages: ``"all"``, ``"2"`` or ``"1-3"``; None: the first, with a note of how many there are.
    dpi: dots an inch at which a page of a PDF is drawn. max_pages: a document of which more are chosen is refused.
    Raises ``OptionError`` for other forms of ``pages``.
    """

    pages: str | None = None
    dpi: float = DPI
    max_pages: int = MAX_PAGES

    def __post_init__(self) -> None:
        if self.pages not in (None, ALL):
            self._ends()

    def numbers(self, page_count: int, name: str) -> range:
        """The chosen pages, from 1, of a document of so many; raises ``ImageError`` where it has none of them."""
        first, last = (1, page_count) if self.pages in (None, ALL) else self._ends()
        chosen = range(first, min(last, page_count) + 1)
        if not chosen:
            raise ImageError(f"{name}: has {page_count} pages, none of them is {self.pages}; choose other pages")
        if len(chosen) > self.max_pages:
            raise ImageError(
                f"{name}: {len(chosen):,} pages are chosen, more than the {self.max_pages:,} allowed; "
                "choose fewer or raise max_pages"
            )
        return chosen

    def _ends(self) -> tuple[int, int]:
        found = _RANGE.fullmatch(self.pages or "")
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if last < first:
            raise OptionError(f"pages are {self.pages!r}, expected all, a number such as 2, or a range such as 1-3")
        return first, last


@dataclass(frozen=True)
class Page:
    """Something to read: a picture file, or one page of a document.

    page: its number, from 1; None: the whole file, of which the first page is read.
    data: the file's bytes, where ``path`` is the name of no file (standard input).
    error: why the document's pages cannot be told; there is nothing to read then.
    """

    path: str
    page: int | None = None
    data: bytes | None = None
    error: str = ""

    @classmethod
    def of(cls, name: str) -> Page:
        """Again from its name in a row; a file that has this very name goes first."""
        path = file_of(name)
        if path == name or os.path.exists(name):
            return cls(name)
        return cls(path, int(name.rpartition("=")[2]))

    @property
    def name(self) -> str:
        """As in rows: ``scan.pdf#page=3``."""
        return self.path if self.page is None else f"{self.path}#page={self.page}"


def file_of(name: str) -> str:
    """The path in a row's name: without ``#page=3``."""
    return _SUFFIX.sub("", name)
