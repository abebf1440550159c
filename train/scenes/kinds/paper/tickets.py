"""Tickets, receipts and cheques: security print, large numbers, words below digits, small print."""

from __future__ import annotations

import numpy as np

from train.scenes.canvas.drawing import Drawing
from train.scenes.canvas.wish import Wish, staged
from train.scenes.grounds.colours import colour, paper, pen_ink
from train.scenes.grounds.photos import photo
from train.scenes.grounds.textures import sheet
from train.scenes.letters import effects
from train.scenes.letters.chance import between, happens, pick
from train.scenes.letters.content import company, date, decimal, digits, measure, plain, price, within
from train.scenes.letters.hands import Writer, hand_line
from train.scenes.letters.typeset import PRINTED, pick_face, set_line
from train.scenes.letters.words import word

from .written import guilloche, note_text, rule


def ticket(rng: np.random.Generator, wish: Wish) -> Drawing:
    """A lottery or entrance ticket: a wide number, a word under each digit, titles, a picture, a code."""
    count = int(rng.integers(4, 8))
    text = digits(rng, count, count)
    pitch = rng.uniform(0.75, 1.7)
    height = wish.fitting(count * pitch + 0.6, 4.0)
    ground = np.clip(paper(rng) * rng.uniform(0.85, 1.0, 3), 0, 255).astype(np.float32)
    ink = np.full(3, rng.uniform(0, 80), np.float32)
    face = pick_face(rng, text, ("display", "sans", "serif", "condensed", "stencil", "mono"))
    line = set_line(text, face, height, rng, mono=pitch).fitted(0.96 * wish.width, 0.4 * wish.tall)
    height = float(line.characters.boxes[0, 2])
    shape, (x, y) = staged(rng, wish, line.width, height * 3.2, height * 0.4)
    y += int(height * 1.2)
    drawing = Drawing(sheet(shape, ground, rng))
    if happens(rng, 0.6):
        guilloche(drawing, np.clip(ground * rng.uniform(0.6, 0.95, 3), 0, 255).astype(np.float32), height, rng)
    if happens(rng, 0.4):
        side = int(height * rng.uniform(1, 3))
        drawing.paste(
            Drawing(photo((side, side), rng)),
            x - side - int(height * 0.3) if happens(rng, 0.5) else x + line.width + int(height * 0.3),
            y,
        )
    drawing.put(line, x, y, ink)
    if happens(rng, 0.5):
        for left, *_ in line.characters.boxes:
            small = pick(
                rng, ("UNO", "DOS", "TRES", "CINCO", "SEIS", "OCHO", "EINS", "ZWEI", "ONE", "TWO", "NUEVE", "CERO")
            )
            below = set_line(small, pick_face(rng, small, ("sans",)), max(height * 0.2, 4), rng)
            drawing.put(
                below.fitted(height * pitch * 0.9, height),
                x + left - below.width / 2,
                y + line.height + height * 0.12,
                ink,
                taught=height * 0.2 > 6,
            )
    _small_print(
        drawing, (x, y, line.width, line.height), height, colour(rng, 0, 150) if happens(rng, 0.5) else ink, rng
    )
    return drawing


def _small_print(
    drawing: Drawing, box: tuple[int, int, int, int], height: float, ink: np.ndarray, rng: np.random.Generator
) -> None:
    """Lines above and below the number."""
    x, y, _, tall = box
    top, bottom = y - height * 0.2, y + tall + height * 0.5
    for upward in (True, False):
        for _ in range(int(rng.integers(0, 3))):
            text = pick(
                rng,
                (
                    word(rng, 3, 9) + " " + word(rng, 3, 9),
                    date(rng),
                    company(rng),
                    word(rng, 3, 9, upper=True) + " " + digits(rng, 2, 6),
                ),
            )
            size = max(height * rng.uniform(0.2, 0.45), 5.5)
            line = set_line(text, pick_face(rng, text, PRINTED), size, rng).fitted(drawing.width * 0.9, drawing.height)
            left = float(np.clip(x + rng.normal(0, 1) * height, 0, max(drawing.width - line.width, 0)))
            if upward:
                drawing.put_free(line, left, top - line.height, ink)
                top -= line.height + size * 0.3
            else:
                drawing.put_free(line, left, bottom, ink)
                bottom += line.height + size * 0.3


def receipt(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Thermal print: goods at the left, prices at the right, faint and streaky."""
    rows = int(rng.integers(3, 12))
    height = min(wish.height, wish.width / 15, wish.tall / (rows * 1.7))
    ground = np.full(3, rng.uniform(190, 250), np.float32) * np.array([rng.uniform(0.9, 1), 0.99, 1], np.float32)
    ink = ground * rng.uniform(0.1, 0.55)
    wide, pitch = min(int(height * rng.uniform(14, 20)), wish.width), height * rng.uniform(1.4, 2.0)
    shape, (x, y) = staged(rng, wish, wide, rows * pitch, height)
    drawing = Drawing(sheet(shape, ground.astype(np.float32), rng))
    face = pick_face(rng, "AOaeiou0123456789.,:-€%", ("mono", "sans", "condensed"))
    squeeze = between(rng, 0.7, 1.1)
    for row in range(rows):
        left = word(rng, 2, 10) if happens(rng, 0.7) else digits(rng, 1, 2) + " x " + word(rng, 2, 6)
        right = pick(rng, (price, decimal, decimal, measure))(rng)
        for text, at_right in ((left, False), (right, True)):
            line = set_line(text, face, height, rng, squeeze=squeeze).fitted(wide * 0.48, pitch)
            place = x + wide - line.width if at_right else x
            drawing.put(line, place, y + row * pitch, ink)
    if happens(rng, 0.5):  # a weak head leaves pale streaks
        for column in rng.integers(0, drawing.width, int(rng.integers(1, 5))):
            under = drawing.pixels[:, column : column + max(int(height * 0.08), 1)]
            under[:] = (under.astype(np.float32) * 0.4 + ground * 0.6).astype(np.uint8)
    return drawing


def cheque(rng: np.random.Generator, wish: Wish) -> Drawing:
    """An amount by hand on security print, grey as in a scan, with signs before and after it."""
    before, after = pick(rng, ("", "", "", "=", "-", "$")), pick(rng, ("", "", "=", "-", ".-", ",-", "/"))
    text = before + within(rng, note_text, wish.columns) + after
    height = wish.fitting(len(text) * 0.6, 1.6)
    line = hand_line(text, height, rng, Writer.draw(rng)).fitted(0.97 * wish.width, 0.95 * wish.tall)
    grey = np.full(3, rng.uniform(120, 220), np.float32) * (rng.uniform(0.9, 1.0, 3) if happens(rng, 0.4) else 1.0)
    shape, (x, y) = staged(rng, wish, line.width, line.height, height * 0.2)
    drawing = Drawing(sheet(shape, grey.astype(np.float32), rng))
    for _ in range(int(rng.integers(1, 3))):
        guilloche(drawing, (grey * rng.uniform(0.55, 0.9)).astype(np.float32), height, rng)
    if happens(rng, 0.3):
        rule(drawing, grey.astype(np.float32), y, height * 1.5, rng)
    drawing.put(line, x, y, pen_ink(rng, grey.astype(np.float32)))
    return drawing


def stub(rng: np.random.Generator, wish: Wish) -> Drawing:
    """A number perforated or stamped: dots, or an ink stamp that is uneven."""
    text = within(rng, plain, wish.columns, 2)
    height = wish.fitting(len(text) * 0.75, 1.6)
    face = pick_face(rng, text, ("mono", "counter", "serif", "typewriter"))
    line = set_line(text, face, height, rng, tracking=rng.uniform(0.02, 0.25)).fitted(
        0.95 * wish.width, 0.95 * wish.tall
    )
    if happens(rng, 0.4):
        line = effects.dotted(line, int(rng.integers(7, 11)), rng, fill=rng.uniform(0.5, 0.9))
    ground = paper(rng)
    shape, (x, y) = staged(rng, wish, line.width, line.height, height * 0.5)
    drawing = Drawing(sheet(shape, ground, rng))
    ink = pick(rng, (np.array([30.0, 30.0, 190.0]), np.array([150.0, 60.0, 30.0]), np.full(3, 30.0))).astype(np.float32)
    steps = np.linspace(rng.uniform(0.4, 1), rng.uniform(0.4, 1), line.width)[None, :]
    uneven = (line.ink * steps).astype(np.uint8)
    drawing.put(type(line)(uneven, line.characters), x, y, ink)
    return drawing


def serial(rng: np.random.Generator, wish: Wish) -> Drawing:
    """A code of bars with its number below, on a label."""
    groups = [digits(rng, 1, 6) for _ in range(int(rng.integers(1, 4)))]
    text = " ".join(groups)
    height = wish.fitting(len(text) * 0.75, 4.5)
    line = set_line(text, pick_face(rng, text, ("mono", "counter", "sans")), height, rng, tracking=0.1).fitted(
        0.94 * wish.width, wish.tall
    )
    ground, ink = np.full(3, rng.uniform(190, 255), np.float32), np.full(3, rng.uniform(0, 60), np.float32)
    tall = int(height * rng.uniform(1.5, 3))
    shape, (x, y) = staged(rng, wish, line.width, tall + line.height * 1.4, height * 0.5)
    drawing = Drawing(sheet(shape, ground, rng))
    module = max(height * 0.07, 1.0)
    widths = rng.integers(1, 5, int(line.width / (module * 2.5)))
    bars = np.repeat(np.arange(len(widths)) % 2 == 0, np.maximum((widths * module).astype(int), 1))[: line.width]
    mask = np.repeat((bars * 255).astype(np.uint8)[None, :], tall, axis=0)
    drawing.stain(mask, x, y, ink)
    drawing.put(line, x, y + tall + height * 0.25, ink)
    return drawing
