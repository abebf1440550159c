"""Pages full of characters: tables, text, columns of numbers."""

from __future__ import annotations

import cv2
import numpy as np

from train.scenes.canvas.drawing import Drawing
from train.scenes.canvas.wish import Wish
from train.scenes.grounds.colours import pair, paper, pen_ink
from train.scenes.grounds.textures import sheet
from train.scenes.letters.chance import happens, pick
from train.scenes.letters.content import company, decimal, digits, measure, plain, price, sentence, within
from train.scenes.letters.hands import Writer, hand_line
from train.scenes.letters.typeset import PRINTED, pick_face, set_line
from train.scenes.letters.words import word

_MOST = 130  # characters of a page


def text_page(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Running text with numbers in it, in lines or columns."""
    height = min(wish.height, wish.tall / 4, wish.width / 8)
    ground = paper(rng)
    ink = np.full(3, rng.uniform(0, 80), np.float32)
    if happens(rng, 0.25):
        ground, ink = pair(rng, faint=0.05)
    drawing = Drawing(sheet((wish.tall, wish.width), ground, rng))
    style = pick(rng, (*PRINTED, "handwriting"))
    faces: dict[bool, int] = {}
    y, total = height * rng.uniform(0.2, 2), 0
    left = height * rng.uniform(0.2, 3)
    gap = height * rng.uniform(0.35, 1.2)
    while y + height * 1.5 < wish.tall and total < _MOST:
        text = sentence(rng)
        while len(text) * 0.45 * height < wish.width - 2 * left and len(text) < 60:
            text += " " + (sentence(rng) if happens(rng, 0.6) else company(rng))
        face = faces.setdefault(True, pick_face(rng, "AOaeiou0123456789.,:-", (style,)))
        line = set_line(text, face, height, rng)
        line = _cut(line, wish.width - left)
        drawing.put(line, left, y, ink)
        total += len(line.characters)
        y += line.height + gap
    return drawing


def _cut(line, width: float):  # type: ignore[no-untyped-def]
    """The line up to the last word that fits."""
    boxes = line.characters.boxes
    if line.width <= width or not len(boxes):
        return line
    keep = boxes[:, 0] + boxes[:, 3] / 2 < width - boxes[0, 2] * 0.2
    right = int((boxes[keep, 0] + boxes[keep, 3] / 2).max()) + 2 if keep.any() else 1
    return type(line)(line.ink[:, :right], line.characters.kept(keep))


def table(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Rows and columns of numbers, with or without rules, headed by words."""
    columns, rows = int(rng.integers(2, 6)), int(rng.integers(3, 12))
    kinds = [pick(rng, (plain, decimal, price, measure, plain)) for _ in range(columns)]
    height = min(wish.height, wish.tall / (rows * 1.5), wish.width / (columns * 3.2))
    rows = min(rows, int(wish.tall / (height * 1.5)))
    cell_w, cell_h = (
        wish.width * rng.uniform(0.85, 1.0) / columns,
        min(height * rng.uniform(1.4, 2.4), wish.tall / rows),
    )
    ground, ink = (
        (paper(rng), np.full(3, rng.uniform(0, 80), np.float32)) if happens(rng, 0.7) else pair(rng, faint=0.05)
    )
    drawing = Drawing(sheet((wish.tall, wish.width), ground, rng))
    x0, y0 = (wish.width - cell_w * columns) / 2, (wish.tall - cell_h * rows) / 2
    _grid(drawing, (x0, y0, cell_w, cell_h), (rows, columns), rng.uniform(0.1, 0.9) * ground, rng)
    by_hand = happens(rng, 0.25)
    writer, face = Writer.draw(rng), pick_face(rng, "AOaeiou0123456789.,:-$€£", (pick(rng, PRINTED),))
    pen = pen_ink(rng, ground) if by_hand and ground.mean() > 110 else ink
    head, align, total = happens(rng, 0.4), pick(rng, (0.05, 0.5, 0.95)), 0
    for row in range(rows):
        for column in range(columns):
            if total > _MOST or happens(rng, 0.06):
                continue
            wordy = (head and row == 0) or (column == 0 and happens(rng, 0.2))
            text = word(rng, 2, 8) if wordy else within(rng, kinds[column], cell_w / height / 1.6)
            line = hand_line(text, height, rng, writer) if by_hand and not wordy else set_line(text, face, height, rng)
            line = line.fitted(cell_w * 0.92, cell_h * 1.05)
            drawing.put(
                line,
                x0 + column * cell_w + (cell_w - line.width) * align,
                y0 + row * cell_h + (cell_h - line.height) * 0.5,
                pen,
            )
            total += len(line.characters)
    return drawing


def _grid(
    drawing: Drawing,
    cell: tuple[float, float, float, float],
    shape: tuple[int, int],
    shade: np.ndarray,
    rng: np.random.Generator,
) -> None:
    """Rules between rows, between columns, both or none."""
    x, y, wide, tall = cell
    rows, columns = shape
    thick = max(int(tall * rng.uniform(0.02, 0.08)), 1)
    if happens(rng, 0.5):
        for row in range(rows + 1):
            level = int(y + row * tall)
            cv2.line(drawing.pixels, (int(x), level), (int(x + wide * columns), level), shade.tolist(), thick)
    if happens(rng, 0.35):
        for column in range(columns + 1):
            place = int(x + column * wide)
            cv2.line(drawing.pixels, (place, int(y)), (place, int(y + tall * rows)), shade.tolist(), thick)


def numbers_page(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Numbers strewn or in columns over a page, far apart."""
    height = min(wish.height, wish.tall / 5, wish.width / 8)
    ground = paper(rng)
    drawing = Drawing(sheet((wish.tall, wish.width), ground, rng))
    ink = pen_ink(rng, ground)
    written = happens(rng, 0.4)
    writer, face = Writer.draw(rng), pick_face(rng, "0123456789.,:-", (pick(rng, PRINTED),))
    step_x, step_y = height * rng.uniform(3.5, 6), height * rng.uniform(1.5, 3)
    total = 0
    for y in np.arange(height * 0.4, wish.tall - height * 1.6, step_y):
        for x in np.arange(height * 0.3, wish.width - step_x, step_x):
            if happens(rng, 0.12) or total > _MOST:
                continue
            text = digits(rng, 1, 5) if happens(rng, 0.8) else decimal(rng)
            line = hand_line(text, height, rng, writer) if written else set_line(text, face, height, rng)
            line = line.fitted(step_x * 0.85, step_y)
            drawing.put(line, x, y, ink)
            total += len(line.characters)
    return drawing
