"""Printed numbers: plain lines, rows, tags, expiry dates."""

from __future__ import annotations

import cv2
import numpy as np

from train.scenes.canvas.drawing import Drawing
from train.scenes.canvas.wish import Wish, staged
from train.scenes.grounds.colours import Colour, brightness, colour, pair, paper
from train.scenes.grounds.photos import surface
from train.scenes.grounds.textures import gradient, noise, sheet
from train.scenes.letters import effects
from train.scenes.letters.chance import between, happens, pick
from train.scenes.letters.content import company, digits, labelled, within
from train.scenes.letters.typeset import PRINTED, STYLED, Line, pick_face, set_line
from train.scenes.letters.words import word


def printed_line(
    text: str,
    height: float,
    rng: np.random.Generator,
    styles: tuple[str, ...] = (*PRINTED, *PRINTED, "stencil", "pixel"),
) -> Line:
    """A line in some printed face, spaced and squeezed as printers do."""
    tracking = rng.uniform(0.05, 0.5) if happens(rng, 0.2) else rng.uniform(-0.02, 0.05)
    squeeze = between(rng, 0.65, 1.4) if happens(rng, 0.25) else 1.0
    line = set_line(text, pick_face(rng, text, styles), height, rng, tracking=tracking, squeeze=squeeze)
    return line.sheared(float(rng.uniform(0.1, 0.3))) if happens(rng, 0.1) else line


def number_alone(rng: np.random.Generator, wish: Wish) -> Drawing:
    """One number with its company on any ground."""
    text = within(rng, company, wish.columns) if happens(rng, 0.75) else digits(rng, 1, 5)
    line = printed_line(text, wish.fitting(len(text) * 0.5), rng).fitted(0.96 * wish.width, 0.96 * wish.tall)
    ground, ink = pair(rng)
    shape, (x, y) = staged(rng, wish, line.width, line.height, line.height * 0.4)
    drawing = Drawing(surface(shape, ground, rng))
    lay(drawing, line, x, y, ink, ground, rng)
    return drawing


def lay(
    drawing: Drawing, line: Line, x: float, y: float, ink: Colour, ground: Colour, rng: np.random.Generator
) -> None:
    """Ink as it comes: even, worn, outlined, with a shadow, in relief, fading."""
    height = float(line.characters.boxes[0, 2]) if len(line.characters) else line.height
    style = rng.random()
    if style < 0.1 and height > 10:  # worn
        grain = noise(line.ink.shape[:2], rng, pick(rng, (1.0, 2.5, 7.0)))
        line = Line(effects.worn(line.ink, grain, rng.uniform(0.2, 0.8)), line.characters)
    elif style < 0.17 and height > 16:  # outlined
        thick = max(int(height * rng.uniform(0.02, 0.07)), 1)
        rim = colour(rng) if happens(rng, 0.5) else 255 - ink
        drawing.stain(
            effects.swollen(cv2.copyMakeBorder(line.ink, thick, thick, thick, thick, cv2.BORDER_CONSTANT), thick),
            int(x) - thick,
            int(y) - thick,
            rim,
        )
    elif style < 0.24 and height > 14:  # a shadow
        step = max(height * rng.uniform(0.02, 0.09), 1)
        soft = cv2.GaussianBlur(line.ink, (0, 0), max(step * 0.4, 0.4))
        drawing.stain(
            cv2.convertScaleAbs(soft, alpha=rng.uniform(0.3, 1)),
            int(x + step),
            int(y + step),
            ground * rng.uniform(0.1, 0.6),
        )
    elif style < 0.32 and height > 14:
        relief(drawing, line, x, y, ground, rng)
        return
    elif style < 0.4:  # fading
        other = colour(rng) if abs(brightness(ink) - brightness(ground)) > 110 else ink
        mixed = ink + (other - ink) * rng.uniform(0.1, 0.5)
        drawing.put(line, x, y, gradient(line.ink.shape[:2], ink, mixed, rng))
        return
    elif style < 0.45 and height > 25:  # the contour alone
        line = Line(effects.outline(line.ink, max(int(height * rng.uniform(0.015, 0.04)), 1)), line.characters)
    drawing.put(line, x, y, ink)


def relief(drawing: Drawing, line: Line, x: float, y: float, ground: Colour, rng: np.random.Generator) -> None:
    """Embossed or engraved: lit from one side, often without any colour of its own."""
    height = float(line.characters.boxes[0, 2])
    step = max(height * rng.uniform(0.02, 0.06), 1.0)
    soft = cv2.GaussianBlur(line.ink, (0, 0), max(step * 0.7, 0.5))
    pad = int(step) + 1
    padded = cv2.copyMakeBorder(soft, pad, pad, pad, pad, cv2.BORDER_CONSTANT)
    angle = rng.uniform(0, 2 * np.pi)
    shift = np.array([[1, 0, 2 * step * np.cos(angle)], [0, 1, 2 * step * np.sin(angle)]])
    other = cv2.warpAffine(padded, shift, padded.shape[::-1])
    strength = rng.uniform(0.6, 1.4)
    bright = cv2.convertScaleAbs(cv2.subtract(padded, other), alpha=strength)
    dark = cv2.convertScaleAbs(cv2.subtract(other, padded), alpha=strength)
    place = int(x) - pad, int(y) - pad
    if happens(rng, 0.4):
        drawing.stain(cv2.convertScaleAbs(line.ink, alpha=rng.uniform(0.2, 0.9)), int(x), int(y), colour(rng))
    drawing.stain(bright, *place, np.minimum(ground * 1.6 + 50, 255))
    drawing.stain(dark, *place, ground * 0.25)
    drawing.parts.append(line.characters.moved(int(x), int(y)))


def words(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Words alone in any face: shop signs, titles, brands, single letters."""
    count = 1 if happens(rng, 0.6) else int(rng.integers(2, 4))
    most = max(min(int(wish.columns * 2), 10), 1)
    texts = [" ".join(word(rng, 1, most) for _ in range(int(rng.integers(1, 3)))) for _ in range(count)]
    height = wish.fitting(max(map(len, texts)) * 0.55, count * 1.5)
    style = (pick(rng, STYLED),)
    room = 0.96 * wish.width, 0.94 * wish.tall / count
    lines = [printed_line(text, height, rng, style).fitted(*room) for text in texts]
    ground, ink = pair(rng)
    gap = height * 0.2 if sum(line.height for line in lines) + height * 0.2 * count < wish.tall else 0.0
    shape, (x, y) = staged(
        rng, wish, max(line.width for line in lines), sum(line.height + gap for line in lines), height * 0.4
    )
    drawing = Drawing(surface(shape, ground, rng))
    for line in lines:
        lay(drawing, line, x, y, ink, ground, rng)
        y += int(line.height + gap)
    return drawing


def rows(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Several lines under each other, in one or two faces."""
    count = int(rng.integers(2, 6))
    texts = [_row(rng) for _ in range(count)]
    height = wish.fitting(max(map(len, texts)) * 0.55, count * 1.6)
    style = (pick(rng, PRINTED),) if happens(rng, 0.8) else PRINTED
    lines = [
        printed_line(text, height * (1.0 if happens(rng, 0.8) else rng.uniform(0.7, 1.3)), rng, style) for text in texts
    ]
    lines = [line.fitted(0.94 * wish.width, wish.tall / count) for line in lines]
    gap = height * rng.uniform(0.25, 1.0)
    width, tall = max(line.width for line in lines), sum(line.height for line in lines) + gap * (count - 1)
    if tall > 0.96 * wish.tall:
        gap, tall = gap * 0.3, tall - gap * 0.7 * (count - 1)
    ground, ink = pair(rng) if happens(rng, 0.4) else (paper(rng), np.full(3, rng.uniform(0, 70), np.float32))
    shape, (x, y) = staged(rng, wish, width, tall, height)
    drawing = Drawing(sheet(shape, ground, rng))
    align = pick(rng, (0.0, 0.0, 0.5, 1.0))
    for line in lines:
        drawing.put(line, x + (width - line.width) * align, y, ink)
        y += int(line.height + gap)
    return drawing


def _row(rng: np.random.Generator) -> str:
    chance = rng.random()
    if chance < 0.3:
        return labelled(rng)
    if chance < 0.45:
        return " ".join(word(rng) for _ in range(int(rng.integers(1, 4))))
    return company(rng)
