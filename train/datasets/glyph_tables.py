"""What people look at: the bank's table of faces and its contact sheets."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.images.annotate import save_picture
from train.core.errors import DataError

from .glyph_bank import DIGIT_HEIGHT, DIGITS, LETTERS, STYLES, GlyphBank

_BASE_LINE: Final = 54  # rows below the top of a cell
_CELL_HEIGHT: Final = 74
_CELL_WIDTH: Final = 800
_ACROSS: Final = 2


def table(bank: GlyphBank) -> str:
    """GLYPHS.md: what the bank is, how it is rebuilt, and every face with its licence and package."""
    counts = {style: len(bank.faces_of(style)) for style in STYLES}
    with_letters = len(bank.faces_with(LETTERS))
    lines = [
        "# glyphs.npz",
        "",
        f"Pictures of the digits and separators of {len(bank)} faces, and of the letters of {with_letters} of them;",
        f"ink bright on dark, digits about {DIGIT_HEIGHT} pixels high. `train/datasets/glyph_bank.py` reads it.",
        "Pictures of characters are kept, no font file. Every face is under a licence that allows this;",
        "the fonts' authors and full licence texts are in the packages named below.",
        "",
        "By style: " + ", ".join(f"{style} {count}" for style, count in counts.items() if count) + ".",
        "",
        "To build it again, unpack the packages below into one folder (names with `@` are npm packages, the others",
        "Debian packages), then run, in a checkout:",
        "",
        "    python -m train glyphs build --fonts FOLDER --faces train/data/glyph_faces.csv \\",
        "        --out train/data/glyphs.npz",
        "",
        "| face | style | licence | source | letters |",
        "|---|---|---|---|---|",
    ]
    letters = set(bank.faces_with(LETTERS).tolist())
    for index, face in enumerate(bank.faces):
        row = (face.name, face.style, face.licence, face.source, "yes" if index in letters else "")
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines) + "\n"


def preview(bank: GlyphBank, out: Path, start: int, count: int) -> None:
    """Write a contact sheet: two faces a line, each with its number, style, name and digits."""
    indices = range(max(start, 0), min(start + count, len(bank)))
    if not indices:
        raise DataError(f"preview: no face at {start}; the bank has {len(bank)}, counted from 0")
    rows = -(-len(indices) // _ACROSS)
    sheet = np.full((rows * _CELL_HEIGHT, _ACROSS * _CELL_WIDTH), 255, np.uint8)
    for position, index in enumerate(indices):
        row, column = divmod(position, _ACROSS)
        cell = sheet[row * _CELL_HEIGHT :, column * _CELL_WIDTH :][:_CELL_HEIGHT, :_CELL_WIDTH]
        face = bank.faces[index]
        cv2.putText(cell, f"{index} {face.style}", (4, 22), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 0, 1, cv2.LINE_AA)
        cv2.putText(cell, face.name[:30], (4, 46), cv2.FONT_HERSHEY_SIMPLEX, 0.45, 0, 1, cv2.LINE_AA)
        _draw_text(bank, index, DIGITS, cell, x=240, y=_BASE_LINE)
    save_picture(out, sheet)


def _draw_text(bank: GlyphBank, index: int, text: str, canvas: NDArray[np.uint8], x: float, y: int) -> None:
    """Set a text in black on a light canvas, base line at row ``y``; what does not fit is cut."""
    for char in text:
        picture, metrics = bank.glyph(index, char), bank.metrics(index, char)
        left, top = round(x) + metrics.left_bearing, max(y - metrics.top_offset, 0)
        room = canvas[top : top + picture.shape[0], max(left, 0) : left + picture.shape[1]]
        np.minimum(room, 255 - picture[: room.shape[0], : room.shape[1]], out=room)
        x += metrics.advance + 3
