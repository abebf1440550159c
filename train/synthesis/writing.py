"""A number written with a pen as one line of ink, before any paper or camera.

The pen follows strokes: skeletons of MNIST digits, or the shapes of ``train.datasets.pen``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from train.datasets.mnist import Digits
from train.datasets.pen import SEPARATORS, linked_zero, pen_digit, separator

PAD: Final = 24  # pixels of empty canvas around the ink
_PEN_HEIGHT: Final = 48  # pixels of a pen-written digit
_MAX_WIDTH: Final = 1200  # pixels of a canvas
_SKELETON_SIZE: Final = 56  # pixels; twice MNIST's resolution
_SKELETON_INK: Final = 110  # grey value from which on an enlarged MNIST digit is ink

Points = NDArray[np.float32]
Strokes = Callable[[str, np.random.Generator], Points]
"""Gives the points of a digit of the class, float32 [n, 2], x right and y down, about one high."""


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


def stroke_source(digits: Digits) -> Strokes:
    """The strokes of a random MNIST digit of a class: its skeleton, thinned by Zhang and Suen's way (Comm. ACM 27(3),
    1984).
    """
    from skimage.morphology import skeletonize  # here: those who only print need no scikit-image

    by_class = [np.flatnonzero(digits.labels == digit) for digit in range(10)]

    def strokes(digit: str, rng: np.random.Generator) -> Points:
        chosen = by_class[int(digit)]
        image = digits.images[chosen[int(rng.integers(len(chosen)))]]
        large = cv2.resize(image, (_SKELETON_SIZE, _SKELETON_SIZE), interpolation=cv2.INTER_CUBIC)
        rows, columns = np.nonzero(skeletonize(large > _SKELETON_INK))
        if len(rows) < 4:
            return pen_digit(digit, rng)
        points = np.stack([columns, rows], axis=1).astype(np.float32)
        points -= points.min(axis=0)
        unit = max(float(points[:, 1].max()), 0.6 * float(points[:, 0].max()), _SKELETON_SIZE * 0.3)
        return points / unit

    return strokes


def pen_line(
    text: str, rng: np.random.Generator, strokes: Strokes, wild_shapes: float, *, tidy: bool = False
) -> InkLine:
    """Write ``text`` (digits and separators) stroke by stroke.

    wild_shapes: probability that the writer uses the shapes of ``pen`` instead of ``strokes``.
    tidy: a careful writer, who neither links nor overlaps digits.
    """
    hand = TIDY if tidy else Hand.draw(rng)
    shapes = pen_digit if rng.random() < wild_shapes else strokes
    hasty = not tidy and rng.random() < 0.35
    small_zeros = not tidy and rng.random() < 0.2
    cursor = 0.0
    pieces: list[Points] = []
    for index, char in enumerate(text):
        linked = hasty and char == "0" and text[index - 1 : index + 1] in ("00", "0", ".0")
        points = _character(char, hand, shapes, rng, linked=linked)
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
    return _without_tail(line, float(feet[-1] - feet[(len(feet) - 1) // 2]), rng)


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


def _character(char: str, hand: Hand, shapes: Strokes, rng: np.random.Generator, *, linked: bool) -> Points:
    """A separator as it is, a digit in this writer's hand; linked: a zero that runs out to the next one."""
    if char in SEPARATORS:
        return separator(char, rng)
    return _vary(linked_zero(rng) if linked else shapes(char, rng), char, hand, rng)


def _without_tail(line: InkLine, tail: float, rng: np.random.Generator) -> InkLine:
    """Half of the lines whose lowest foot hangs far down get a box without it: detection offers such lines too.

    tail: heights of a digit that the lowest foot reaches below the middle one.
    """
    if not (tail > 0.25 and rng.random() < 0.5):
        return line
    left, top, right, bottom = line.box
    return InkLine(line.alpha, (left, top, right, bottom - (tail - 0.1) * _PEN_HEIGHT))


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
