"""Numbers on people: bibs of runners, jerseys."""

from __future__ import annotations

import cv2
import numpy as np

from train.scenes.canvas.bend import folded
from train.scenes.canvas.drawing import Drawing
from train.scenes.canvas.wish import Wish, staged
from train.scenes.grounds.colours import colour, pair
from train.scenes.grounds.photos import surface
from train.scenes.grounds.textures import noise, plain, shaded, weave
from train.scenes.letters import effects
from train.scenes.letters.chance import happens, pick
from train.scenes.letters.content import digits, within
from train.scenes.letters.content import plain as any_number
from train.scenes.letters.typeset import Line, pick_face, set_line
from train.scenes.letters.words import word


def bib(rng: np.random.Generator, wish: Wish) -> Drawing:
    """A sheet on a shirt: a coloured band with words, the number below, pins, folds."""
    text = within(rng, any_number, wish.columns)
    height = wish.fitting(len(text) * 0.7 + 1.2, 3.2)
    line = set_line(text, pick_face(rng, text, ("sans", "condensed", "display")), height, rng).fitted(
        0.8 * wish.width, 0.5 * wish.tall
    )
    height = float(line.characters.boxes[0, 2])
    wide, tall = int(line.width + height * rng.uniform(0.6, 1.6)), int(height * rng.uniform(1.7, 2.6))
    sheet = np.full(3, rng.uniform(215, 255), np.float32) if happens(rng, 0.6) else colour(rng, 140, 255)
    ink = np.full(3, rng.uniform(0, 50), np.float32) if happens(rng, 0.8) else colour(rng, 30, 160)
    shape, (x, y) = staged(rng, wish, wide, tall, height * 0.1)
    drawing = Drawing(weave(shaded(plain(shape, colour(rng, 30, 240)), noise(shape, rng, 24.0), 0.6), rng))
    drawing.paste(Drawing(surface((tall, wide), sheet, rng)), x, y)
    band, top = int(height * rng.uniform(0.4, 0.8)), happens(rng, 0.7)
    shade = colour(rng, 60, 240)
    if happens(rng, 0.75):
        start = y if top else y + tall - band
        cv2.rectangle(drawing.pixels, (x, start), (x + wide, start + band), shade.tolist(), -1)
        title = word(rng, 4, 9, upper=True)
        small = set_line(
            title, pick_face(rng, title, ("sans", "display", "condensed")), max(band * rng.uniform(0.35, 0.6), 5), rng
        ).fitted(wide * 0.9, band * 0.9)
        drawing.put(
            small,
            x + (wide - small.width) / 2,
            start + (band - small.height) / 2,
            np.full(3, 250 if shade.mean() < 150 else 20, np.float32),
        )
    free = y + (band if top else 0)
    drawing.put(line, x + (wide - line.width) / 2, free + (tall - band - line.height) / 2, ink)
    for corner in ((x + 3, y + 3), (x + wide - 3, y + 3), (x + 3, y + tall - 3), (x + wide - 3, y + tall - 3)):
        cv2.circle(drawing.pixels, corner, max(int(height * 0.05), 1), (120, 120, 120), -1, cv2.LINE_AA)
    return folded(drawing, rng, height)


def jersey(rng: np.random.Generator, wish: Wish) -> Drawing:
    """A large number on the back of a shirt, often outlined, a name above it."""
    text = digits(rng, 1, 2)
    height = wish.fitting(len(text) * 0.8 + 1.0, 2.0)
    line = set_line(text, pick_face(rng, text, ("sans", "display", "condensed", "stencil")), height, rng).fitted(
        0.8 * wish.width, 0.7 * wish.tall
    )
    height = float(line.characters.boxes[0, 2])
    cloth, ink = pair(rng, dark_ground=0.6, faint=0.0)
    shape, (x, y) = staged(rng, wish, line.width, line.height * 1.5, height * 0.4)
    y += int(height * 0.35)
    base = plain(shape, cloth)
    if happens(rng, 0.3):  # stripes
        step, stripe = max(int(height * rng.uniform(0.2, 0.7)), 2), colour(rng).tolist()
        for left in range(0, shape[1], 2 * step):
            cv2.rectangle(base, (left, 0), (left + step, shape[0]), stripe, -1)
    drawing = Drawing(weave(base, rng) if happens(rng, 0.6) else base)
    if happens(rng, 0.5):
        thick = max(int(height * rng.uniform(0.03, 0.08)), 1)
        padded = cv2.copyMakeBorder(line.ink, thick, thick, thick, thick, cv2.BORDER_CONSTANT)
        drawing.stain(effects.swollen(padded, thick), x - thick, y - thick, colour(rng))
    drawing.put(line, x, y, ink)
    if happens(rng, 0.5):
        name = word(rng, 3, 9, upper=True)
        small: Line = set_line(name, pick_face(rng, name, ("sans", "condensed")), max(height * 0.22, 5), rng).fitted(
            drawing.width * 0.9, height * 0.3
        )
        drawing.put_free(small, x + (line.width - small.width) / 2, y - small.height - height * 0.08, ink)
    return folded(drawing, rng, height * pick(rng, (0.5, 1.0)))
