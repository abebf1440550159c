"""Lines set in the typefaces of the glyph bank."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from train.datasets.glyph_bank import DIGIT_HEIGHT, STYLES, GlyphBank, load_glyphs

from .characters import Characters

WRITTEN: Final = ("handwriting", "script", "school")
PRINTED: Final = ("sans", "serif", "mono", "condensed", "display", "counter", "typewriter")
STYLED: Final = (*PRINTED, *WRITTEN, "stencil", "pixel", "blackletter")
_HELD_OUT: Final = 10  # every tenth face never trains, as in the strips
_TRIES: Final = 12


@dataclass(frozen=True, eq=False)
class Line:
    """ink: uint8 [h, w], 0 to 255; characters: their boxes in pixels of the ink."""

    ink: NDArray[np.uint8]
    characters: Characters

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.ink.shape[1])

    @property
    def height(self) -> int:
        """Pixels of the ink, which is more than a digit's."""
        return int(self.ink.shape[0])

    def scaled(self, factor: float) -> Line:
        """Enlarged or reduced; edges stay sharp."""
        return Line(resized(self.ink, factor, factor), self.characters.scaled(factor))

    def fitted(self, width: float, height: float) -> Line:
        """Reduced where it is larger than that."""
        factor = min(width / self.width, height / self.height)
        return self.scaled(factor) if factor < 1 else self

    def sheared(self, shear: float) -> Line:
        """Slanted about its middle: tops go to the right by ``shear`` times their height."""
        height, width = self.ink.shape
        slack = abs(shear) * height / 2
        matrix = np.array([[1, -shear, shear * height / 2 + slack], [0, 1, 0]], np.float64)
        ink = cv2.warpAffine(self.ink, matrix, (int(width + 2 * slack) + 1, height))
        boxes = self.characters.boxes.copy()
        boxes[:, 0] += slack + shear * (height / 2 - boxes[:, 1])
        return Line(ink, Characters(boxes, self.characters.kinds, self.characters.following))


@cache
def bank() -> GlyphBank:
    """The glyph bank, read once."""
    return load_glyphs()


@cache
def faces_of(*styles: str) -> NDArray[np.intp]:
    """Faces of these styles that may train."""
    found = bank().faces_of(*styles)
    return found[found % _HELD_OUT != 0]


@cache
def _glyphs(face: int) -> dict[str, tuple[NDArray[np.uint8], int, int, float]]:
    """Of every character of a face: its picture, left bearing, top offset and advance."""
    glyphs, found = bank(), {}
    for char in glyphs.characters_of(face):
        metrics = glyphs.metrics(face, char)
        found[char] = (glyphs.glyph(face, char), metrics.left_bearing, metrics.top_offset, metrics.advance)
    return found


def pick_face(rng: np.random.Generator, text: str, styles: tuple[str, ...]) -> int:
    """A random face of these styles that has every character of ``text``; of any style where there is none."""
    chars = set(text) - {" "}
    style = styles[int(rng.integers(len(styles)))]  # a style first, so that the many handwritten faces stay in bounds
    for candidates in (faces_of(style), faces_of(*styles), faces_of(*STYLES)):
        for place in rng.integers(0, len(candidates), _TRIES).tolist():
            face = int(candidates[place])
            if chars <= _glyphs(face).keys():
                return face
    able = bank().faces_with("".join(chars))
    if not len(able):
        raise ValueError(f"no typeface has all of {text!r}")
    return int(able[int(rng.integers(len(able)))])


def set_line(
    text: str,
    face: int,
    height: float,
    rng: np.random.Generator,
    *,
    tracking: float = 0.0,
    squeeze: float = 1.0,
    shake: float = 0.0,
    space: float = 0.55,
    mono: float = 0.0,
) -> Line:
    """``text`` in one face; characters that the face lacks are left out.

    height: pixels of a digit. tracking: more room between characters, heights of a digit. squeeze: of the width.
    shake: how far characters stand off the line and differ in size, as by hand; share of the height.
    space: width of a space. mono: pitch of all characters, heights of a digit; 0 for the face's own.
    """
    glyphs = _glyphs(face)
    text = "".join(char for char in text if char == " " or char in glyphs)
    pieces, cursor = [], 0.0
    for char in text:
        if char == " ":
            cursor += (mono or space + tracking) * DIGIT_HEIGHT
            continue
        picture, left, top, advance = glyphs[char]
        tall, wide = picture.shape
        if mono:
            left, advance = int((mono * DIGIT_HEIGHT - wide) / 2), mono * DIGIT_HEIGHT
        lower = 0.0
        if shake:
            factor = min(max(1 + rng.normal(0, shake), 0.6), 1.5)
            picture = cv2.resize(picture, (max(int(wide * factor), 1), max(int(tall * factor), 1)))
            (tall, wide), top = picture.shape, int(top * factor)
            lower, advance = rng.normal(0, shake) * DIGIT_HEIGHT * 0.6, advance * factor + rng.normal(0, shake) * 12
        pieces.append((picture, int(round(cursor + left)), int(round(lower - top))))
        cursor += max(advance, wide * 0.5) + tracking * DIGIT_HEIGHT
    return _assembled(pieces, text, height, squeeze)


def _assembled(pieces: list[tuple[NDArray[np.uint8], int, int]], text: str, height: float, squeeze: float) -> Line:
    """Glyphs (picture, left, top above the base line) side by side, then all to their size at once."""
    if not pieces:
        return Line(np.zeros((max(int(height), 1), 1), np.uint8), Characters.none())
    left = min(piece[1] for piece in pieces) - 2
    top = min(piece[2] for piece in pieces) - 2
    right = max(x + picture.shape[1] for picture, x, _ in pieces) + 2
    bottom = max(y + picture.shape[0] for picture, _, y in pieces) + 2
    canvas = np.zeros((bottom - top, right - left), np.uint8)
    boxes = []
    scale = height / DIGIT_HEIGHT
    for picture, x, y in pieces:
        tall, wide = picture.shape
        place = canvas[y - top : y - top + tall, x - left : x - left + wide]
        np.maximum(place, picture, out=place)
        centre = ((x - left + wide / 2) * scale * squeeze, (y - top + tall / 2) * scale)
        boxes.append((*centre, height, wide * scale * squeeze, 0.0))
    ink = resized(canvas, scale * squeeze, scale)
    return Line(ink, Characters.of(boxes, text))


def resized(ink: NDArray[np.uint8], x_factor: float, y_factor: float) -> NDArray[np.uint8]:
    """Ink at another size; enlarged edges are made as steep again as they were."""
    height, width = ink.shape
    size = (max(int(round(width * x_factor)), 1), max(int(round(height * y_factor)), 1))
    larger = max(x_factor, y_factor)
    if larger < 1:
        return cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    grown = cv2.resize(ink, size, interpolation=cv2.INTER_CUBIC)
    return cv2.LUT(grown, _steeper(round(min(larger, 6.0), 1))) if larger > 1.3 else grown


@cache
def _steeper(factor: float) -> NDArray[np.uint8]:
    levels = np.arange(256, dtype=np.float32)
    return np.clip((levels - 128) * factor * 0.8 + 128, 0, 255).astype(np.uint8)
