"""Documents of several pages, PDF and TIFF: which pages to read, and each page as a picture."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from edge_runtime.core.errors import DependencyError, ImageError
from edge_runtime.images.probe.tiff import count_pages, from_page

from .choice import ALL, DPI, MAX_PAGES, Page, PageChoice
from .load import MAX_MEGAPIXELS, Picture, decode, load_picture, read_file
from .pdf import OpenPdf, is_pdf

_BEGINNINGS: Final = (b"%PDF", b"II*\0", b"MM\0*")


def load_page(page: Page, dpi: float = DPI, max_megapixels: float = MAX_MEGAPIXELS) -> Picture:
    """The picture of a page; raises as ``load_picture`` does."""
    if page.error:
        raise ImageError(page.error)
    if page.page is None and page.data is None:
        return load_picture(page.path, max_megapixels=max_megapixels)
    data = read_file(Path(page.path)) if page.data is None else page.data
    if page.page is None:
        return decode(data, page.path, max_megapixels)
    if not is_pdf(data):
        _check_number(page, count_pages(data))
        picture = decode(from_page(data, page.page), page.name, max_megapixels, says_first=False)
        return replace(picture, page=page.page)
    with OpenPdf(data, page.name) as document:
        _check_number(page, document.page_count)
        pixels = document.render(page.page, dpi, max_megapixels)
    return Picture(pixels, note=f"PDF drawn at {dpi:g} dpi", page=page.page)


def find_pages(files: Iterable[str | Page], choice: PageChoice) -> Iterator[Page]:
    """Every chosen page of every file, in order; a file that is no PDF and no TIFF of several pages as it is.

    A document whose pages cannot be told (damaged, locked, too many) comes out once, with its error.
    """
    for file in files:
        whole = file if isinstance(file, Page) else Page(file)
        if choice.pages is None:
            yield whole
            continue
        try:
            count = _page_count(whole)
            numbers = choice.numbers(count, whole.path) if count else ()
        except ImageError as error:
            yield replace(whole, error=str(error))
            continue
        except DependencyError:  # to be raised when the file is read
            numbers = ()
        if not numbers:
            yield whole
        for number in numbers:
            yield replace(whole, page=number)


def load_pages(
    path: str | os.PathLike[str],
    pages: str = ALL,
    *,
    dpi: float = DPI,
    max_pages: int = MAX_PAGES,
    max_megapixels: float = MAX_MEGAPIXELS,
) -> Iterator[Picture]:
    """The pages of a PDF or TIFF file, one after the other; a picture of another kind is its only page.

    pages: ``"all"``, a number such as ``"2"`` or a range such as ``"1-3"``. dpi: dots an inch, for PDF.
    max_pages, max_megapixels: a document of which more pages are chosen, and a page of more pixels, are refused.
    Each picture's ``page`` is its number, and the boxes of readings are in the pixels of that page.
    Raises ``ImageError``, ``OptionError`` for another form of ``pages``, and ``DependencyError`` for a PDF without
    pypdfium2.
    """
    name = os.fspath(path)
    data = read_file(Path(name)) if _begins_as_document(name) else None  # once for all pages
    for page in find_pages([Page(name, data=data)], PageChoice(pages, dpi, max_pages)):
        yield load_page(page, dpi, max_megapixels)


def _page_count(file: Page) -> int:
    """Pages of a PDF, or of a TIFF of several; 0 for all others, and for what cannot be opened."""
    if file.data is None and not _begins_as_document(file.path):
        return 0
    data = read_file(Path(file.path)) if file.data is None else file.data
    if is_pdf(data):
        with OpenPdf(data, file.path) as document:
            return document.page_count
    count = count_pages(data)
    return count if count > 1 else 0


def _begins_as_document(path: str) -> bool:
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe might never begin
            return False
        with open(path, "rb") as stream:
            return stream.read(4) in _BEGINNINGS
    except (OSError, ValueError):  # ValueError: a null character in the path
        return False


def _check_number(page: Page, page_count: int) -> None:
    if page.page is None or not 1 <= page.page <= page_count:
        raise ImageError(f"{page.name}: the file has no such page any more")
