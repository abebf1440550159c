"""One box for each digit: forms, combs, circled digits, sudoku, bingo, calendars, keypads."""

from __future__ import annotations

import cv2
import numpy as np

from train.scenes.canvas.drawing import Drawing
from train.scenes.canvas.wish import Wish, staged
from train.scenes.grounds.colours import Colour, colour, pair, paper, pen_ink
from train.scenes.grounds.photos import surface
from train.scenes.grounds.textures import sheet
from train.scenes.letters.chance import between, happens, pick
from train.scenes.letters.characters import Characters
from train.scenes.letters.content import digits
from train.scenes.letters.hands import Writer, hand_line
from train.scenes.letters.typeset import PRINTED, Line, pick_face, set_line
from train.scenes.letters.words import word

Place = tuple[int, int, int, int]
"""Left, top, width, height of a box, pixels."""


def _frame(drawing: Drawing, box: Place, style: str, shade: Colour, thick: int) -> None:
    """A box, a circle, the lower half of a box, or a line below."""
    x, y, wide, tall = box
    paint = shade.tolist()
    if style == "circle":
        cv2.circle(drawing.pixels, (x + wide // 2, y + tall // 2), min(wide, tall) // 2, paint, thick, cv2.LINE_AA)
    elif style == "comb":
        points = np.array(
            [[x, y + tall // 2], [x, y + tall], [x + wide, y + tall], [x + wide, y + tall // 2]], np.int32
        )
        cv2.polylines(drawing.pixels, [points], False, paint, thick)
    elif style == "line":
        cv2.line(drawing.pixels, (x + wide // 8, y + tall), (x + wide * 7 // 8, y + tall), paint, thick)
    elif style == "filled":
        cv2.rectangle(drawing.pixels, (x, y), (x + wide, y + tall), paint, -1)
    elif style != "none":
        cv2.rectangle(drawing.pixels, (x, y), (x + wide, y + tall), paint, thick)


def boxes(rng: np.random.Generator, wish: Wish) -> Drawing:
    """A number with one box a digit, by hand or printed, a word before or above it; some boxes stay empty."""
    count = min(int(rng.integers(2, 11)), max(int(wish.columns * 1.5), 1))
    text = digits(rng, count, count)
    if happens(rng, 0.25):
        text = text[: max(count - int(rng.integers(1, 4)), 1)]
    pitch = rng.uniform(0.95, 1.9)
    height = wish.fitting(count * pitch + 0.5, 2.4)
    wide, tall = max(int(height * pitch), 5), max(int(height * rng.uniform(1.25, 1.7)), 7)
    gap = int(height * rng.uniform(0.1, 0.5)) if happens(rng, 0.4) else 0
    wide = min(wide, max(int(0.96 * wish.width / count) - gap, 4))
    written = happens(rng, 0.6)
    ground = paper(rng)
    ink = pen_ink(rng, ground) if written else np.full(3, rng.uniform(0, 70), np.float32)
    shape, (x, y) = staged(rng, wish, count * (wide + gap), tall * 1.2, height * 0.6)
    drawing = Drawing(sheet(shape, ground, rng))
    style = pick(rng, ("box", "box", "box", "comb", "circle", "line", "filled"))
    shade = ground * rng.uniform(0.1, 0.8) if style != "filled" else np.minimum(ground * rng.uniform(0.8, 0.95), 255)
    thick = max(int(height * rng.uniform(0.02, 0.1)), 1)
    writer, face = Writer.draw(rng), pick_face(rng, "0123456789", PRINTED)
    found = []
    start = int(rng.integers(0, count - len(text) + 1)) if happens(rng, 0.3) else 0
    for place in range(count):
        box = (x + place * (wide + gap), y, wide, tall)
        _frame(drawing, box, style, shade, thick)
        if start <= place < start + len(text):
            found.append(
                _centred(
                    drawing,
                    _char(text[place - start], height, rng, writer if written else None, face),
                    box,
                    ink,
                    0.06 * written,
                    rng,
                )
            )
    drawing.parts.append(Characters.joined(found).chained())
    if happens(rng, 0.4):
        _title(drawing, x, y, height, ink, rng)
    return drawing


def _char(text: str, height: float, rng: np.random.Generator, writer: Writer | None, face: int) -> Line:
    """By that hand, or in that face."""
    return set_line(text, face, height, rng) if writer is None else hand_line(text, height, rng, writer)


def _centred(
    drawing: Drawing, line: Line, box: Place, ink: Colour, shake: float, rng: np.random.Generator
) -> Characters:
    """Lay a line in the middle of a box; gives its characters there."""
    x, y, wide, tall = box
    line = line.fitted(wide * 0.95, tall * 1.05)
    left = x + (wide - line.width) / 2 + rng.normal(0, 1) * shake * wide
    top = y + (tall - line.height) / 2 + rng.normal(0, 1) * shake * tall
    drawing.stain(line.ink, int(left), int(top), ink)
    return line.characters.moved(int(left), int(top))


def _title(drawing: Drawing, x: int, y: int, height: float, ink: Colour, rng: np.random.Generator) -> None:
    """A word over the boxes."""
    text = word(rng, 2, 9) + pick(rng, ("", ":", " " + word(rng, 2, 5)))
    line = set_line(text, pick_face(rng, text, PRINTED), max(height * rng.uniform(0.35, 0.7), 5), rng)
    drawing.put_free(line, x, y - line.height - int(height * 0.15), ink)


def puzzle(rng: np.random.Generator, wish: Wish) -> Drawing:
    """A grid with a number in some cells: sudoku, bingo, calendar, crossword; each cell is its own number."""
    side = pick(rng, (9, 9, 9, 5, 4, 7, 6, 3, 10))
    rows = min(side, int(rng.integers(2, 10)))
    columns = min(side, int(rng.integers(3, 10)))
    two = side not in (9, 4) and happens(rng, 0.7)
    room = rng.uniform(1.45, 2.4) if two else rng.uniform(1.2, 2.2)
    height = max(min(wish.height, wish.tall / (rows * room * 0.9), wish.width / (columns * room * 0.9)), 6)
    cell = max(int(height * room), 7)
    ground, ink = (
        (paper(rng), np.full(3, rng.uniform(0, 70), np.float32)) if happens(rng, 0.75) else pair(rng, faint=0.05)
    )
    shape, (x, y) = staged(rng, wish, columns * cell, rows * cell, height * 0.3)
    drawing = Drawing(sheet(shape, ground, rng))
    lines(
        drawing, (x, y, cell, cell), (rows, columns), ground * rng.uniform(0.05, 0.7), rng, bold=3 if side == 9 else 0
    )
    writer, face = Writer.draw(rng), pick_face(rng, "0123456789", PRINTED)
    pen, share = pen_ink(rng, ground), rng.uniform(0.25, 0.95)
    by_hand = pick(rng, (0.0, 0.0, 0.5, 1.0))
    for row in range(rows):
        for column in range(columns):
            if not happens(rng, share):
                continue
            text = digits(rng, 1, 2) if two else digits(rng, 1, 1)
            written = happens(rng, by_hand)
            line = _char(text, height, rng, writer if written else None, face)
            box = (x + column * cell, y + row * cell, cell, cell)
            drawing.parts.append(_centred(drawing, line, box, pen if written else ink, 0.05 * written, rng))
    return drawing


def lines(
    drawing: Drawing, cell: Place, shape: tuple[int, int], shade: Colour, rng: np.random.Generator, bold: int = 0
) -> None:
    """All rules of a grid, every ``bold``-th one thick."""
    x, y, wide, tall = cell
    rows, columns = shape
    thin = max(int(tall * rng.uniform(0.01, 0.06)), 1)
    paint = shade.tolist()
    for row in range(rows + 1):
        thick = thin * 3 if bold and row % bold == 0 else thin
        cv2.line(drawing.pixels, (x, y + row * tall), (x + wide * columns, y + row * tall), paint, thick)
    for column in range(columns + 1):
        thick = thin * 3 if bold and column % bold == 0 else thin
        cv2.line(drawing.pixels, (x + column * wide, y), (x + column * wide, y + tall * rows), paint, thick)


def keypad(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Keys with digits, letters and signs: phones, lifts, remotes, calculators, keyboards."""
    rows, columns = int(rng.integers(2, 6)), int(rng.integers(2, 5))
    room = between(rng, 1.4, 3.0)
    height = max(min(wish.height, wish.tall / (rows * room), wish.width / (columns * room)), 6)
    wide, tall = int(height * room * rng.uniform(0.9, 1.0)), int(height * room * rng.uniform(0.7, 1.0))
    gap = max(int(height * rng.uniform(0.05, 0.5)), 1)
    front, key = colour(rng, 15, 240), colour(rng, 15, 250)
    ink = np.full(3, rng.uniform(190, 255) if key.mean() < 120 else rng.uniform(0, 60), np.float32)
    shape, (x, y) = staged(rng, wish, columns * (wide + gap), rows * (tall + gap), height * 0.5)
    drawing = Drawing(surface(shape, front, rng))
    style, lift = pick(rng, ("filled", "filled", "circle", "box", "none")), happens(rng, 0.4)
    face, order = pick_face(rng, "0123456789*#ABC".replace("*", ""), PRINTED), int(rng.integers(0, 3))
    for index in range(rows * columns):
        row, column = divmod(index, columns)
        box = (x + column * (wide + gap), y + row * (tall + gap), wide, tall)
        _frame(drawing, box, style, key, max(int(height * 0.06), 1))
        number = index + 1 if order == 0 else rows * columns - index if order == 1 else int(rng.integers(0, 40))
        text = str(number if lift or number < 10 else number % 10)
        if happens(rng, 0.2):
            text = pick(rng, ("#", "+", "-", "=", "OK", "C", "G", "MZ", "%", ".", "B", "EG", "/"))
        line = set_line(text, face, height, rng)
        drawing.parts.append(_centred(drawing, line, box, ink, 0.0, rng))
        if not lift and happens(rng, 0.35) and height > 15:
            _letters(drawing, box, height * 0.3, ink, rng)
    return drawing


def _letters(drawing: Drawing, box: Place, height: float, ink: Colour, rng: np.random.Generator) -> None:
    """Three small letters in the key's corner."""
    text = word(rng, 3, 3, upper=True)
    line = set_line(text, pick_face(rng, text, ("sans", "condensed")), max(height, 5), rng)
    x, y, wide, tall = box
    if line.height < tall * 0.22:
        drawing.put(line, x + (wide - line.width) / 2, y + tall - line.height - 1, ink)
