"""Lines written by hand: MNIST's digits, digits of a tablet, the shapes of our own pen, and handwritten faces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from train.datasets.mnist import Digits, load_digits
from train.datasets.pen import SEPARATORS, pen_digit, separator
from train.datasets.tablet import tablet_source

from .chance import between, happens, pick
from .characters import Characters
from .typeset import WRITTEN, Line, pick_face, set_line

_POOL: Final = 150  # tablet digits of a class; drawing one afresh takes 0.4 ms
_JUMP: Final = 0.12  # heights of a digit; points further apart belong to two strokes
_SHIFT: Final = 4  # bits of a fraction in OpenCV's coordinates

Points = NDArray[np.float32]


@dataclass(frozen=True)
class Writer:
    """What one hand keeps constant; lengths in heights of a digit."""

    source: str
    slant: float
    gap: float
    uneven: float
    radius: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Writer:
        """Somebody: touching or wide apart, thin pen or marker."""
        chance = rng.random()
        gap = (
            rng.uniform(-0.05, 0.1)
            if chance < 0.3
            else rng.uniform(0.08, 0.4)
            if chance < 0.85
            else rng.uniform(0.4, 1.3)
        )
        return cls(
            source=pick(rng, ("mnist", "tablet", "pen", "pen")),
            slant=float(rng.normal(0.08, 0.16)),
            gap=float(gap),
            uneven=between(rng, 0.02, 0.14),
            radius=between(rng, 0.02, 0.075),
        )


@cache
def _mnist() -> tuple[Digits, list[NDArray[np.intp]]]:
    digits = load_digits("train")
    return digits, [np.flatnonzero(digits.labels == digit) for digit in range(10)]


@cache
def _draw_tablet() -> Callable[[str, np.random.Generator], Points]:
    return tablet_source("train")


@cache
def _tablet(digit: str) -> list[list[Points]]:
    """Strokes of tablet digits, the same in every process."""
    rng, draw = np.random.default_rng(int(digit)), _draw_tablet()
    return [_strokes(draw(digit, rng)) for _ in range(_POOL)]


def _strokes(points: Points) -> list[Points]:
    """Points along several strokes, parted where the pen jumps."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    return np.split(points, np.flatnonzero(steps > _JUMP) + 1)


def hand_line(text: str, height: float, rng: np.random.Generator, writer: Writer | None = None) -> Line:
    """``text`` in one hand, digits about ``height`` pixels high; letters come from handwritten faces."""
    if all(char in "0123456789 " or char in SEPARATORS for char in text) and not happens(rng, 0.25):
        return _by_pen(text, height, rng, writer or Writer.draw(rng))
    face = pick_face(rng, text, WRITTEN)
    shake = between(rng, 0.015, 0.1)
    line = set_line(
        text, face, height, rng, tracking=rng.uniform(-0.03, 0.25), shake=shake, space=rng.uniform(0.4, 1.0)
    )
    return line.sheared(float(rng.normal(0, 0.12)))


def word_line(text: str, height: float, rng: np.random.Generator) -> Line:
    """Words in cursive or print letters; close, so that cursive letters stay joined."""
    face = pick_face(rng, text, WRITTEN)
    return set_line(text, face, height, rng, tracking=rng.uniform(-0.06, 0.02), shake=0.01).sheared(rng.normal(0, 0.15))


def _by_pen(text: str, height: float, rng: np.random.Generator, writer: Writer) -> Line:
    """Every digit afresh, then all of them on one canvas."""
    cursor, pieces, heights = 0.0, [], []
    for char in text:
        if char == " ":
            cursor += max(0.5, writer.gap * 1.8)
            continue
        size = float(np.clip(rng.normal(1, writer.uneven), 0.6, 1.4)) * height
        picture, low = _glyph(char, size, height, rng, writer)
        tall, wide = picture.shape
        bottom = low * height + rng.normal(0, writer.uneven * 0.4) * height
        pieces.append((picture, int(round(cursor * height)), int(round(bottom)) - tall))
        heights.append(size if char.isdigit() else height)
        cursor += max(wide / height + rng.normal(writer.gap, 0.05 + 0.15 * abs(writer.gap)), wide / height * 0.75)
    if not pieces:
        return Line(np.zeros((max(int(height), 1), 1), np.uint8), Characters.none())
    left, top = min(piece[1] for piece in pieces), min(piece[2] for piece in pieces)
    right = max(x + picture.shape[1] for picture, x, _ in pieces)
    bottom = max(y + picture.shape[0] for picture, _, y in pieces)
    canvas = np.zeros((bottom - top + 2, right - left + 2), np.uint8)
    boxes = []
    line_height = float(np.median(heights))
    for picture, x, y in pieces:
        tall, wide = picture.shape
        place = canvas[y - top + 1 : y - top + 1 + tall, x - left + 1 : x - left + 1 + wide]
        np.maximum(place, picture, out=place)
        boxes.append((x - left + 1 + wide / 2, y - top + 1 + tall / 2, line_height, max(wide, 1), 0.0))
    return Line(canvas, Characters.of(boxes, text))


def _glyph(
    char: str, size: float, height: float, rng: np.random.Generator, writer: Writer
) -> tuple[NDArray[np.uint8], float]:
    """Ink of one character, cropped, and where its foot stands, heights of a digit below the line's top."""
    radius = max(writer.radius * height, 0.45)
    if not char.isdigit():
        points = separator(char, rng)
        slant = np.array([[1, -writer.slant], [0, 1]], np.float32).T * np.float32(height)
        foot = float(points[:, 1].max()) + writer.radius
        return _drawn([stroke @ slant for stroke in _strokes(points)], radius), foot
    if writer.source == "mnist":
        return _from_mnist(char, size, rng, writer), 1.0
    strokes = pick(rng, _tablet(char)) if writer.source == "tablet" else _strokes(pen_digit(char, rng))
    wide, turn = float(np.clip(rng.normal(1, 0.12), 0.65, 1.5)), rng.normal(0, 0.05)
    top = min(float(stroke[:, 1].min()) for stroke in strokes)
    foot = max(float(stroke[:, 1].max()) for stroke in strokes)
    matrix = np.array([[wide, turn - writer.slant], [-turn, 1]], np.float32) * np.float32(size / max(foot - top, 0.5))
    return _drawn([stroke @ matrix.T for stroke in strokes], radius), 1.0


def _drawn(strokes: list[Points], radius: float) -> NDArray[np.uint8]:
    """Strokes (pixels) as lines of a round pen, cropped to them."""
    low = np.min([stroke.min(axis=0) for stroke in strokes], axis=0) - radius - 1
    high = np.max([stroke.max(axis=0) for stroke in strokes], axis=0) + radius + 1
    wide, tall = (int(value) + 1 for value in high - low)
    canvas = np.zeros((tall, wide), np.uint8)
    every = 2 if radius * 6 < 20 else 1
    lines = [
        np.round((np.concatenate([stroke[::every], stroke[-1:]]) - low) * 2**_SHIFT).astype(np.int32)
        for stroke in strokes
    ]
    thick = 2 * radius
    cv2.polylines(canvas, lines, False, 255, max(int(round(thick)), 1), cv2.LINE_AA, _SHIFT)
    return canvas


def _from_mnist(char: str, size: float, rng: np.random.Generator, writer: Writer) -> NDArray[np.uint8]:
    """A digit of MNIST enlarged; the level at which it is cut makes the pen thin or thick."""
    digits, by_class = _mnist()
    chosen = by_class[int(char)]
    picture = digits.images[chosen[int(rng.integers(len(chosen)))]]
    rows, columns = np.flatnonzero(picture.max(axis=1) > 40), np.flatnonzero(picture.max(axis=0) > 40)
    picture = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    factor = size / picture.shape[0]
    grown = cv2.copyMakeBorder(picture, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    shape = (max(int(grown.shape[1] * factor), 2), max(int(grown.shape[0] * factor), 3))
    if factor < 1:
        return cv2.resize(grown, shape, interpolation=cv2.INTER_AREA)
    grown = cv2.resize(grown, shape, interpolation=cv2.INTER_CUBIC)
    if factor > 2.5:
        grown = cv2.GaussianBlur(grown, (0, 0), factor * 0.45)
    return cv2.LUT(grown, _cut_at(round(min(factor, 8.0)), round(70 + 900 * (0.05 - writer.radius), -1)))


@cache
def _cut_at(steep: int, level: float) -> NDArray[np.uint8]:
    levels = np.arange(256, dtype=np.float32)
    return np.clip((levels - min(max(level, 45), 120)) * steep * 0.8 + 128, 0, 255).astype(np.uint8)
