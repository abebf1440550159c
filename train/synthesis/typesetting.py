"""A number (or a word) set from pictures of characters: MNIST's own grey digits, or the typefaces of the glyph bank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from train.datasets.glyph_bank import GlyphBank
from train.datasets.mnist import Digits
from train.datasets.pen import SEPARATORS

from .writing import PAD, Hand, InkLine

_MNIST_HEIGHT: Final = 40  # pixels of a digit of MNIST
_MAX_WIDTH: Final = 1200  # pixels of a canvas


def mnist_line(text: str, rng: np.random.Generator, digits: Digits, by_class: Sequence[NDArray[np.intp]]) -> InkLine:
    """Write ``text`` with MNIST's own pictures; separators are left out."""
    hand = Hand.draw(rng)
    pictures = []
    for char in text:
        if char in SEPARATORS:
            continue
        chosen = by_class[int(char)]
        image = digits.images[chosen[int(rng.integers(len(chosen)))]]
        rows, columns = np.flatnonzero(image.max(axis=1) > 40), np.flatnonzero(image.max(axis=0) > 40)
        image = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        scale = _MNIST_HEIGHT / 20 * float(np.clip(rng.normal(1, hand.size_spread), 0.55, 1.3))
        size = (max(int(image.shape[1] * scale), 3), max(int(image.shape[0] * scale), 6))
        pictures.append(cv2.resize(image, size, interpolation=cv2.INTER_CUBIC))
    gaps = [int(rng.normal(hand.gap, hand.gap_spread) * _MNIST_HEIGHT) for _ in pictures]
    lowers = [int(rng.normal(0, hand.base_spread) * _MNIST_HEIGHT) for _ in pictures]
    return _paste(pictures, gaps, lowers, shear=hand.slant * 0.5, rng=rng, elastic=0.7)


def glyph_line(text: str, rng: np.random.Generator, bank: GlyphBank, face: int, *, apart: bool = False) -> InkLine:
    """Set ``text`` in one face; characters the face lacks are left out.

    apart: the digits stand as far from each other as on the drums of a counter.
    """
    handwritten = bank.faces[face].style in ("handwriting", "script", "school")
    tracking = rng.choice([0, 0, 0.06, 0.15, 0.4, 0.9], p=[0.3, 0.3, 0.15, 0.13, 0.09, 0.03]) * rng.uniform(0.6, 1.2)
    if apart:
        tracking = rng.uniform(0.3, 1.6)
    pictures, gaps, lowers = [], [], []
    for char in text:
        if not bank.has(face, char):
            continue
        glyph, metrics = bank.glyph(face, char), bank.metrics(face, char)
        shift = rng.normal(0, 1.5 if handwritten else 0.2)
        scale = float(np.clip(rng.normal(1, 0.1), 0.7, 1.3)) if handwritten else 1.0
        if scale != 1.0:
            size = (max(int(glyph.shape[1] * scale), 1), max(int(glyph.shape[0] * scale), 1))
            glyph = cv2.resize(glyph, size, interpolation=cv2.INTER_AREA)
        pictures.append(glyph)
        lowers.append(int(round(glyph.shape[0] - metrics.top_offset * scale + shift)))
        side = metrics.advance - bank.glyph(face, char).shape[1]
        gaps.append(int(round(side + tracking * 40 + (rng.normal(0, 2) if handwritten else 0))))
    return _paste(
        pictures,
        gaps,
        lowers,
        shear=float(rng.normal(0, 0.12 if handwritten else 0.04)),
        rng=rng,
        elastic=1.0 if handwritten else 0.15,
    )


def _paste(
    pictures: list[NDArray[np.uint8]],
    gaps: list[int],
    lowers: list[int],
    *,
    shear: float,
    rng: np.random.Generator,
    elastic: float,
) -> InkLine:
    """Pictures side by side on one base line, sheared and bent together.

    gaps: pixels after each picture, may be negative; lowers: pixels that each foot stands below the base line.
    """
    tops = [lower - picture.shape[0] for picture, lower in zip(pictures, lowers, strict=True)]
    slack = int(abs(shear) * 60) + PAD
    height = max(lowers) - min(tops) + 2 * PAD
    widths = [max(picture.shape[1] + gap, 3) for picture, gap in zip(pictures, gaps, strict=True)]
    width = min(sum(widths[:-1]) + pictures[-1].shape[1] + 2 * slack, _MAX_WIDTH)
    canvas = np.zeros((height, width), np.uint8)
    cursor = slack
    for picture, step, top in zip(pictures, widths, tops, strict=True):
        y = top - min(tops) + PAD
        place = canvas[y : y + picture.shape[0], cursor : cursor + picture.shape[1]]
        np.maximum(place, picture[:, : place.shape[1]], out=place)
        cursor += step
    if rng.random() < 0.35:
        canvas = _reweight(canvas, rng)
    if abs(shear) > 0.02:
        matrix = np.array([[1, -shear, shear * height / 2], [0, 1, 0]], np.float32)
        canvas = cv2.warpAffine(canvas, matrix, (width, height))
    if rng.random() < elastic:
        canvas = _bend_picture(canvas, rng)
    return InkLine(canvas.astype(np.float32) / np.float32(255), ink_box(canvas))


def ink_box(canvas: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of what is brighter than a third; the whole canvas where nothing is."""
    rows, columns = np.flatnonzero(canvas.max(axis=1) > 85), np.flatnonzero(canvas.max(axis=0) > 85)
    if not len(rows):
        return 0.0, 0.0, float(canvas.shape[1]), float(canvas.shape[0])
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def _reweight(canvas: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Bolder, or lighter where that leaves the strokes in one piece."""
    if rng.random() < 0.6:
        size = int(rng.integers(2, 5))
        return cv2.dilate(canvas, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    lighter = cv2.erode(canvas, np.ones((2, 2), np.uint8))
    return lighter if int((lighter > 128).sum()) > 0.55 * int((canvas > 128).sum()) else canvas


def _bend_picture(canvas: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The warp of ``_bend`` for pictures: a coarse random field, enlarged, moves the pixels."""
    height, width = canvas.shape
    grid = (max(width // 22, 2), 4)
    amplitude = abs(rng.normal(0, 1.6))
    field = rng.normal(0, amplitude, (2, grid[1], grid[0])).astype(np.float32)
    dx = cv2.resize(field[0], (width, height), interpolation=cv2.INTER_CUBIC)
    dy = cv2.resize(field[1], (width, height), interpolation=cv2.INTER_CUBIC)
    x, y = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    return cv2.remap(canvas, x + dx, y + dy, cv2.INTER_LINEAR)
