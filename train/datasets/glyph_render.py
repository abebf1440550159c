"""A font file -> pictures of its characters. Needs Pillow, and fontTools for other forms of digits."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.errors import DependencyError
from train.core.errors import DataError

from .glyph_bank import CHARACTERS, DIGIT_HEIGHT, DIGITS, SEPARATORS, Face

_INSTALL: Final = "in a checkout: pip install --editable '.[glyphs]'"
_OVERSAMPLE: Final = 4  # drawn this many times larger and averaged, so that hinting does not bend the strokes
_PROBE_EM: Final = 256  # pixels; the size at which a face's digits are measured
_UNASSIGNED: Final = "\u0378"  # no font has it: it draws the font's picture for what it lacks
_LEVELS: Final = 17  # 16 grey levels, 0, 17 … 255: half the bytes of 256 levels, invisible after scaling
_SANE_EM: Final = (DIGIT_HEIGHT * 0.4, DIGIT_HEIGHT * 6.0)  # pixels; beyond, the font has no real digits


class FaceRecipe(NamedTuple):
    """A face that is wanted: its font file's name, who it is, with letters or without, other forms of its digits."""

    file: str
    face: Face
    letters: bool
    forms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Glyph:
    """One rendered character; see ``glyph_bank.GlyphMetrics`` for the geometry."""

    pixels: NDArray[np.uint8]
    left_bearing: int
    top_offset: int
    advance: float


@dataclass(frozen=True)
class RenderedFace:
    """A face with the characters it has; ``em`` in pixels."""

    face: Face
    em: float
    glyphs: dict[str, Glyph]


def render_face(path: Path, recipe: FaceRecipe) -> RenderedFace:
    """Every wanted character that the font has, at the size where its digits are 40 pixels high."""
    data = with_forms(path, recipe.forms) if recipe.forms else path.read_bytes()
    probe = open_font(path, data, _PROBE_EM)
    # the mask's own box: getbbox of the font always reaches to the base line
    inked = [box for box in (probe.getmask(digit).getbbox() for digit in DIGITS) if box]
    heights = [bottom - top for _, top, _, bottom in inked] or [0]
    em = _PROBE_EM * DIGIT_HEIGHT / max(float(np.median(heights)), 1.0)
    if not _SANE_EM[0] <= em <= _SANE_EM[1]:
        return RenderedFace(recipe.face, em, {})
    font = open_font(path, data, em * _OVERSAMPLE)
    nothing = probe.getmask(_UNASSIGNED)
    glyphs: dict[str, Glyph] = {}
    for char in CHARACTERS if recipe.letters else DIGITS + SEPARATORS:
        mask = probe.getmask(char)
        if mask.size == nothing.size and bytes(mask) == bytes(nothing):
            continue
        glyph = render_glyph(font, char)
        if glyph:
            glyphs[char] = glyph
    return RenderedFace(recipe.face, em, glyphs)


def open_font(path: Path, data: bytes, em: float) -> Any:
    """Pillow's font of a file's bytes, ``em`` in pixels; ``DataError`` where they are no font."""
    try:
        from PIL import ImageFont
    except ImportError:
        raise DependencyError(f"Pillow is missing, which renders the glyphs; {_INSTALL}") from None
    try:
        return ImageFont.truetype(io.BytesIO(data), em, layout_engine=ImageFont.Layout.BASIC)
    except OSError as error:
        raise DataError(f"{path}: not a font that can be opened ({error}); take it out of the folder") from None


def with_forms(path: Path, forms: tuple[str, ...]) -> bytes:
    """The font file with the digits' other forms in place of the plain ones; plain where there is no other."""
    try:
        from fontTools.ttLib import TTFont
    except ImportError:
        raise DependencyError(f"fontTools is missing, which finds forms of digits; {_INSTALL}") from None

    font = TTFont(path)
    glyph_names = set(font.getGlyphOrder())
    plain = font.getBestCmap()
    chosen = {ord(digit): plain[ord(digit)] for digit in DIGITS}
    for code, name in chosen.items():
        others = [f"{name}.{form}" for form in forms if f"{name}.{form}" in glyph_names]
        chosen[code] = others[0] if others else name
    if chosen == {code: plain[code] for code in chosen}:
        raise DataError(f"{path}: none of the forms {forms}; correct its row in the list of faces")
    for subtable in font["cmap"].tables:
        subtable.cmap.update({code: name for code, name in chosen.items() if code in subtable.cmap})
    font.flavor = None
    stream = io.BytesIO()
    font.save(stream)
    return stream.getvalue()


def render_glyph(font: Any, char: str) -> Glyph | None:
    """Draw at four times the size and average; None where nothing is drawn."""
    from PIL import Image, ImageDraw

    left, top, right, bottom = font.getbbox(char, anchor="ls")
    x = (max(-left, 0) // _OVERSAMPLE + 2) * _OVERSAMPLE
    y = (max(-top, 0) // _OVERSAMPLE + 2) * _OVERSAMPLE
    width = (x + max(right, 0)) // _OVERSAMPLE + 3
    height = (y + max(bottom, 0)) // _OVERSAMPLE + 3
    canvas = Image.new("L", (width * _OVERSAMPLE, height * _OVERSAMPLE))
    ImageDraw.Draw(canvas).text((x, y), char, fill=255, font=font, anchor="ls")
    small = cv2.resize(np.asarray(canvas), (width, height), interpolation=cv2.INTER_AREA)
    grey = (np.round(small / 255.0 * (256 / _LEVELS)).clip(0, 15) * _LEVELS).astype(np.uint8)
    rows, columns = np.flatnonzero(grey.any(axis=1)), np.flatnonzero(grey.any(axis=0))
    if rows.size == 0:
        return None
    pixels = np.ascontiguousarray(grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    origin_x, origin_y = x // _OVERSAMPLE, y // _OVERSAMPLE
    advance = font.getlength(char) / _OVERSAMPLE
    return Glyph(pixels, int(columns[0]) - origin_x, origin_y - int(rows[0]), float(advance))
