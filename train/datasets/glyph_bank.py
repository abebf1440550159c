"""Printed and written characters of many open typefaces, as small pictures: the glyph bank.

``train/data/glyphs.npz`` holds the pictures, ``train/data/glyph_faces.csv`` the list of faces they are
made from, ``train/data/GLYPHS.md`` who made them and under which licence. Reading the bank needs NumPy alone;
``python -m train glyphs build`` also needs Pillow, fontTools and the font files.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from train.core.errors import DataError

BANK_VERSION: Final = 1
DIGIT_HEIGHT: Final = 40  # pixels; the median height of a face's ten digits
DIGITS: Final = "0123456789"
SEPARATORS: Final = ".,-:/=·+()%°#'\"€$£"
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHARACTERS: Final = DIGITS + SEPARATORS + LETTERS
STYLES: Final = (
    "serif", "sans", "mono", "condensed", "display", "handwriting", "script", "school",
    "segment", "pixel", "stencil", "counter", "typewriter", "blackletter", "outline",
)  # fmt: skip
DATA: Final = Path(__file__).parents[1] / "data"
DEFAULT: Final = DATA / "glyphs.npz"


@dataclass(frozen=True, slots=True)
class Face:
    """One typeface in one weight and slope.

    ``name`` is unique in the bank, ``style`` one of ``STYLES``; ``source`` names package and version.
    """

    name: str
    family: str
    licence: str
    style: str
    source: str


class GlyphMetrics(NamedTuple):
    """How a glyph stands on its line, in pixels at the bank's size (digits about 40 high).

    With the pen at x and the base line below row y (y is the first row under it), the picture's
    top left corner goes to column ``x + left_bearing`` and row ``y - top_offset``;
    then the pen moves on by ``advance``.
    """

    left_bearing: int
    top_offset: int
    advance: float


@dataclass(frozen=True, eq=False)
class GlyphBank:
    """All glyphs in one flat array with a table of boxes; nothing is made per glyph when it is loaded.

    pixels: uint8 [P], the pictures row by row, one after another, ink 255 on 0 in 16 levels.
    boxes: int32 [faces, characters, 5], offset, height, width, left bearing, top offset; height 0 is absent.
    advances: float32 [faces, characters], pixels.
    ems: float32 [faces], pixels of an em where the face's digits are 40 high.
    All arrays are read-only.
    """

    faces: tuple[Face, ...]
    columns: Mapping[str, int]
    pixels: NDArray[np.uint8]
    boxes: NDArray[np.int32]
    advances: NDArray[np.float32]
    ems: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.faces)

    def glyph(self, face_index: int, char: str) -> NDArray[np.uint8]:
        """The picture of a character: uint8 [h, w], a read-only view, ink bright on dark, cropped to the ink.

        Raises ``DataError`` where the face does not have the character (see ``has``).
        """
        offset, height, width, _, _ = self._box(face_index, char)
        return self.pixels[offset : offset + height * width].reshape(height, width)

    def metrics(self, face_index: int, char: str) -> GlyphMetrics:
        """Where the picture stands on the line; raises ``DataError`` like ``glyph``."""
        _, _, _, left, top = self._box(face_index, char)
        return GlyphMetrics(left, top, float(self.advances[face_index, self.columns[char]]))

    def has(self, face_index: int, char: str) -> bool:
        """Whether the face has the character."""
        column = self.columns.get(char)
        return column is not None and bool(self.boxes[face_index, column, 1] > 0)

    def characters_of(self, face_index: int) -> str:
        """All characters that the face has, in the bank's order."""
        present = self.boxes[face_index, :, 1] > 0
        return "".join(char for char, column in self.columns.items() if present[column])

    def faces_of(self, *styles: str) -> NDArray[np.intp]:
        """Indices of the faces of one or several styles, ascending; empty where there is none."""
        return np.array([index for index, face in enumerate(self.faces) if face.style in styles], np.intp)

    def faces_with(self, chars: str) -> NDArray[np.intp]:
        """Indices of the faces that have every one of ``chars``, ascending."""
        if not set(chars) <= set(self.columns):
            return np.empty(0, np.intp)
        wanted = [self.columns[char] for char in chars]
        return np.flatnonzero((self.boxes[:, wanted, 1] > 0).all(axis=1))

    def _box(self, face_index: int, char: str) -> list[int]:
        column = self.columns.get(char)
        if column is not None:
            box: list[int] = self.boxes[face_index, column].tolist()
            if box[1]:
                return box
        raise DataError(f"glyph bank: face {self.faces[face_index].name!r} has no {char!r}; ask has() first")


def load_glyphs(path: Path | str = DEFAULT) -> GlyphBank:
    """Read a bank; raise ``DataError`` where the file is missing, damaged or of another version."""
    path = Path(path)
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            about = json.loads(archive["about"].tobytes())
            pixels, boxes, advances = archive["pixels"], archive["boxes"], archive["advances"]
        if about["version"] != BANK_VERSION:
            raise DataError(f"{path}: glyph bank version {about['version']}, this code reads {BANK_VERSION}")
        faces = tuple(Face(**face) for face in about["faces"])
        ems = np.array(about["ems"], np.float32)
        columns = {char: column for column, char in enumerate(about["characters"])}
    except FileNotFoundError:
        raise DataError(
            f"{path}: no glyph bank; restore it, or build it: python -m train glyphs build --fonts FOLDER"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path}: no glyph bank, or damaged ({error}); restore it from the repository") from None
    bank = GlyphBank(faces, columns, pixels, boxes, advances, ems)
    _check(bank, path)
    for array in (pixels, boxes, advances, ems):
        array.setflags(write=False)
    return bank


def save_glyphs(bank: GlyphBank, path: Path) -> None:
    """Write a bank so that ``load_glyphs`` gives it back; equal banks make equal bytes."""
    about = {
        "version": BANK_VERSION,
        "characters": "".join(bank.columns),
        "faces": [{name: getattr(face, name) for name in Face.__slots__} for face in bank.faces],
        "ems": [round(float(em), 3) for em in bank.ems],
    }
    document = np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), np.uint8)
    np.savez_compressed(path, about=document, pixels=bank.pixels, boxes=bank.boxes, advances=bank.advances)


def _check(bank: GlyphBank, path: Path) -> None:
    """Raise ``DataError`` where the tables do not fit each other or point outside the pixels."""
    shape = (len(bank.faces), len(bank.columns))
    found = (bank.boxes.shape, bank.advances.shape, bank.ems.shape, bank.pixels.ndim)
    dtypes = "/".join(array.dtype.name for array in (bank.pixels, bank.boxes, bank.advances))
    if not bank.faces or found != ((*shape, 5), shape, shape[:1], 1) or dtypes != "uint8/int32/float32":
        raise DataError(f"{path}: tables of shape {found}, dtype {dtypes} do not fit {shape[0]} faces; rebuild it")
    offsets, heights, widths = (bank.boxes[:, :, index].astype(np.int64) for index in range(3))
    if min(offsets.min(), heights.min(), widths.min()) < 0 or (offsets + heights * widths).max() > bank.pixels.size:
        raise DataError(f"{path}: glyph boxes point outside the pixels; restore it from the repository")
