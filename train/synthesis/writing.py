"""A number (or a word) written as one line of ink, before any paper or camera.

Three hands write: a pen that follows strokes (skeletons of MNIST digits, or the shapes of ``pen``), MNIST's
own grey pictures, and the typefaces of the glyph bank.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from train.datasets.glyph_bank import GlyphBank
from train.datasets.mnist import Digits

from .pen import SEPARATORS, linked_zero, pen_digit, separator
from .skeleton import SKELETON_SIZE

PAD: Final = 24  # pixels of empty canvas around the ink
_PEN_HEIGHT: Final = 48  # pixels of a pen-written digit
_MNIST_HEIGHT: Final = 40
_MAX_WIDTH: Final = 1200

Points = NDArray[np.float32]


@dataclass(frozen=True)
class InkLine:
    """alpha: float32 [H, W], 0 paper to 1 full ink; box: left, top, right, bottom of the ink, pixels."""

    alpha: NDArray[np.float32]
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Hand:
    """What one writer keeps constant over a line; lengths in heights of a digit."""

    slant: float
    gap: float
    gap_spread: float
    size_spread: float
    base_spread: float
    radius: float
    tails: float = 0.0  # how often a 1, 4, 7 or 9 reaches far below the line

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Hand:
        """A writer at random: from touching to far apart, from a thin pen to a marker."""
        kind = rng.random()
        if kind < 0.14:
            gap = rng.uniform(-0.03, 0.05)
        elif kind < 0.62:
            gap = rng.uniform(0.04, 0.22)
        elif kind < 0.9:
            gap = rng.uniform(0.2, 0.65)
        else:
            gap = rng.uniform(0.6, 1.6)
        uneven = rng.random() < 0.25
        return cls(
            slant=float(rng.normal(0.05, 0.2)),
            gap=float(gap),
            gap_spread=0.04 + 0.2 * max(gap, 0),
            size_spread=0.22 if uneven else 0.07,
            base_spread=0.16 if uneven else 0.05,
            tails=0.6 if rng.random() < 0.2 else 0.04,
            radius=float(np.exp(rng.uniform(np.log(0.022), np.log(0.085)))),
        )


TIDY: Final = Hand(slant=0.08, gap=0.25, gap_spread=0.05, size_spread=0.06, base_spread=0.04, radius=0.05)


def stroke_source(digits: Digits, skeletons: NDArray[np.bool_]) -> Callable[[str, np.random.Generator], Points]:
    """Gives the strokes of a random MNIST digit of a class, as points in a box about one high."""
    by_class = [np.flatnonzero(digits.labels == digit) for digit in range(10)]

    def strokes(digit: str, rng: np.random.Generator) -> Points:
        chosen = by_class[int(digit)]
        rows, columns = np.nonzero(skeletons[chosen[int(rng.integers(len(chosen)))]])
        if len(rows) < 4:
            return pen_digit(digit, rng)
        points = np.stack([columns, rows], axis=1).astype(np.float32)
        points -= points.min(axis=0)
        unit = max(float(points[:, 1].max()), 0.6 * float(points[:, 0].max()), SKELETON_SIZE * 0.3)
        return points / unit

    return strokes


def pen_line(
    text: str,
    rng: np.random.Generator,
    strokes: Callable[[str, np.random.Generator], Points],
    wild_shapes: float,
    *,
    tidy: bool = False,
) -> InkLine:
    """Write ``text`` (digits and separators) stroke by stroke.

    wild_shapes: probability that the writer uses the shapes of ``pen`` instead of ``strokes``.
    tidy: a careful writer, who neither links nor overlaps digits.
    """
    hand = TIDY if tidy else Hand.draw(rng)
    own_shapes = rng.random() < wild_shapes
    hasty = not tidy and rng.random() < 0.35
    small_zeros = not tidy and rng.random() < 0.2
    cursor = 0.0
    pieces: list[Points] = []
    for index, char in enumerate(text):
        linked = hasty and char == "0" and text[index - 1 : index + 1] in ("00", "0", ".0")
        if char in SEPARATORS:
            points = separator(char, rng)
        elif linked:
            points = _vary(linked_zero(rng), char, hand, rng)
        else:
            points = _vary(pen_digit(char, rng) if own_shapes else strokes(char, rng), char, hand, rng)
        if small_zeros and char == "0":
            points = points * np.float32(rng.uniform(0.35, 0.8))
            points[:, 1] += rng.uniform(0.38, 1) - points[:, 1].max()
        # the next digit starts where this one's body ends; a long foot or flag may reach below or above it
        across = np.sort(points[:, 0])
        margin = len(across) // 50
        points[:, 0] += cursor - across[margin]
        gap = rng.uniform(-0.03, 0.04) if linked else max(rng.normal(hand.gap, hand.gap_spread), -0.05)
        cursor += max(float(across[-1 - margin] - across[margin]) + gap, 0.1)
        pieces.append(points)
    if not tidy and rng.random() < 0.12:
        pieces += _links(pieces, rng)
    feet = np.sort([piece[:, 1].max() for piece in pieces])
    points = _bend(np.concatenate(pieces), rng)
    if not tidy and rng.random() < 0.08:  # gone over twice
        points = np.concatenate([points, _bend(points + rng.normal(0, 0.02, 2).astype(np.float32), rng)])
    line = _ink(points * _PEN_HEIGHT, hand.radius * _PEN_HEIGHT, rng)
    tail = float(feet[-1] - feet[(len(feet) - 1) // 2])
    if tail > 0.25 and rng.random() < 0.5:  # the locator offers such lines without their tails, too
        left, top, right, bottom = line.box
        line = InkLine(line.alpha, (left, top, right, bottom - (tail - 0.1) * _PEN_HEIGHT))
    return line


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


def scribble(rng: np.random.Generator) -> InkLine:
    """Lines and curls that are no number."""
    count = int(rng.integers(1, 6))
    pieces = []
    for _ in range(count):
        corners = rng.normal(0, 0.5, (int(rng.integers(2, 8)), 2)) + np.array([rng.uniform(0, 4), 0.5])
        steps = np.linspace(0, len(corners) - 1, 60 * len(corners))
        pieces.append(np.stack([np.interp(steps, range(len(corners)), corners[:, axis]) for axis in (0, 1)], axis=1))
    points = _bend(np.concatenate(pieces).astype(np.float32), rng)
    return _ink(points * _PEN_HEIGHT, Hand.draw(rng).radius * _PEN_HEIGHT, rng)


def _vary(points: Points, char: str, hand: Hand, rng: np.random.Generator) -> Points:
    """One digit in this writer's hand: long tails, size, slant, turn, place on the base line."""
    points = points.copy()
    if char in "1479" and rng.random() < hand.tails:
        low = points[:, 1] > 0.5
        points[low, 1] = 0.5 + (points[low, 1] - 0.5) * rng.uniform(1.2, 2.4)
    size = np.clip(rng.normal(1, hand.size_spread), 0.45, 1.5)
    width = np.clip(rng.normal(1, 0.12), 0.6, 1.6)
    angle = rng.normal(0, 0.06)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shear = np.array([[1, -(hand.slant + rng.normal(0, 0.06))], [0, 1]])
    matrix = size * turn @ shear @ np.diag([width, 1.0])
    points = points @ matrix.T.astype(np.float32)
    points[:, 1] += 1 - points[:, 1].max() + rng.normal(0, hand.base_spread)
    return points.astype(np.float32)


def _links(pieces: list[Points], rng: np.random.Generator) -> list[Points]:
    """Strokes from a digit's end to the next one's start, as in a hasty hand."""
    links = []
    for here, after in pairwise(pieces):
        if rng.random() < 0.5:
            start, stop = here[here[:, 0].argmax()], after[after[:, 0].argmin()]
            if abs(stop[0] - start[0]) < 0.35:
                middle = (start + stop) / 2 + [0, rng.uniform(-0.1, 0.12)]
                t = np.linspace(0, 1, 24)[:, None]
                links.append(((1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * stop).astype(np.float32))
    return links


def _bend(points: Points, rng: np.random.Generator) -> Points:
    """A slow elastic warp: no hand repeats itself."""
    amplitude = abs(rng.normal(0, 0.035))
    phase = rng.uniform(0, 2 * np.pi, 6)
    frequency = rng.uniform(2, 7, 6)
    x, y = points[:, 0], points[:, 1]
    dx = np.sin(frequency[0] * y + phase[0]) + np.sin(frequency[1] * x + frequency[2] * y + phase[1])
    dy = np.sin(frequency[3] * x + phase[3]) + np.sin(frequency[4] * x - frequency[5] * y + phase[4])
    return (points + amplitude * np.stack([dx, dy], axis=1)).astype(np.float32)


def _ink(points: Points, radius: float, rng: np.random.Generator) -> InkLine:
    """Points (pixels) -> ink of a round pen whose pressure drifts."""
    radius = max(radius, 0.9)
    points = points - points.min(axis=0) + PAD + radius
    reach = np.ceil(points.max(axis=0)).astype(int) + PAD + int(np.ceil(radius))
    width, height = min(int(reach[0]), _MAX_WIDTH), int(reach[1])
    blank = np.full((height, width), 255, np.uint8)
    columns = np.clip(points[:, 0].round().astype(int), 0, width - 1)
    blank[points[:, 1].round().astype(int), columns] = 0
    distance = cv2.distanceTransform(blank, cv2.DIST_L2, 3)
    pressure = 1 + rng.uniform(0, 0.35) * np.sin(
        np.arange(width, dtype=np.float32) * rng.uniform(0.02, 0.12) + rng.uniform(0, 6)
    )
    alpha = np.clip(radius * pressure[None, :] + 0.5 - distance, 0, 1, dtype=np.float32)
    left, top = points.min(axis=0) - radius
    right, bottom = points.max(axis=0) + radius
    return InkLine(alpha, (float(left), float(top), float(right), float(bottom)))


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
