"""Font files -> a glyph bank.

Every font of a folder, or those of a list like ``train/data/glyph_faces.csv``, one face a row:

``file``     name of the font file, found anywhere below the folder of fonts
``name``     unique name in the bank
``family``   the family
``style``    one of ``glyph_bank.STYLES``
``licence``  licence of the font
``source``   package and version that the file came from
``letters``  ``yes`` where A-Z and a-z are kept as well; they cost most of the bank's bytes
``forms``    other forms of digits, by the suffixes of their glyph names: ``Bar`` takes ``seven.Bar`` for 7
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from train.core.errors import DataError

from .glyph_bank import CHARACTERS, DIGITS, STYLES, Face, GlyphBank, save_glyphs
from .glyph_render import FaceRecipe, RenderedFace, open_font, render_face
from .glyph_tables import table

FONT_SUFFIXES: Final = (".ttf", ".otf", ".woff", ".woff2")
COLUMNS: Final = ("file", "name", "family", "style", "licence", "source", "letters", "forms")

_MIN_INK: Final = 12.0  # fully inked pixels of a digit; a thin 1 has 40
_SAME_FACE: Final = 0.02  # mean difference of two faces' digits, share of full contrast


def build_listed(fonts: Path, faces_csv: Path, out: Path, say: Callable[[str], None]) -> int:
    """Render the listed faces, write the bank and GLYPHS.md beside it; the number of faces that were refused.

    ``say`` is told a line for each refused face and one at the end. Raises ``DataError`` where the list cannot be
    used or no face can be rendered.
    """
    files = font_files(fonts)
    recipes = [(files.get(recipe.file), recipe) for recipe in read_recipes(faces_csv)]
    bank, refused = _build(fonts, recipes, out, say)
    out.with_name("GLYPHS.md").write_text(table(bank), encoding="utf-8")
    return refused


def build_folder(fonts: Path, style: str, out: Path, say: Callable[[str], None]) -> int:
    """The same for every font file below a folder, all of one style, each under the name that it carries."""
    recipes: list[tuple[Path | None, FaceRecipe]] = []
    names: set[str] = set()
    refused = 0
    for path in font_files(fonts).values():
        try:
            family, weight = open_font(path, path.read_bytes(), 1).getname()
        except (DataError, OSError) as error:
            refused += 1
            say(f"refused: {error}")
            continue
        name = " ".join(part for part in (family, weight) if part) or path.stem
        name = f"{name} ({path.name})" if name in names else name
        names.add(name)
        face = Face(name, family or path.stem, "as its owner says", style, path.name)
        recipes.append((path, FaceRecipe(path.name, face, letters=True)))
    return refused + _build(fonts, recipes, out, say)[1]


def font_files(fonts: Path) -> dict[str, Path]:
    """The font files below a folder by their names; ``DataError`` where there is none."""
    files = {path.name: path for path in sorted(fonts.rglob("*")) if path.suffix.lower() in FONT_SUFFIXES}
    if not files:
        raise DataError(f"{fonts}: no font file in it; name a folder with {', '.join(FONT_SUFFIXES)} files")
    return files


def _build(
    fonts: Path, recipes: list[tuple[Path | None, FaceRecipe]], out: Path, say: Callable[[str], None]
) -> tuple[GlyphBank, int]:
    rendered: list[RenderedFace] = []
    for path, recipe in recipes:
        reason = "no such file in the folder of fonts"
        if path is not None:
            face = render_face(path, recipe)
            reason = why_not(face) or twin(face, rendered)
            if not reason:
                rendered.append(face)
        if reason:
            say(f"{recipe.face.name} ({recipe.file}): refused, {reason}")
    if not rendered:
        raise DataError(f"{fonts}: none of the {len(recipes)} faces could be rendered; see the lines above")
    bank = pack(rendered)
    save_glyphs(bank, out)
    refused = len(recipes) - len(rendered)
    say(f"{out}: {len(bank)} faces, {out.stat().st_size / 1e6:.2f} MB; {refused} refused")
    return bank, refused


def read_recipes(faces_csv: Path) -> list[FaceRecipe]:
    """The list of faces; raises ``DataError`` naming the row that cannot be used."""
    try:
        with faces_csv.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except OSError as error:
        raise DataError(f"{faces_csv}: cannot be read ({error.strerror}); name a list with --faces") from None
    recipes: list[FaceRecipe] = []
    names: set[str] = set()
    for number, row in enumerate(rows, start=2):
        if tuple(row) != COLUMNS or None in row.values() or row["style"] not in STYLES or row["name"] in names:
            raise DataError(f"{faces_csv}: row {number}: needs {COLUMNS}, a style of {STYLES} and a new name")
        names.add(row["name"])
        face = Face(row["name"], row["family"], row["licence"], row["style"], row["source"])
        recipes.append(FaceRecipe(row["file"], face, row["letters"] == "yes", tuple(row["forms"].split())))
    return recipes


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
