"""Tags and stamps: prices, expiry dates."""

from __future__ import annotations

import numpy as np

from train.scenes.canvas.drawing import Drawing
from train.scenes.canvas.wish import Wish, staged
from train.scenes.grounds.colours import Colour, colour, pair, paper
from train.scenes.grounds.textures import sheet
from train.scenes.letters import effects
from train.scenes.letters.chance import between, happens, pick
from train.scenes.letters.characters import Characters
from train.scenes.letters.content import date, digits, price
from train.scenes.letters.typeset import PRINTED, WRITTEN, pick_face, set_line
from train.scenes.letters.words import word

from .prints import printed_line


def expiry(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Dates and lots of an inkjet or stamp on a pack."""
    count = int(rng.integers(1, 4))
    texts = []
    for _ in range(count):
        head = pick(rng, ("", "EXP ", "EXP: ", "MFD : ", "BB ", "LOT ", "L", "MFG ", "MHD ", "Best before "))
        texts.append(
            head
            + (date(rng) if happens(rng, 0.7) else digits(rng, 4, 9))
            + (" " + digits(rng, 2, 2) + ":" + digits(rng, 2, 2) if happens(rng, 0.15) else "")
        )
    height = wish.fitting(max(map(len, texts)) * 0.62, count * 1.6)
    dots = happens(rng, 0.6) and height > 11
    styles = ("mono", "counter") if dots else ("mono", "counter", "condensed", "sans", "typewriter")
    face = pick_face(rng, "".join(texts), styles)
    mono, squeeze, tracking = rng.uniform(0.7, 0.95), between(rng, 0.75, 1.3), rng.uniform(0, 0.12)
    ground, ink = paper(rng) if happens(rng, 0.6) else colour(rng, 120, 255), np.full(3, rng.uniform(0, 80), np.float32)
    lines = []
    for text in texts:
        line = set_line(text, face, height, rng, mono=mono if dots else 0, squeeze=squeeze, tracking=tracking)
        line = line.fitted(0.95 * wish.width, 0.9 * wish.tall / count)
        lines.append(
            effects.dotted(line, int(rng.integers(7, 10)), rng, fill=rng.uniform(0.7, 1.1), jitter=True)
            if dots
            else line
        )
    gap = height * rng.uniform(0.2, 0.7)
    shape, (x, y) = staged(
        rng, wish, max(line.width for line in lines), sum(line.height + gap for line in lines), height
    )
    drawing = Drawing(sheet(shape, ground, rng))
    for line in lines:
        drawing.put(line, x, y, ink)
        y += int(line.height + gap)
    return drawing


def price_tag(rng: np.random.Generator, wish: Wish) -> Drawing:
    """A price with large units and small cents, a currency, words about the goods."""
    style = pick(rng, ("sans", "condensed", "display", "sans", "handwriting"))
    whole, cents = digits(rng, 1, 3), digits(rng, 2, 2)
    height = wish.fitting(len(whole) * 0.65 + 1.4, 2.0)
    face = pick_face(rng, whole + cents + "$€.,", (style,))
    squeeze = between(rng, 0.6, 1.1)
    main = set_line(whole + pick(rng, ("", "", ".", ",")), face, height, rng, squeeze=squeeze)
    small = set_line(cents, face, height * rng.uniform(0.4, 0.75), rng, squeeze=squeeze)
    sign = set_line(pick(rng, "$€£"), face, height * rng.uniform(0.35, 1.0), rng)
    gap = height * rng.uniform(0.03, 0.15)
    front = happens(rng, 0.5)
    parts = [(sign, 0.0), (main, 0.0)] if front else [(main, 0.0)]
    width = sum(part.width + gap for part, _ in parts) + small.width + (0 if front else sign.width * happens(rng, 0.6))
    words = [word(rng) for _ in range(int(rng.integers(0, 4)))]
    ground, ink = pair(rng, dark_ground=0.15, faint=0.05)
    if happens(rng, 0.4):
        ground = pick(
            rng,
            (np.array([40, 230, 250]), np.array([255, 255, 255]), np.array([60, 80, 240]), np.array([50, 220, 190])),
        ).astype(np.float32)
        ink = np.full(3, rng.uniform(0, 40), np.float32)
    shape, (x, y) = staged(rng, wish, width, height * 1.7, height * 0.3)
    drawing = Drawing(sheet(shape, ground, rng))
    numbers = []
    for part, lower in parts:
        drawing.stain(part.ink, int(x), int(y + lower), ink)
        numbers.append(part.characters.moved(int(x), int(y + lower)))
        x += int(part.width + gap)
    drawing.stain(small.ink, int(x), int(y), ink)
    numbers.append(small.characters.moved(int(x), int(y)))
    drawing.parts += numbers[:-2]
    drawing.parts.append(Characters.joined(numbers[-2:]).chained())
    if not front:
        drawing.put_free(sign.fitted(small.width, height * 0.4), x, y + height * 0.6, ink)
    _footnotes(drawing, words, y + height * 1.25, height, ink, rng)
    return drawing


def _footnotes(
    drawing: Drawing, words: list[str], y: float, height: float, ink: Colour, rng: np.random.Generator
) -> None:
    """Small print below."""
    if not words:
        return
    text = " ".join(words) + (" " + price(rng) if happens(rng, 0.3) else "")
    small = max(height * rng.uniform(0.12, 0.3), 5.0)
    line = printed_line(text, small, rng, (*PRINTED, *WRITTEN)).fitted(0.96 * drawing.width, 0.96 * drawing.height)
    drawing.put_free(line, rng.uniform(0, drawing.width - line.width), y, ink)
