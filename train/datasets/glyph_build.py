"""Font files of a folder -> a glyph bank."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from train.core.errors import DataError

from .glyph_bank import CHARACTERS, DIGITS, Face, GlyphBank, save_glyphs
from .glyph_render import RenderedFace, open_font, render_face

FONT_SUFFIXES: Final = (".ttf", ".otf", ".woff", ".woff2")

_MIN_INK: Final = 12.0  # fully inked pixels of a digit; a thin 1 has 40
_SAME_FACE: Final = 0.02  # mean difference of two faces' digits, share of full contrast


def build_folder(fonts: Path, style: str, out: Path, say: Callable[[str], None]) -> int:
    """Render every font file below a folder, all of one style, into a bank; the number of faces that were refused.

    Each face gets the name that its font carries. ``say`` is told a line for each refused face and one at the end.
    Raises ``DataError`` where no face can be rendered.
    """
    rendered: list[RenderedFace] = []
    files = font_files(fonts)
    for path in files:
        try:
            face = render_face(path, _face(path, style, {done.face.name for done in rendered}))
        except (DataError, OSError) as error:
            say(f"refused: {error}")
            continue
        reason = why_not(face) or twin(face, rendered)
        if reason:
            say(f"{face.face.name} ({path.name}): refused, {reason}")
        else:
            rendered.append(face)
    if not rendered:
        raise DataError(f"{fonts}: none of the {len(files)} faces could be rendered; see the lines above")
    save_glyphs(pack(rendered), out)
    refused = len(files) - len(rendered)
    say(f"{out}: {len(rendered)} faces, {out.stat().st_size / 1e6:.2f} MB; {refused} refused")
    return refused


def _face(path: Path, style: str, names: set[str]) -> Face:
    """Who a font is, by what it says of itself; names: those that are taken."""
    family, weight = open_font(path, 1).getname()
    name = " ".join(part for part in (family, weight) if part) or path.stem
    name = f"{name} ({path.name})" if name in names else name
    return Face(name, family or path.stem, "as its owner says", style, path.name)


def font_files(fonts: Path) -> list[Path]:
    """The font files below a folder; ``DataError`` where there is none."""
    files = [path for path in sorted(fonts.rglob("*")) if path.suffix.lower() in FONT_SUFFIXES]
    if not files:
        raise DataError(f"{fonts}: no font file in it; name a folder with {', '.join(FONT_SUFFIXES)} files")
    return files


def why_not(rendered: RenderedFace) -> str:
    """Why a face has no usable digits; empty where it has."""
    glyphs = rendered.glyphs
    missing = "".join(digit for digit in DIGITS if digit not in glyphs)
    if missing:
        return f"it lacks {missing}"
    faint = "".join(digit for digit in DIGITS if glyphs[digit].pixels.sum() / 255 < _MIN_INK)
    if faint:
        return f"{faint} hardly draw anything"
    shapes = {(glyphs[digit].pixels.shape, glyphs[digit].pixels.tobytes()) for digit in DIGITS}
    if len(shapes) < len(DIGITS):
        return "two of its digits are the same picture"
    return ""


def twin(rendered: RenderedFace, others: list[RenderedFace]) -> str:
    """Names an earlier face with the same digits, pixel by pixel; empty where there is none."""
    for other in others:
        differences = []
        for digit in DIGITS:
            here, there = rendered.glyphs[digit].pixels, other.glyphs[digit].pixels
            if max(abs(here.shape[0] - there.shape[0]), abs(here.shape[1] - there.shape[1])) > 1:
                break
            there = cv2.resize(there, (here.shape[1], here.shape[0]), interpolation=cv2.INTER_LINEAR)
            differences.append(float(cv2.absdiff(here, there).mean()) / 255)
        if len(differences) == len(DIGITS) and np.mean(differences) < _SAME_FACE:
            return f"its digits are those of {other.face.name}"
    return ""


def pack(rendered: list[RenderedFace]) -> GlyphBank:
    """All pictures into one array, and the table that finds them."""
    columns = {char: column for column, char in enumerate(CHARACTERS)}
    boxes = np.zeros((len(rendered), len(columns), 5), np.int32)
    advances = np.zeros((len(rendered), len(columns)), np.float32)
    pictures: list[NDArray[np.uint8]] = []
    offset = 0
    for index, face in enumerate(rendered):
        for char, glyph in face.glyphs.items():
            height, width = glyph.pixels.shape
            boxes[index, columns[char]] = offset, height, width, glyph.left_bearing, glyph.top_offset
            advances[index, columns[char]] = glyph.advance
            pictures.append(glyph.pixels.ravel())
            offset += glyph.pixels.size
    ems = np.array([face.em for face in rendered], np.float32)
    return GlyphBank(tuple(face.face for face in rendered), columns, np.concatenate(pictures), boxes, advances, ems)
