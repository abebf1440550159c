"""Numbers and words by hand on paper."""

from __future__ import annotations

import cv2
import numpy as np

from train.scenes.canvas.drawing import Drawing
from train.scenes.canvas.wish import Wish, staged
from train.scenes.grounds.colours import Colour, colour, paper, pen_ink
from train.scenes.grounds.textures import noise, sheet
from train.scenes.letters import effects
from train.scenes.letters.chance import happens, pick
from train.scenes.letters.content import company, date, digits, plain, span, within
from train.scenes.letters.hands import Writer, hand_line, word_line
from train.scenes.letters.typeset import Line
from train.scenes.letters.words import word


def note_text(rng: np.random.Generator) -> str:
    """What people write down."""
    chance = rng.random()
    if chance < 0.6:
        return plain(rng)
    if chance < 0.8:
        return digits(rng, 1, 4) + pick(rng, (".", ",", "-", "=", ":")) + digits(rng, 1, 3)
    return date(rng) if chance < 0.87 else span(rng) if chance < 0.93 else company(rng, simple=True)


def note(rng: np.random.Generator, wish: Wish) -> Drawing:
    """One to five lines by one hand on plain, ruled, squared or security paper."""
    count = 1 if happens(rng, 0.6) else int(rng.integers(2, 6))
    words = happens(rng, 0.4)
    most = max(min(int(wish.columns * 2.5), 10), 1)
    texts = [
        word(rng, 1, most) if words and happens(rng, 0.7) else within(rng, note_text, wish.columns)
        for _ in range(count)
    ]
    height = wish.fitting(max(map(len, texts)) * 0.6, count * 1.7)
    writer = Writer.draw(rng)
    lines = []
    for text in texts:
        line = word_line(text, height * 0.8, rng) if text.isalpha() else hand_line(text, height, rng, writer)
        lines.append(line.fitted(0.96 * wish.width, 0.96 * wish.tall / count))
    gap = height * rng.uniform(0.15, 0.8)
    width, tall = max(line.width for line in lines), sum(line.height for line in lines) + gap * (count - 1)
    if tall > 0.96 * wish.tall:
        gap, tall = 0.0, sum(line.height for line in lines)
    shape, (x, y) = staged(rng, wish, width, tall, height * 0.5)
    ground = paper(rng)
    ink = pen_ink(rng, ground)
    drawing = Drawing(sheet(shape, ground, rng))
    rule(drawing, ground, y, height + gap, rng)
    patched = float(ground.min()) > 240 and happens(rng, 0.4)
    for line in lines:
        left = x + rng.uniform(0, 1) * (width - line.width)
        if patched:  # characters cut out of elsewhere bring a bit of their paper with them
            for column, _, _, wide, _ in line.characters.boxes:
                under, _ = drawing.part(int(left + column - wide * 0.6), y - 2, int(wide * 1.2), line.height + 4)
                under[:] = cv2.convertScaleAbs(under, alpha=rng.uniform(0.94, 1.0))
        drawing.put(by_pen(line, height, rng), left, y, ink)
        y += int(line.height + gap)
    if happens(rng, 0.12):
        strike(drawing, height, ink, rng)
    return drawing


def by_pen(line: Line, height: float, rng: np.random.Generator) -> Line:
    """Ink that lets the paper's grain through, as pencils and dry pens do."""
    if happens(rng, 0.25) and height > 12:
        grain = noise(line.ink.shape[:2], rng, 0.6)
        return Line(effects.worn(line.ink, grain, rng.uniform(0.0, 0.35)), line.characters)
    if happens(rng, 0.25):
        return Line(cv2.convertScaleAbs(line.ink, alpha=rng.uniform(0.5, 0.95)), line.characters)
    return line


def rule(drawing: Drawing, ground: Colour, y: float, pitch: float, rng: np.random.Generator) -> None:
    """Lines, squares or a security print on the paper."""
    chance = rng.random()
    if chance > 0.45:
        return
    shade = np.clip(ground * rng.uniform(0.6, 0.93) + rng.normal(0, 8, 3), 0, 255).astype(np.float32)
    thick = max(int(pitch * 0.015), 1)
    if chance < 0.15:
        for row in range(int(y + pitch * 0.85 - 20 * pitch), drawing.height, max(int(pitch), 4)):
            cv2.line(drawing.pixels, (0, row), (drawing.width, row), shade.tolist(), thick, cv2.LINE_AA)
    elif chance < 0.3:
        step = max(int(pitch * rng.uniform(0.25, 0.8)), 4)
        start = int(rng.integers(step))
        for row in range(start, drawing.height, step):
            cv2.line(drawing.pixels, (0, row), (drawing.width, row), shade.tolist(), thick)
        for column in range(start, drawing.width, step):
            cv2.line(drawing.pixels, (column, 0), (column, drawing.height), shade.tolist(), thick)
    else:
        guilloche(drawing, shade, pitch, rng)


def guilloche(drawing: Drawing, shade: Colour, pitch: float, rng: np.random.Generator) -> None:
    """Fine waved lines of cheques and tickets."""
    step, reach = max(pitch * rng.uniform(0.05, 0.2), 3), pitch * rng.uniform(0.02, 0.2)
    upright = happens(rng, 0.4)
    length, depth = (drawing.height, drawing.width) if upright else (drawing.width, drawing.height)
    along = np.arange(0, length + 8, 8)
    wave = reach * np.sin(along / (pitch * rng.uniform(0.15, 0.8)) + rng.uniform(0, 6))
    rows = np.arange(-reach * 2, depth + reach * 2, step)
    lines = [np.stack([along, wave + row + 0.3 * reach * np.sin(row)], axis=1).astype(np.int32) for row in rows]
    if upright:
        lines = [np.ascontiguousarray(line[:, ::-1]) for line in lines]
    cv2.polylines(drawing.pixels, lines, False, shade.tolist(), 1, cv2.LINE_AA)


def strike(drawing: Drawing, height: float, ink: Colour, rng: np.random.Generator) -> None:
    """A line under everything, or a stroke of the pen beside it."""
    boxes = drawing.characters.boxes
    if not len(boxes):
        return
    bottom = float((boxes[:, 1] + boxes[:, 2] / 2).max())
    left, right = float(boxes[:, 0].min() - height), float(boxes[:, 0].max() + height)
    y = bottom + height * rng.uniform(0.15, 0.5)
    points = np.array(
        [[left, y], [(left + right) / 2, y + rng.normal(0, 0.1) * height], [right, y + rng.normal(0, 0.15) * height]]
    )
    cv2.polylines(
        drawing.pixels, [points.astype(np.int32)], False, ink.tolist(), max(int(height * 0.06), 1), cv2.LINE_AA
    )


def board(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Chalk or a bright marker on something dark or coloured."""
    text = within(rng, note_text, wish.columns)
    height = wish.fitting(len(text) * 0.65, 1.6)
    line = hand_line(text, height, rng, Writer.draw(rng)).fitted(0.96 * wish.width, 0.96 * wish.tall)
    ground = colour(rng, 20, 130)
    ink = np.clip(np.full(3, rng.uniform(170, 255)) * rng.uniform(0.75, 1, 3), 0, 255).astype(np.float32)
    shape, (x, y) = staged(rng, wish, line.width, line.height, height * 0.5)
    drawing = Drawing(sheet(shape, ground, rng))
    drawing.put(line, x, y, ink)
    return drawing
