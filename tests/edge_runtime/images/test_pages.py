"""Documents of several pages: which are read, how they are named, what is refused."""

from __future__ import annotations

import os
import struct
import sys
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import (
    DependencyError,
    DigitReader,
    ImageError,
    OptionError,
    Row,
    load_pages,
    load_picture,
    read_files,
)

PAGES = 4


def shade(number: int) -> int:
    """The grey of a page, by which one is told from another."""
    return 250 - 40 * number


@pytest.fixture(scope="session")
def tiff(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four pages, each wider than the one before."""
    path = tmp_path_factory.mktemp("tiff") / "scan.tif"
    pages = [np.full((40, 80 + number, 3), shade(number), np.uint8) for number in range(1, PAGES + 1)]
    assert cv2.imwritemulti(str(path), pages)
    return path


@pytest.fixture(scope="session")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four pages of an inch by half an inch, each with another grey."""
    pytest.importorskip("pypdfium2")
    path = tmp_path_factory.mktemp("pdf") / "scan.pdf"
    path.write_bytes(pdf_of([f"{shade(number) / 255:.4f} g 0 0 72 36 re f" for number in range(1, PAGES + 1)]))
    return path


def pdf_of(contents: list[str], size: str = "72 36") -> bytes:
    """A PDF document of pages with these drawing commands; PDF 1.7 (ISO 32000-1), 7.5."""
    kids = " ".join(f"{3 + 2 * index} 0 R" for index in range(len(contents)))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(contents)} >>"]
    for index, content in enumerate(contents):
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size}] /Contents {4 + 2 * index} 0 R >>")
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    data, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    end += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(data)}\n%%EOF\n"
    return data + end.encode()


@pytest.fixture(params=["tiff", "pdf"])
def document(request: pytest.FixtureRequest) -> Path:
    path: Path = request.getfixturevalue(request.param)
    return path


def rows(reader: DigitReader, *paths: Path, **options: object) -> list[Row]:
    return list(read_files(map(str, paths), reader, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pages", "numbers"), [("all", [1, 2, 3, 4]), ("2", [2]), ("2-3", [2, 3]), ("3-99", [3, 4]), ("1-1", [1])]
)
def test_the_chosen_pages_come_in_order(document: Path, pages: str, numbers: list[int]) -> None:
    loaded = list(load_pages(document, pages))
    assert [picture.page for picture in loaded] == numbers
    assert [int(picture.pixels[5, 5, 0]) for picture in loaded] == pytest.approx([shade(n) for n in numbers], abs=1)
    assert {picture.note for picture in loaded} == {"" if document.suffix == ".tif" else "PDF drawn at 150 dpi"}
    assert load_picture(document).note.startswith("first of 4 pages")
    assert load_picture(document.read_bytes()).pixels[5, 5, 0] == pytest.approx(shade(1), abs=1)


@pytest.mark.parametrize("pages", ["", "0", "3-2", "-1", "1,2", "ALL", "1-", "²", "9" * 30])
def test_another_form_of_pages_is_refused(tiff: Path, pages: str) -> None:
    with pytest.raises(OptionError, match="expected all, a number such as 2, or a range such as 1-3"):
        next(load_pages(tiff, pages))


def test_each_page_is_a_row_and_other_pictures_are_themselves(
    tiny_reader: DigitReader, document: Path, picture: Path
) -> None:
    found = rows(tiny_reader, document, picture, pages="2-3")
    assert [row.path for row in found] == [f"{document}#page=2", f"{document}#page=3", str(picture)]
    assert [row.state.size for row in found] == [document.stat().st_size] * 2 + [picture.stat().st_size]
    (first,) = rows(tiny_reader, document)
    assert first.path == str(document) and first.note.startswith("first of 4 pages")


def test_too_many_pages_or_none_of_them_is_one_row_that_says_so(tiny_reader: DigitReader, document: Path) -> None:
    (many,) = rows(tiny_reader, document, pages="all", max_pages=3)
    assert many.path == str(document) and "4 pages are chosen, more than the 3 allowed" in str(many.error)
    assert len(rows(tiny_reader, document, pages="1-3", max_pages=3)) == 3
    (none,) = rows(tiny_reader, document, pages="7")
    assert "has 4 pages, none of them is 7" in str(none.error)


def test_a_page_of_too_many_pixels_is_refused_before_it_is_drawn(pdf: Path, tiff: Path, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"scan\.tif#page=4: claims 84x40 pixels"):
        list(load_pages(tiff, "4", max_megapixels=0.0033))
    huge = tmp_path / "huge.pdf"
    huge.write_bytes(pdf_of([""], "14400 14400"))
    with pytest.raises(ImageError, match=r"huge\.pdf: has 30000x30000 pixels at 150 dpi, more than the 100 megapixels"):
        load_picture(huge)
    assert next(load_pages(huge, dpi=10)).pixels.shape == (2000, 2000, 3)
    assert load_picture(pdf).pixels.shape == (75, 150, 3)


def test_a_document_that_is_damaged_or_locked_is_a_row(tiny_reader: DigitReader, tmp_path: Path, pdf: Path) -> None:
    damaged, locked, cut = tmp_path / "damaged.pdf", tmp_path / "locked.pdf", tmp_path / "cut.tif"
    damaged.write_bytes(b"%PDF-1.7 and so on")
    cut.write_bytes(b"II*\0\x08\0\0\0\xff")
    key = f"<{'ab' * 32}>"
    standard = f"<< /Filter /Standard /V 1 /R 2 /O {key} /U {key} /P -4 >>".encode()
    ids = f"/ID [<{'cd' * 16}> <{'cd' * 16}>]".encode()
    locked.write_bytes(pdf.read_bytes().replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt " + standard + b" " + ids))
    for pages in (None, "all"):
        found = rows(tiny_reader, damaged, locked, cut, pages=pages)
        assert [row.path for row in found] == [str(damaged), str(locked), str(cut)]
        assert [row.status for row in found] == ["error"] * 3
        assert "damaged.pdf: damaged PDF document" in str(found[0].error)
        assert "locked.pdf: is locked with a password" in str(found[1].error)
        assert "cut.tif: is not a picture" in str(found[2].error)


def test_without_the_library_a_pdf_is_a_row_that_names_it(
    tiny_reader: DigitReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, picture: Path
) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(pdf_of([""]))
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    for pages in (None, "all"):
        first, second = rows(tiny_reader, path, picture, pages=pages)
        assert first.path == str(path) and "pip install pypdfium2" in str(first.error)
        assert not first.state.is_known, "so that --resume tries it again"
        assert second.status != "error"
    with pytest.raises(DependencyError, match=r"scan\.pdf: is a PDF document; to read it, pip install pypdfium2"):
        load_picture(path)


def test_what_cannot_be_opened_is_not_waited_for(tiny_reader: DigitReader, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.pdf"
    os.mkfifo(pipe)
    pipe_row, gone = rows(tiny_reader, pipe, tmp_path / "gone.pdf", pages="all")
    assert "not a regular file" in str(pipe_row.error) and "No such file" in str(gone.error)


def test_threads_may_read_documents_at_once(pdf: Path) -> None:
    """PDFium itself may be called by one thread alone: two at once end the process."""
    shades: list[int] = []

    def load() -> None:
        for _ in range(10):
            shades.extend(int(picture.pixels[5, 5, 0]) for picture in load_pages(pdf))

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(shades) == 4 * 10 * PAGES


def test_a_cycle_in_the_chain_of_pages_ends_the_list(tiff: Path, tmp_path: Path) -> None:
    data = bytearray(tiff.read_bytes())
    order = "<" if data[:2] == b"II" else ">"
    place, places = struct.unpack_from(order + "I", data, 4)[0], []
    while place:
        places.append(place)
        end = place + 2 + 12 * struct.unpack_from(order + "H", data, place)[0]
        place = struct.unpack_from(order + "I", data, end)[0]
    struct.pack_into(order + "I", data, end, places[1])
    path = tmp_path / "loop.tif"
    path.write_bytes(data)
    assert [picture.page for picture in load_pages(path)] == [1, 2, 3, 4]
