"""Dials, gauges, clocks and rulers: numbers in a ring or along a scale, with ticks and hands."""

from __future__ import annotations

import cv2
import numpy as np

from train.scenes.canvas.drawing import Drawing
from train.scenes.canvas.wish import Wish, staged
from train.scenes.grounds.colours import Colour, colour, pair
from train.scenes.grounds.photos import surface
from train.scenes.letters.chance import between, happens, pick
from train.scenes.letters.typeset import pick_face, set_line


def dial(rng: np.random.Generator, wish: Wish) -> Drawing:
    """A round scale with upright numbers, ticks, a hand, a unit."""
    count = int(rng.integers(5, 13))
    step = pick(rng, (1, 1, 2, 5, 10, 20, 50, 100))
    height = wish.fitting(7.5, 7.5)
    radius = height * rng.uniform(2.6, 4.2)
    radius = min(radius, 0.48 * min(wish.width, wish.tall))
    longest = len(str((count - 1) * step))
    height = min(height, radius / 2.4, radius * 4.4 / (count * longest * 0.75))  # neighbours stay apart
    ground, ink = pair(rng, dark_ground=0.5, faint=0.1)
    shape, (x, y) = staged(rng, wish, 2 * radius, 2 * radius, height * 0.2)
    drawing = Drawing(surface(shape, colour(rng, 20, 230), rng))
    centre = (x + radius, y + radius)
    place = tuple(int(value) for value in centre)
    cv2.circle(drawing.pixels, place, int(radius), ground.tolist(), -1, cv2.LINE_AA)
    if happens(rng, 0.6):
        cv2.circle(drawing.pixels, place, int(radius), (ground * 0.4).tolist(), max(int(radius * 0.05), 1), cv2.LINE_AA)
    sweep = 2 * np.pi if happens(rng, 0.35) else rng.uniform(3.6, 5.2)
    start = -np.pi / 2 - (0 if sweep > 6 else sweep / 2)
    face = pick_face(rng, "0123456789xk/hmrpin", ("sans", "condensed", "serif", "counter"))
    _ticks(drawing, centre, radius, (start, sweep), count * int(rng.integers(2, 6)), ink)
    for index in range(count):
        angle = start + sweep * index / (count if sweep > 6 else count - 1)
        text = str(index * step)
        line = set_line(text, face, height, rng)
        spot = centre[0] + np.cos(angle) * radius * 0.7, centre[1] + np.sin(angle) * radius * 0.7
        drawing.put_free(line, spot[0] - line.width / 2, spot[1] - line.height / 2, ink)
    if happens(rng, 0.4):
        unit = pick(rng, ("km/h", "rpm", "bar", "psi", "x100", "mph", "kPa", "m3"))
        line = set_line(unit, pick_face(rng, unit, ("sans", "condensed")), max(height * 0.6, 5), rng)
        drawing.put_free(line, centre[0] - line.width / 2, centre[1] + radius * 0.25, ink)
    _hand(drawing, centre, radius * rng.uniform(0.4, 0.62), rng.uniform(0, 2 * np.pi), height, rng)
    return drawing


def _ticks(
    drawing: Drawing, centre: tuple[float, float], radius: float, arc: tuple[float, float], count: int, ink: Colour
) -> None:
    """Short strokes along the rim."""
    angles = arc[0] + np.linspace(0, arc[1], count + 1)
    direction = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    ends = np.stack(
        [np.array(centre) + direction * radius * 0.87, np.array(centre) + direction * radius * 0.94], axis=1
    )
    cv2.polylines(
        drawing.pixels, list(ends.astype(np.int32)), False, ink.tolist(), max(int(radius * 0.015), 1), cv2.LINE_AA
    )


def _hand(
    drawing: Drawing, centre: tuple[float, float], length: float, angle: float, height: float, rng: np.random.Generator
) -> None:
    """A pointer; the numbers it might cover stand further out."""
    tip = (int(centre[0] + np.cos(angle) * length), int(centre[1] + np.sin(angle) * length))
    middle = (int(centre[0]), int(centre[1]))
    shade = pick(rng, ((30, 30, 200), (20, 20, 20), (230, 230, 230)))
    cv2.line(drawing.pixels, middle, tip, shade, max(int(height * between(rng, 0.06, 0.2)), 1), cv2.LINE_AA)
    cv2.circle(drawing.pixels, middle, max(int(height * 0.25), 1), shade, -1, cv2.LINE_AA)


def scale(rng: np.random.Generator, wish: Wish) -> Drawing:
    """A ruler, thermometer or axis: numbers at even distances beside long and short ticks."""
    count, step = int(rng.integers(3, 10)), pick(rng, (1, 1, 5, 10, 20, 100))
    first = int(rng.integers(0, 20)) * step
    upright = happens(rng, 0.4)
    height = wish.fitting(3.6, count * 1.9) if upright else wish.fitting(count * 2.6, 2.6)
    pitch = min(
        height * rng.uniform(1.7, 3.5) if upright else height * rng.uniform(2.2, 4.5),
        0.95 * (wish.tall if upright else wish.width) / count,
    )
    ground, ink = pair(rng, dark_ground=0.25, faint=0.1)
    size = (height * 3.2, pitch * count) if upright else (pitch * count, height * 2.4)
    shape, (x, y) = staged(rng, wish, *size, height * 0.3)
    drawing = Drawing(surface(shape, ground, rng))
    face = pick_face(rng, "0123456789", ("sans", "condensed", "serif"))
    thick, parts = max(int(height * 0.07), 1), pick(rng, (2, 5, 10))
    for index in range(count * parts):
        at = pitch * (index / parts + 0.5)
        long = height * (0.7 if index % parts == 0 else 0.45 if index % max(parts // 2, 1) == 0 else 0.3)
        ends = ((x, y + at), (x + long, y + at)) if upright else ((x + at, y), (x + at, y + long))
        (x0, y0), (x1, y1) = ends
        if at < pitch * (count - 0.4):
            cv2.line(drawing.pixels, (int(x0), int(y0)), (int(x1), int(y1)), ink.tolist(), thick)
    for index in range(count):
        at = pitch * (index + 0.5)
        line = set_line(str(first + index * step), face, height, rng).fitted(
            pitch * 0.9 if not upright else height * 2.3, height * 1.3
        )
        spot = (x + height * 0.85, y + at - line.height / 2) if upright else (x + at - line.width / 2, y + height * 0.9)
        drawing.put(line, *spot, ink)
    return drawing
