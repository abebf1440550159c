"""Pictures that come from a screen: games, scoreboards of television, apps, captchas."""

from __future__ import annotations

import cv2
import numpy as np

from train.scenes.canvas.drawing import Drawing
from train.scenes.canvas.wish import Wish, staged
from train.scenes.grounds.colours import colour, pair
from train.scenes.grounds.photos import photo
from train.scenes.grounds.textures import gradient, plain
from train.scenes.letters import effects
from train.scenes.letters.chance import between, happens, pick
from train.scenes.letters.characters import Characters
from train.scenes.letters.content import clock, company, digits
from train.scenes.letters.content import plain as number
from train.scenes.letters.typeset import STYLED, Line, pick_face, set_line
from train.scenes.letters.words import word

_TITLES = (
    "SCORE",
    "LEVEL",
    "HIGH",
    "TOP",
    "LINES",
    "COINS",
    "TIME",
    "LIVES",
    "HP",
    "MP",
    "LV",
    "WORLD",
    "GOLD",
    "KILLS",
    "RANK",
    "x",
)


def _sky(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """What games show behind their numbers: black, one colour, a gradient, blocks, a picture."""
    chance = rng.random()
    if chance < 0.35:
        return plain(shape, np.full(3, rng.uniform(0, 25), np.float32))
    if chance < 0.5:
        return plain(shape, colour(rng))
    if chance < 0.65:
        return gradient(shape, colour(rng), colour(rng), rng)
    if chance < 0.8:
        cells = rng.integers(0, 256, (max(shape[0] // 24, 1), max(shape[1] // 24, 1), 3)).astype(np.uint8)
        return cv2.convertScaleAbs(
            cv2.resize(cells, shape[::-1], interpolation=cv2.INTER_NEAREST), alpha=rng.uniform(0.3, 1)
        )
    return photo(shape, rng)


def game(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Titles and numbers of a game in block letters, outlined, shaded from top to bottom, over any ground."""
    texts: list[str] = []
    for _ in range(int(rng.integers(1, 5))):
        title, value = pick(rng, _TITLES), _score(rng)
        texts += [title, value] if happens(rng, 0.3) else [title + " " + value] if happens(rng, 0.6) else [value]
    height = wish.fitting(max(map(len, texts)) * 0.95, len(texts) * 1.5)
    face = pick_face(
        rng, "".join(texts), pick(rng, (("pixel",), ("pixel",), ("display", "sans"), ("condensed", "sans")))
    )
    room = 0.95 * wish.width, 0.9 * wish.tall / len(texts)
    lines = [set_line(text, face, height, rng).fitted(*room) for text in texts]
    gap = height * rng.uniform(0.15, 0.6)
    wide, tall = max(line.width for line in lines), sum(line.height + gap for line in lines)
    shape, (x, y) = staged(rng, wish, wide, tall, height * 0.4)
    drawing = Drawing(_sky(shape, rng))
    ink = colour(rng, 190, 255) if happens(rng, 0.8) else colour(rng, 0, 90)
    bright = float(ink.mean()) > 110
    alike = abs(float(drawing.pixels.mean()) - float(ink.mean())) < 90
    outlined = alike or float(drawing.pixels.std()) > 45 or happens(rng, 0.3)
    thick = max(int(height * rng.uniform(0.05, 0.12)), 1)
    shades = happens(rng, 0.3) and bright
    for line in lines:
        if outlined:
            padded = cv2.copyMakeBorder(line.ink, thick, thick, thick, thick, cv2.BORDER_CONSTANT)
            rim = np.full(3, 20 if bright else 240, np.float32)
            drawing.stain(effects.swollen(padded, thick), x - thick, int(y) - thick, rim)
        drawing.put(line, x, y, gradient(line.ink.shape[:2], ink, colour(rng, 150, 255), rng) if shades else ink)
        y += int(line.height + gap)
    return drawing


def _score(rng: np.random.Generator) -> str:
    """A score, a time, a part of a whole, a gain."""
    chance = rng.random()
    if chance < 0.35:
        return digits(rng, 1, 6)
    if chance < 0.5:
        return digits(rng, 6, 6)
    if chance < 0.65:
        return clock(rng)
    return digits(rng, 1, 3) + "/" + digits(rng, 2, 3) if chance < 0.8 else pick(rng, "x+-") + digits(rng, 1, 3)


def scoreboard(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Rows of a name and numbers in coloured cells, as television shows them."""
    rows, columns = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    height = wish.fitting(6 + columns * 2.4, rows * 2.2)
    tall, cell = int(height * rng.uniform(1.5, 2.2)), int(height * rng.uniform(1.8, 2.6))
    name_w = int(height * rng.uniform(2.5, 6.0))
    shape, (x, y) = staged(rng, wish, name_w + columns * cell, rows * tall, height * 0.2)
    drawing = Drawing(_sky(shape, rng))
    ground, ink = pair(rng, dark_ground=0.7, faint=0.0)
    cells = [pair(rng, dark_ground=0.5, faint=0.0) for _ in range(columns)]
    face = pick_face(rng, "AEIOUMNRS0123456789()-", ("sans", "condensed"))
    for row in range(rows):
        top = y + row * tall
        cv2.rectangle(drawing.pixels, (x, top), (x + name_w - 1, top + tall - 2), ground.tolist(), -1)
        name = word(rng, 3, 8, upper=True) + (f" ({digits(rng, 1, 1)})" if happens(rng, 0.2) else "")
        line = set_line(name, face, height * rng.uniform(0.6, 0.95), rng).fitted(name_w * 0.9, tall)
        drawing.put(line, x + name_w * 0.05, top + (tall - line.height) / 2, ink)
        for column in range(columns):
            back, front = cells[column]
            left = x + name_w + column * cell
            cv2.rectangle(drawing.pixels, (left, top), (left + cell - 2, top + tall - 2), back.tolist(), -1)
            score = set_line(digits(rng, 1, 2), face, height, rng).fitted(cell * 0.9, tall * 0.95)
            drawing.put(score, left + (cell - score.width) / 2, top + (tall - score.height) / 2, front)
    return drawing


def app(rng: np.random.Generator, wish: Wish) -> Drawing:
    """A screen of an app or a web page: bars, buttons, cards, words and numbers in several sizes."""
    height = min(wish.height, wish.tall / 4, wish.width / 9)
    ground, ink = pair(rng, dark_ground=0.4, faint=0.0)
    drawing = Drawing(plain((wish.tall, wish.width), ground))
    face = pick_face(rng, "AEIOUaeiou0123456789.,:%$-", ("sans", "sans", "condensed", "mono"))
    cv2.rectangle(drawing.pixels, (0, 0), (wish.width, int(height * 1.8)), colour(rng).tolist(), -1)
    y = height * rng.uniform(2.0, 2.6)
    while y + height * 2.2 < wish.tall:
        size = height * pick(rng, (0.7, 1.0, 1.0, 1.6))
        size = min(max(size, 6.5), height * 1.6)
        back, front = (ground, ink) if happens(rng, 0.6) else pair(rng, dark_ground=0.5, faint=0.0)
        tall = int(size * rng.uniform(1.7, 2.6))
        if back is not ground:
            cv2.rectangle(
                drawing.pixels,
                (int(height * 0.3), int(y)),
                (int(wish.width - height * 0.3), int(y + tall)),
                back.tolist(),
                -1,
            )
        left = set_line(word(rng, 2, 9) if happens(rng, 0.75) else company(rng), face, size, rng).fitted(
            wish.width * 0.55, tall
        )
        drawing.put(left, height * 0.6, y + (tall - left.height) / 2, front)
        if happens(rng, 0.7):
            right = set_line(pick(rng, (number, clock, company))(rng), face, size, rng).fitted(wish.width * 0.32, tall)
            drawing.put(right, wish.width - height * 0.6 - right.width, y + (tall - right.height) / 2, front)
        y += tall + height * rng.uniform(0.1, 0.8)
    return drawing


def captcha(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Digits and letters, each turned, raised and coloured by itself, behind lines and boxes."""
    text = (
        digits(rng, 4, 7)
        if happens(rng, 0.65)
        else "".join(pick(rng, "0123456789ABCDEFGHKMNPRTXYabdefhkmnr") for _ in range(6))
    )
    pitch = rng.uniform(0.75, 1.5)
    height = wish.fitting(len(text) * pitch + 0.5, 2.2)
    size = (len(text) * pitch * height, height * 1.8)
    shape, (x, y) = staged(rng, wish, *size, height * 0.2)
    drawing = Drawing(plain(shape, colour(rng, 190, 255)))
    if happens(rng, 0.5):
        drawing.pixels = np.ascontiguousarray(cv2.addWeighted(drawing.pixels, 0.7, photo(shape, rng), 0.3, 0))
    _scribbles(drawing, height, rng, int(rng.integers(0, 14)))
    found, shared = [], colour(rng, 0, 130)
    for place, char in enumerate(text):
        line = set_line(char, pick_face(rng, char, STYLED), height * rng.uniform(0.8, 1.1), rng)
        turned, characters = _turned(line, float(rng.normal(0, 0.3)))
        left, top = (
            x + (place + 0.5) * pitch * height - turned.shape[1] / 2,
            y + size[1] / 2 - turned.shape[0] / 2 + rng.normal(0, 0.15) * height,
        )
        drawing.stain(turned, int(left), int(top), colour(rng, 0, 150) if happens(rng, 0.6) else shared)
        found.append(characters.moved(int(left), int(top)))
    joined = Characters.joined(found)
    joined.boxes[:, 2] = joined.boxes[:, 2].mean()  # one line, one height
    links = Characters.of(joined.boxes.tolist(), text)
    drawing.parts.append(Characters(joined.boxes, joined.kinds, links.following))
    _scribbles(drawing, height, rng, int(rng.integers(0, 6)))
    return drawing


def _turned(line: Line, angle: float) -> tuple[np.ndarray, Characters]:
    """A line turned about its middle on a canvas that holds it."""
    tall, wide = line.ink.shape
    side = int(np.hypot(tall, wide)) + 2
    matrix = cv2.getRotationMatrix2D((wide / 2, tall / 2), -np.degrees(angle), 1.0)
    matrix[:, 2] += [(side - wide) / 2, (side - tall) / 2]
    full = np.vstack([matrix, [0, 0, 1]])
    return cv2.warpAffine(line.ink, matrix, (side, side)), line.characters.warped(full)


def _scribbles(drawing: Drawing, height: float, rng: np.random.Generator, count: int) -> None:
    """Thin lines, corners and arcs in colours of their own."""
    for _ in range(count):
        start = (rng.uniform(0, 1, 2) * [drawing.width, drawing.height]).astype(int)
        shade, thick = colour(rng, 0, 190).tolist(), max(int(height * between(rng, 0.01, 0.06)), 1)
        reach = (rng.normal(0, 1, 2) * height * between(rng, 0.3, 4)).astype(int)
        corner = start + reach * [1, 0]
        if happens(rng, 0.5):
            cv2.polylines(
                drawing.pixels, [np.array([start, corner, corner + reach * [0, 1]], np.int32)], False, shade, thick
            )
        else:
            cv2.line(drawing.pixels, start.tolist(), (start + reach).tolist(), shade, thick, cv2.LINE_AA)
