"""Plates: licence plates, containers, house and room numbers, lift buttons, stencils, embossed cards."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from train.scenes.canvas.drawing import Drawing
from train.scenes.canvas.wish import Wish, staged
from train.scenes.grounds.colours import Colour, colour, pair
from train.scenes.grounds.photos import photo, surface
from train.scenes.grounds.symbols import symbol
from train.scenes.grounds.textures import gradient, noise, shaded
from train.scenes.kinds.paper.prints import lay, relief
from train.scenes.letters import effects
from train.scenes.letters.chance import between, happens, pick
from train.scenes.letters.characters import Characters
from train.scenes.letters.content import code, digits, plain, short, within
from train.scenes.letters.typeset import Line, pick_face, set_line
from train.scenes.letters.words import word

_PLATES: Final = ((245, 245, 245), (60, 200, 245), (250, 240, 225))  # white, yellow, bluish
_PLATE_INKS: Final = ((20, 20, 20), (130, 40, 20), (60, 110, 20))


def licence_plate(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Letters and digits in a bold narrow face, a rim, a band or an emblem."""
    text = _registration(rng)
    height = wish.fitting(len(text) * 0.6 + 1.0, 1.9)
    face, squeeze = pick_face(rng, text, ("counter", "condensed", "sans", "counter")), between(rng, 0.6, 1.0)
    line = set_line(
        text, face, height, rng, tracking=rng.uniform(0.03, 0.15), squeeze=squeeze, space=rng.uniform(0.4, 1.1)
    ).fitted(0.8 * wish.width, 0.7 * wish.tall)
    height = float(line.characters.boxes[0, 2])
    ground = colour(rng, 150, 255) if happens(rng, 0.25) else np.array(pick(rng, _PLATES), np.float32)
    ink = np.array(pick(rng, _PLATE_INKS), np.float32)
    if happens(rng, 0.15):
        ground, ink = ink, ground
    edge, band = height * rng.uniform(0.15, 0.4), height * 0.6 * happens(rng, 0.35)
    wide, tall = int(line.width + 2 * edge + band), int(line.height + 2 * edge)
    shape, (x, y) = staged(rng, wish, wide, tall, height * 0.05)
    drawing = Drawing(photo(shape, rng) if wish.fill else surface(shape, colour(rng, 10, 120), rng))
    even = gradient((tall, wide), ground, ground * np.float32(0.85), rng)
    drawing.paste(Drawing(surface((tall, wide), ground, rng) if happens(rng, 0.3) else even), x, y)
    if band:
        cv2.rectangle(drawing.pixels, (x, y), (int(x + band), y + tall), (180, 60, 20), -1)
    if happens(rng, 0.7):
        cv2.rectangle(drawing.pixels, (x, y), (x + wide, y + tall), ink.tolist(), max(int(height * 0.05), 1))
    left, top = x + band + edge, y + edge
    if happens(rng, 0.3):  # pressed out of the metal
        soft = cv2.convertScaleAbs(cv2.GaussianBlur(line.ink, (0, 0), max(height * 0.03, 0.5)), alpha=0.5)
        drawing.stain(soft, int(left + height * 0.03), int(top + height * 0.03), ground * np.float32(0.4))
    drawing.put(line, left, top, ink)
    if happens(rng, 0.4):
        _emblem(drawing, line, (left, top), height, rng)
    return drawing


def _registration(rng: np.random.Generator) -> str:
    """One to three letters and one to five digits, in one of the usual orders."""
    letters, number = word(rng, 1, 3, upper=True), digits(rng, 1, 5)
    groups = [letters, number] if happens(rng, 0.6) else [letters, word(rng, 1, 2, upper=True), number]
    if happens(rng, 0.3):
        groups = groups[::-1] if happens(rng, 0.5) else [digits(rng, 1, 2), *groups]
    return pick(rng, (" ", " ", "-", "")).join(groups)


def _emblem(drawing: Drawing, line: Line, corner: tuple[float, float], height: float, rng: np.random.Generator) -> None:
    """A round seal in the widest gap, as large as the gap allows."""
    boxes = line.characters.boxes
    lefts, rights = boxes[1:, 0] - boxes[1:, 3] / 2, boxes[:-1, 0] + boxes[:-1, 3] / 2
    gaps = lefts - rights
    if len(gaps) and gaps.max() > height * 0.25:
        place = int(gaps.argmax())
        x, y = corner[0] + (lefts[place] + rights[place]) / 2, corner[1] + boxes[0, 1]
        cv2.circle(
            drawing.pixels, (int(x), int(y)), int(gaps[place] * 0.42), colour(rng, 90, 230).tolist(), -1, cv2.LINE_AA
        )


def container(rng: np.random.Generator, wish: Wish) -> Drawing:
    """White or black on ribbed metal, the check digit in a frame; along the line or one below the other."""
    upright = happens(rng, 0.35)
    parts = [word(rng, 4, 4, upper=True), digits(rng, 6, 6), digits(rng, 1, 1)]
    parts = parts[int(happens(rng, 0.3)) :]
    count = sum(map(len, parts))
    height = wish.fitting(1.6, count * 1.25) if upright else wish.fitting(count * 0.85 + 1, 2.6)
    face = pick_face(rng, "".join(parts), ("sans", "condensed", "stencil", "counter"))
    ground = colour(rng, 40, 200)
    ink = np.full(3, rng.uniform(200, 250) if ground.mean() < 150 else 25, np.float32)
    step = height * (1.22 if upright else rng.uniform(0.75, 1.0))
    size = (
        (height * 1.1, step * count + height * 0.4)
        if upright
        else (step * (count + len(parts) - 1) + height * 0.4, height * 1.1)
    )
    shape, (x, y) = staged(rng, wish, *size, height * 0.4)
    base = surface(shape, ground, rng)
    ribs = (np.sin(np.arange(shape[1]) / (height * rng.uniform(0.15, 0.8))) * rng.uniform(0, 30) + 128).astype(np.uint8)
    drawing = Drawing(shaded(base, np.repeat(ribs[None, :], shape[0], axis=0), 1.0))
    at = 0.0
    for number, part in enumerate(parts):
        found = []
        for char in part:
            line = set_line(char, face, height, rng)
            left, top = (x + (height - line.width) / 2, y + at) if upright else (x + at + (step - line.width) / 2, y)
            drawing.stain(line.ink, int(left), int(top), ink)
            found.append(line.characters.moved(int(left), int(top)))
            at += step
        group = Characters.joined(found)
        drawing.parts.append(group if part.isalpha() and upright else group.chained() if len(found) > 1 else group)
        if number == len(parts) - 1 and happens(rng, 0.7):
            _check_frame(drawing, found[-1], ink, height)
        at += 0 if upright else step * 0.6
    return drawing


def _check_frame(drawing: Drawing, last: Characters, ink: Colour, height: float) -> None:
    """The box around a container's check digit."""
    x, y, tall, wide, _ = last.boxes[0]
    reach = np.array([wide / 2, tall / 2]) + height * 0.18
    start, stop = (np.array([x, y]) - reach).astype(int).tolist(), (np.array([x, y]) + reach).astype(int).tolist()
    cv2.rectangle(drawing.pixels, start, stop, ink.tolist(), max(int(height * 0.07), 1))


def room_sign(rng: np.random.Generator, wish: Wish) -> Drawing:
    """House, room, bus and floor numbers on a plate, in a ring, on a button, as loose metal digits on a wall."""
    text = pick(
        rng,
        (
            short(rng),
            short(rng),
            short(rng) + pick(rng, "ABCabc"),
            short(rng) + "-" + short(rng),
            "No. " + short(rng),
            code(rng),
            word(rng, 3, 6) + " " + short(rng),
        ),
    )
    height = wish.fitting(len(text) * 0.65 + 1.0, 2.4)
    line = set_line(
        text, pick_face(rng, text, ("sans", "serif", "display", "condensed", "stencil", "script")), height, rng
    ).fitted(0.75 * wish.width, 0.75 * wish.tall)
    height = float(line.characters.boxes[0, 2])
    ground, ink = pair(rng, dark_ground=0.5, faint=0.1)
    shape, (x, y) = staged(rng, wish, line.width + height, line.height + height, height * 0.15)
    style = pick(rng, ("plate", "plate", "round", "ring", "loose", "button"))
    drawing = Drawing(
        photo(shape, rng) if wish.fill and happens(rng, 0.5) else surface(shape, colour(rng, 30, 240), rng)
    )
    if not wish.fill and style in ("plate", "loose"):
        drawing = Drawing(surface(shape, ground, rng))
    elif style != "loose":
        _sign(drawing, (x, y, int(line.width + height), int(line.height + height)), style, ground, ink, height, rng)
    if happens(rng, 0.2):
        sign = symbol(max(int(height * rng.uniform(0.5, 1.0)), 5), rng)
        drawing.stain(sign, x + int(height * 0.35) - sign.shape[0], y + int(height * 0.5), ink)
    if style == "loose" and wish.fill:
        relief(drawing, line, x + height / 2, y + height / 2, ground, rng)
        drawing.stain(
            line.ink, int(x + height / 2), int(y + height / 2), gradient(line.ink.shape[:2], ink, colour(rng), rng)
        )
    else:
        lay(drawing, line, x + height / 2, y + height / 2, ink, ground, rng)
    return drawing


def _sign(
    drawing: Drawing,
    box: tuple[int, int, int, int],
    style: str,
    ground: Colour,
    ink: Colour,
    height: float,
    rng: np.random.Generator,
) -> None:
    """The plate, disc or button."""
    x, y, wide, tall = box
    thick = max(int(height * rng.uniform(0.03, 0.15)), 1)
    if style == "plate":
        pad = int(height * 0.1)
        drawing.paste(Drawing(surface((tall + 2 * pad, wide + 2 * pad), ground, rng)), x - pad, y - pad)
        if happens(rng, 0.5):
            cv2.rectangle(drawing.pixels, (x, y), (x + wide, y + tall), ink.tolist(), thick, cv2.LINE_AA)
        return
    centre, radius = (x + wide // 2, y + tall // 2), int(np.hypot(wide - height * 0.6, tall - height * 0.6) / 2)
    cv2.circle(drawing.pixels, centre, radius, ground.tolist(), -1, cv2.LINE_AA)
    if style in ("ring", "button"):
        rim = np.minimum(ink * 0.5 + 128, 255) if style == "button" else ink
        cv2.circle(drawing.pixels, centre, radius, rim.tolist(), thick, cv2.LINE_AA)


def stencil(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Sprayed through a stencil on concrete, wood or metal."""
    text = within(rng, pick(rng, (plain, code, short)), wish.columns)
    height = wish.fitting(len(text) * 0.75, 1.6)
    line = set_line(
        text, pick_face(rng, text, ("stencil", "stencil", "sans")), height, rng, tracking=rng.uniform(0, 0.15)
    ).fitted(0.95 * wish.width, 0.9 * wish.tall)
    height = float(line.characters.boxes[0, 2])
    ink = line.ink
    if happens(rng, 0.3):
        ink = effects.stencilled(ink, rng, height)
    ink = effects.worn(ink, noise(ink.shape[:2], rng, pick(rng, (1.0, 2.5, 7.0))), rng.uniform(0.1, 0.8))
    ground, paint = pair(rng, dark_ground=0.5)
    shape, (x, y) = staged(rng, wish, line.width, line.height, height * 0.4)
    drawing = Drawing(
        photo(shape, rng)
        if happens(rng, 0.25) and abs(ground.mean() - paint.mean()) > 90
        else surface(shape, ground, rng)
    )
    if happens(rng, 0.4):  # paint beside the stencil
        soft = cv2.GaussianBlur(ink, (0, 0), height * 0.08)
        drawing.stain(cv2.convertScaleAbs(soft, alpha=rng.uniform(0.1, 0.4)), x, y, paint)
    drawing.put(Line(ink, line.characters), x, y, paint)
    return drawing


def card(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Embossed or engraved groups of digits, in the ground's own colour or with worn metal on top."""
    text = (
        " ".join(digits(rng, 4, 4) for _ in range(int(rng.integers(1, 5)))) if happens(rng, 0.6) else digits(rng, 2, 8)
    )
    height = wish.fitting(len(text) * 0.75, 2.0)
    face = pick_face(rng, text, ("counter", "mono", "counter", "sans"))
    line = set_line(text, face, height, rng, tracking=rng.uniform(0.05, 0.2)).fitted(0.95 * wish.width, 0.9 * wish.tall)
    ground = colour(rng, 50, 230)
    shape, (x, y) = staged(rng, wish, line.width, line.height, float(line.characters.boxes[0, 2]) * 0.6)
    drawing = Drawing(surface(shape, ground, rng))
    relief(drawing, line, x, y, ground, rng)
    return drawing
