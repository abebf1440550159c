"""Font files -> the glyph bank and its table of faces. Needs Pillow, and fontTools for other forms of digits.

What is rendered is listed in ``train/data/glyph_faces.csv``, one face a row:

``file``     name of the font file, found anywhere below the folder of fonts
``name``     unique name in the bank
``family``   the family
``style``    one of ``glyphs.STYLES``
``licence``  licence of the font
``source``   package and version that the file came from
``letters``  ``yes`` where A-Z and a-z are kept as well; they cost most of the bank's bytes
``forms``    other forms of digits, by the suffixes of their glyph names: ``Bar`` takes ``seven.Bar`` for 7
"""

from __future__ import annotations

import csv
import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.errors import DependencyError

from .glyph_bank import (
    CHARACTERS,
    DIGIT_HEIGHT,
    DIGITS,
    SEPARATORS,
    STYLES,
    Face,
    GlyphBank,
    GlyphBankError,
    save_glyphs,
)
from .glyph_tables import table

FONT_SUFFIXES: Final = (".ttf", ".otf", ".woff", ".woff2")
COLUMNS: Final = ("file", "name", "family", "style", "licence", "source", "letters", "forms")

_OVERSAMPLE: Final = 4  # drawn this many times larger and averaged, so that hinting does not bend the strokes
_PROBE_EM: Final = 256  # pixels; the size at which a face's digits are measured
_UNASSIGNED: Final = "\u0378"  # no font has it: it draws the font's picture for what it lacks
_LEVELS: Final = 17  # 16 grey levels, 0, 17 … 255: half the bytes of 256 levels, invisible after scaling
_SANE_EM: Final = (DIGIT_HEIGHT * 0.4, DIGIT_HEIGHT * 6.0)  # pixels; beyond, the font has no real digits
_MIN_INK: Final = 12.0  # fully inked pixels of a digit; a thin 1 has 40
_SAME_FACE: Final = 0.02  # mean difference of two faces' digits, share of full contrast


class Recipe(NamedTuple):
    """One row of the list of faces."""

    file: str
    face: Face
    letters: bool
    forms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Glyph:
    """One rendered character; see ``glyphs.GlyphMetrics`` for the geometry."""

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


def build(fonts: Path, faces_csv: Path, out: Path) -> int:
    """Render every listed face, write the bank and GLYPHS.md beside it; 1 where a face was refused."""
    files = {path.name: path for path in sorted(fonts.rglob("*")) if path.suffix.lower() in FONT_SUFFIXES}
    recipes = read_recipes(faces_csv)
    rendered: list[RenderedFace] = []
    refused = 0
    for recipe in recipes:
        reason = "no such file in the folder of fonts"
        if recipe.file in files:
            face = render_face(files[recipe.file], recipe)
            reason = why_not(face) or twin(face, rendered)
            if not reason:
                rendered.append(face)
        if reason:
            refused += 1
            print(f"{recipe.face.name} ({recipe.file}): refused, {reason}", file=sys.stderr)
    if not rendered:
        raise GlyphBankError(f"{fonts}: none of the {len(recipes)} listed faces could be rendered; see GLYPHS.md")
    bank = pack(rendered)
    save_glyphs(bank, out)
    out.with_name("GLYPHS.md").write_text(table(bank), encoding="utf-8")
    print(f"{out}: {len(bank)} faces, {out.stat().st_size / 1e6:.2f} MB; {refused} refused", file=sys.stderr)
    return 1 if refused else 0


def read_recipes(faces_csv: Path) -> list[Recipe]:
    """The list of faces; raises ``GlyphBankError`` naming the row that cannot be used."""
    try:
        with faces_csv.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except OSError as error:
        raise GlyphBankError(f"{faces_csv}: cannot be read ({error.strerror}); name a list with --faces") from None
    recipes: list[Recipe] = []
    names: set[str] = set()
    for number, row in enumerate(rows, start=2):
        if tuple(row) != COLUMNS or None in row.values() or row["style"] not in STYLES or row["name"] in names:
            raise GlyphBankError(f"{faces_csv}: row {number}: needs {COLUMNS}, a style of {STYLES} and a new name")
        names.add(row["name"])
        face = Face(row["name"], row["family"], row["licence"], row["style"], row["source"])
        recipes.append(Recipe(row["file"], face, row["letters"] == "yes", tuple(row["forms"].split())))
    return recipes


def render_face(path: Path, recipe: Recipe) -> RenderedFace:
    """Every wanted character that the font has, at the size where its digits are 40 pixels high."""
    try:
        from PIL import ImageFont
    except ImportError:
        raise DependencyError("Pillow is missing, which renders the glyphs; pip install pillow") from None

    def open_at(em: float) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(io.BytesIO(data), em, layout_engine=ImageFont.Layout.BASIC)

    data = with_forms(path, recipe.forms) if recipe.forms else path.read_bytes()
    probe = open_at(_PROBE_EM)
    # the mask's own box: getbbox of the font always reaches to the base line
    inked = [box for box in (probe.getmask(digit).getbbox() for digit in DIGITS) if box]
    heights = [bottom - top for _, top, _, bottom in inked] or [0]
    em = _PROBE_EM * DIGIT_HEIGHT / max(float(np.median(heights)), 1.0)
    if not _SANE_EM[0] <= em <= _SANE_EM[1]:
        return RenderedFace(recipe.face, em, {})
    font = open_at(em * _OVERSAMPLE)
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


def with_forms(path: Path, forms: tuple[str, ...]) -> bytes:
    """The font file with the digits' other forms in place of the plain ones; plain where there is no other."""
    try:
        from fontTools.ttLib import TTFont
    except ImportError:
        raise DependencyError("fontTools is missing, which finds forms of digits; pip install fonttools") from None

    font = TTFont(path)
    glyph_names = set(font.getGlyphOrder())
    plain = font.getBestCmap()
    chosen = {ord(digit): plain[ord(digit)] for digit in DIGITS}
    for code, name in chosen.items():
        others = [f"{name}.{form}" for form in forms if f"{name}.{form}" in glyph_names]
        chosen[code] = others[0] if others else name
    if chosen == {code: plain[code] for code in chosen}:
        raise GlyphBankError(f"{path}: none of the forms {forms}; correct its row in the list of faces")
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
