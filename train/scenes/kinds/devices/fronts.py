"""Whole fronts of devices: a display or a counter among type plates, words, keys, lamps and screws."""

from __future__ import annotations

import cv2
import numpy as np

from train.scenes.canvas.drawing import Drawing
from train.scenes.canvas.wish import Wish, staged
from train.scenes.grounds.colours import Colour, colour
from train.scenes.grounds.photos import surface
from train.scenes.letters.chance import between, happens, pick
from train.scenes.letters.content import company, labelled
from train.scenes.letters.typeset import pick_face, set_line
from train.scenes.letters.words import word

from . import counters, displays

_PARTS = (displays.lcd, displays.lcd, displays.led, counters.counter, counters.counter, displays.matrix)


def front(rng: np.random.Generator, wish: Wish) -> Drawing:
    """A meter, pump, scale, player: one or two windows, small print around them."""
    height = wish.fitting(7.0, 5.0)
    wide, tall = min(height * rng.uniform(6, 10), wish.width), min(height * rng.uniform(4, 8), wish.tall)
    ground = colour(rng, 15, 245)
    ink = np.full(3, rng.uniform(190, 250) if ground.mean() < 120 else rng.uniform(10, 70), np.float32)
    shape, (x, y) = staged(rng, wish, wide, tall, height * 0.1)
    drawing = Drawing(surface(shape, colour(rng, 10, 230), rng))
    _body(drawing, (x, y, int(wide), int(tall)), ground, rng)
    rows = 1 if happens(rng, 0.7) else 2
    kind, top = pick(rng, _PARTS), y + tall * rng.uniform(0.08, 0.3)
    for _ in range(rows):
        part = kind(rng, Wish(height * between(rng, 0.7, 1.0), int(wide * 0.85), int(tall * 0.8 / rows), fill=False))
        left = x + (wide - part.width) * rng.uniform(0.3, 0.7)
        _words(drawing, left, top - height * 0.55, height * rng.uniform(0.25, 0.45), ink, rng, 0.4)
        drawing.paste(part, int(left), int(top))
        top += part.height + height * rng.uniform(0.1, 0.5)
        _words(drawing, left, top, height * rng.uniform(0.25, 0.5), ink, rng, 0.5)
        top += height * 0.6
    _plate(drawing, (x + wide * 0.08, top, wide * 0.84, y + tall - top - height * 0.2), height, ink, rng)
    return drawing


def _body(drawing: Drawing, box: tuple[int, int, int, int], ground: Colour, rng: np.random.Generator) -> None:
    """The housing: a rectangle, or a disc under glass; screws in its corners."""
    x, y, wide, tall = box
    shade = (ground * rng.uniform(0.3, 0.8)).tolist()
    if happens(rng, 0.25):
        middle, radius = (x + wide // 2, y + tall // 2), int(np.hypot(wide, tall) / 2)
        cv2.circle(drawing.pixels, middle, radius, ground.tolist(), -1, cv2.LINE_AA)
        cv2.circle(drawing.pixels, middle, radius, shade, max(radius // 20, 1), cv2.LINE_AA)
        return
    drawing.paste(Drawing(surface((tall, wide), ground, rng)), x, y)
    if happens(rng, 0.5):
        cv2.rectangle(drawing.pixels, (x, y), (x + wide, y + tall), shade, max(int(tall * 0.02), 1))
    if happens(rng, 0.4):
        for corner in ((0.05, 0.07), (0.95, 0.07), (0.05, 0.93), (0.95, 0.93)):
            place = (int(x + wide * corner[0]), int(y + tall * corner[1]))
            cv2.circle(drawing.pixels, place, max(int(tall * 0.025), 1), shade, -1, cv2.LINE_AA)


def _words(
    drawing: Drawing, x: float, y: float, size: float, ink: Colour, rng: np.random.Generator, share: float
) -> None:
    """A word or two there, where it fits."""
    if not happens(rng, share):
        return
    text = word(rng, 3, 9, upper=True) if happens(rng, 0.6) else word(rng, 2, 7) + " " + word(rng, 2, 7)
    line = set_line(text, pick_face(rng, text, ("sans", "condensed")), max(size, 5), rng)
    drawing.put_free(line, x, y, ink)


def _plate(
    drawing: Drawing, box: tuple[float, float, float, float], height: float, ink: Colour, rng: np.random.Generator
) -> None:
    """Below the window: lines of small print, keys or lamps."""
    x, y, wide, tall = box
    if tall < height * 0.4:
        return
    if happens(rng, 0.35):
        count, radius = int(rng.integers(2, 7)), max(int(min(height * 0.4, tall * 0.4)), 2)
        shade = colour(rng, 20, 230).tolist()
        for index in range(count):
            place = (int(x + wide * (index + 0.5) / count), int(y + tall / 2))
            if happens(rng, 0.8):
                cv2.circle(drawing.pixels, place, radius, shade, -1, cv2.LINE_AA)
        return
    size = max(height * rng.uniform(0.2, 0.45), 5.5)
    face = pick_face(rng, "AEIOUaeiou0123456789.,:-", ("sans", "condensed", "mono"))
    end = y + tall
    while y + size * 1.5 < end:
        text = (
            pick(rng, (labelled, company, labelled))(rng)
            if happens(rng, 0.7)
            else word(rng, 3, 9) + " " + word(rng, 2, 9)
        )
        line = set_line(text, face, size, rng).fitted(wide, size * 2)
        if y + line.height < end:
            drawing.put_free(line, x + (wide - line.width) * rng.uniform(0, 1), y, ink)
        y += line.height + size * rng.uniform(0.2, 0.8)
