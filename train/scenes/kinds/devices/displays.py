"""Seven-segment and dot-matrix displays: LED, LCD, lit from behind, with what stands around the digits."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from train.scenes.canvas.drawing import Drawing
from train.scenes.canvas.wish import Wish, staged
from train.scenes.grounds.colours import Colour, colour
from train.scenes.grounds.photos import surface
from train.scenes.grounds.textures import gradient, noise, plain, shaded
from train.scenes.letters import effects
from train.scenes.letters.chance import between, happens, pick
from train.scenes.letters.content import clock, digits
from train.scenes.letters.segments import Digits7, segment_line
from train.scenes.letters.typeset import PRINTED, Line, pick_face, set_line
from train.scenes.letters.words import word

_LAMPS = (
    (40, 40, 255),
    (40, 60, 255),
    (60, 255, 60),
    (255, 150, 60),
    (255, 80, 30),
    (40, 170, 255),
    (255, 255, 255),
    (220, 255, 60),
)
_LCD_GROUNDS = (
    (150, 172, 160),
    (140, 165, 150),
    (165, 185, 190),
    (90, 150, 130),
    (190, 205, 205),
    (40, 200, 60),
    (230, 180, 60),
    (60, 150, 250),
    (250, 210, 200),
    (220, 225, 225),
)


def display_text(rng: np.random.Generator) -> str:
    """What displays show; ``_`` is an empty cell."""
    chance = rng.random()
    if chance < 0.35:
        whole = digits(rng, 1, 4)
        text = whole + "." + digits(rng, 1, 3)
    elif chance < 0.62:
        text = digits(rng, 1, 6)
    elif chance < 0.8:
        text = "".join(char for char in clock(rng) if char in "0123456789:.")
    elif chance < 0.88:
        text = "-" + digits(rng, 1, 3) + ("." + digits(rng, 1, 1) if happens(rng, 0.5) else "")
    elif chance < 0.92:
        text = digits(rng, 1, 2) + "_" + digits(rng, 2, 2)
    elif chance < 0.96:
        text = pick(
            rng,
            (
                "Err",
                "E" + digits(rng, 1, 2),
                "OFF",
                "HELP",
                "LO",
                "HI",
                "On",
                "donE",
                "Auto",
                "F" + digits(rng, 1, 2),
                "P" + digits(rng, 1, 2),
            ),
        )
        text = text.replace("O", "0").replace("o", "n").replace("I", "H").replace("0", "U") if text.isalpha() else text
        text = "".join(char for char in text if char in "0123456789ELPHCFAUbdnrthuJc")
    else:
        text = digits(rng, 3, 4) + " " + digits(rng, 2, 3)
    lead = "_" * int(rng.integers(1, 3)) if happens(rng, 0.3) else ""
    return lead + text


def _display_line(
    rng: np.random.Generator, wish: Wish, text: str, share: float = 0.55
) -> tuple[Line, NDArray[np.uint8], float]:
    """The lit line, what is unlit, the height of the digits."""
    if happens(rng, 0.22) and "_" not in text:
        height = wish.fitting(len(text) * 0.85, 1 / share)
        line = set_line(text, pick_face(rng, text, ("segment",)), height, rng, tracking=rng.uniform(-0.05, 0.1))
        line = line.fitted(0.9 * wish.width, 0.9 * wish.tall)
        return line, np.zeros_like(line.ink), height
    build = Digits7.draw(rng)
    cells = sum(char not in ".," for char in text) * build.pitch + 0.3
    height = wish.fitting(cells / 0.95, 1 / share)
    line, off = segment_line(text, height, rng, build)
    return line, off, height


def led(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Lit digits on black, with bloom, in a window of some device."""
    text = display_text(rng)
    line, off, height = _display_line(rng, wish, text)
    lamp = np.array(pick(rng, _LAMPS), np.float32) * rng.uniform(0.7, 1.0)
    if happens(rng, 0.2):
        line = effects.dotted(line, int(rng.integers(7, 18)), rng, fill=rng.uniform(0.7, 0.95))
    dark = np.clip(lamp * rng.uniform(0.0, 0.15) + rng.uniform(0, 30), 0, 255)
    shape, (x, y) = staged(rng, wish, line.width, line.height, height * 0.45)
    drawing, window = _housing(shape, (x, y, line.width, line.height), height, dark, rng, wish)
    if happens(rng, 0.4):
        drawing.stain(cv2.convertScaleAbs(off, alpha=rng.uniform(0.05, 0.3)), x, y, np.clip(lamp * 0.6 + 20, 0, 255))
    _bloom(drawing, line.ink, x, y, lamp, height, rng)
    core = np.minimum(lamp + rng.uniform(60, 240) * happens(rng, 0.5), 255)
    drawing.put(line, x, y, core)
    _around(drawing, window, height, np.clip(lamp, 60, 255) if happens(rng, 0.5) else np.full(3, 210, np.float32), rng)
    return drawing


def _bloom(
    drawing: Drawing, ink: NDArray[np.uint8], x: int, y: int, lamp: Colour, height: float, rng: np.random.Generator
) -> None:
    """Light that runs over the edges."""
    sigma = height * between(rng, 0.02, 0.16)
    pad = int(sigma * 2) + 1
    padded = cv2.copyMakeBorder(ink, pad, pad, pad, pad, cv2.BORDER_CONSTANT)
    factor = max(int(sigma / 3), 1)
    small = cv2.resize(padded, None, fx=1 / factor, fy=1 / factor, interpolation=cv2.INTER_AREA)
    glow = cv2.resize(cv2.GaussianBlur(small, (0, 0), sigma / factor), padded.shape[::-1])
    drawing.stain(cv2.convertScaleAbs(glow, alpha=rng.uniform(0.3, 1.2)), x - pad, y - pad, lamp)


def lcd(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Dark digits on a grey, green or lit ground, or light ones on a dark one; low contrast, shadows, ghosts."""
    text = display_text(rng)
    line, off, height = _display_line(rng, wish, text)
    ground = np.array(pick(rng, _LCD_GROUNDS), np.float32) * rng.uniform(0.45, 1.0)
    ground = np.clip(ground + rng.normal(0, 12, 3), 0, 255).astype(np.float32)
    contrast = rng.uniform(0.25, 0.6) if happens(rng, 0.3) else rng.uniform(0.6, 0.95)
    ink = ground * (1 - contrast) + np.array([rng.uniform(0, 40), rng.uniform(0, 15), 0])
    if happens(rng, 0.2):
        ground, ink = ink * 0.6, np.clip(ground * 1.3, 0, 255)
    shape, (x, y) = staged(rng, wish, line.width, line.height, height * 0.5)
    drawing, window = _housing(shape, (x, y, line.width, line.height), height, ground, rng, wish)
    if happens(rng, 0.45):
        drawing.stain(cv2.convertScaleAbs(off, alpha=rng.uniform(0.03, 0.22)), x, y, ink)
    if happens(rng, 0.5):  # the shadow on the mirror behind
        step = height * rng.uniform(0.015, 0.07)
        drawing.stain(
            cv2.convertScaleAbs(cv2.GaussianBlur(line.ink, (0, 0), max(step * 0.4, 0.5)), alpha=rng.uniform(0.1, 0.4)),
            int(x + step),
            int(y + step),
            ink,
        )
    drawing.put(line, x, y, ink)
    _around(drawing, window, height, ink, rng)
    return drawing


def _housing(
    shape: tuple[int, int],
    content: tuple[int, int, int, int],
    height: float,
    ground: Colour,
    rng: np.random.Generator,
    wish: Wish,
) -> tuple[Drawing, tuple[int, int, int, int]]:
    """The device's front and the window of its display; gives the window as left, top, right, bottom."""
    x, y, width, tall = content
    margin_x, margin_y = height * rng.uniform(0.1, 0.7), height * rng.uniform(0.08, 0.45)
    left, top = int(x - margin_x), int(y - margin_y)
    right, bottom = int(x + width + margin_x), int(y + tall + margin_y)
    if wish.fill and happens(rng, 0.35):
        left, top, right, bottom = -9, -9, shape[1] + 9, shape[0] + 9
    front = colour(rng, 20, 240)
    drawing = Drawing(surface(shape, front, rng))
    glass = np.clip(ground * rng.uniform(0.75, 1.2), 0, 255).astype(np.float32)
    inner = (
        gradient((bottom - top, right - left), ground.astype(np.float32), glass, rng)
        if happens(rng, 0.7)
        else plain((bottom - top, right - left), ground)
    )
    if happens(rng, 0.3):
        inner = shaded(inner, noise(inner.shape[:2], rng, 24.0), rng.uniform(0.05, 0.4))
    rim = int(height * rng.uniform(0, 0.14))
    if rim:
        shade = front * rng.uniform(0.2, 0.8) if happens(rng, 0.7) else np.minimum(front * 1.5, 255)
        cv2.rectangle(drawing.pixels, (left - rim, top - rim), (right + rim, bottom + rim), shade.tolist(), -1)
    drawing.paste(Drawing(inner), left, top)
    if happens(rng, 0.5):  # the shadow of the frame on the glass
        depth = max(int(height * rng.uniform(0.03, 0.15)), 1)
        under, _ = drawing.part(left, top, right - left, depth)
        under[:] = cv2.convertScaleAbs(under, alpha=rng.uniform(0.4, 0.85)) if under.size else under
    return drawing, (left, top, right, bottom)


def _around(
    drawing: Drawing, window: tuple[int, int, int, int], height: float, ink: Colour, rng: np.random.Generator
) -> None:
    """A unit on the glass, words on the front, and small symbols."""
    left, top, right, bottom = window
    if happens(rng, 0.45):
        unit = pick(
            rng,
            (
                "kWh",
                "km",
                "g",
                "kg",
                "V",
                "A",
                "°C",
                "mmHg",
                "m3",
                "%",
                "LITRES",
                "GALLONS",
                "THIS SALE $",
                "TOTAL",
                "ODO",
                "AM",
                "PM",
                "SYS",
                "mmol/L",
                "Hz",
                "h",
                "min",
                word(rng, 2, 8),
            ),
        )
        size = max(height * rng.uniform(0.18, 0.5), 5.0)
        line = set_line(unit, pick_face(rng, unit, PRINTED), size, rng)
        below = happens(rng, 0.5) and bottom + line.height < drawing.height
        if below:
            front = drawing.pixels[min(bottom + 2, drawing.height - 1), min(max(left, 0), drawing.width - 1)].astype(
                np.float32
            )
            shade = np.full(3, 240 if front.mean() < 110 else 25, np.float32)
            x = rng.uniform(max(left, 0), max(min(right, drawing.width) - line.width, max(left, 0) + 1))
            if x + line.width < drawing.width:
                drawing.put(line, x, bottom + (drawing.height - bottom - line.height) * rng.uniform(0.05, 0.6), shade)
            return
        place = min(right, drawing.width) - line.width - 2, min(bottom, drawing.height) - line.height - 2
        last = max((part.boxes[:, 0] + part.boxes[:, 3] / 2).max() for part in drawing.parts if len(part))
        lowest = max((part.boxes[:, 1] + part.boxes[:, 2] / 2).max() for part in drawing.parts if len(part))
        if place[0] > last + size * 0.15:
            drawing.put(line, *place, ink)
        elif place[1] > lowest + size * 0.2 and place[0] > 0:
            drawing.put(line, *place, ink)


def matrix(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Lamps in rows: buses, elevators, tickers; or the small dots of a text LCD."""
    text = pick(
        rng,
        (
            digits(rng, 1, 3),
            digits(rng, 1, 4),
            digits(rng, 1, 3) + " " + word(rng, 3, 8, upper=True),
            clock(rng),
            digits(rng, 1, 3) + "." + digits(rng, 1, 2),
        ),
    )
    height = wish.fitting(len(text) * 0.75, 1.9)
    face = pick_face(rng, text, ("mono", "pixel", "counter", "condensed"))
    rows = int(rng.integers(7, 15))
    line = set_line(text, face, max(height, 12), rng, tracking=rng.uniform(0.02, 0.15)).fitted(
        0.92 * wish.width, 0.92 * wish.tall
    )
    line = effects.dotted(line, rows, rng, fill=rng.uniform(0.6, 1.05))
    lit = happens(rng, 0.65)
    lamp = np.array(pick(rng, _LAMPS), np.float32) * rng.uniform(0.6, 1.0)
    ground = np.full(3, rng.uniform(5, 50), np.float32) if lit else np.array(pick(rng, _LCD_GROUNDS), np.float32)
    ink = lamp if lit else ground * rng.uniform(0.1, 0.5)
    shape, (x, y) = staged(rng, wish, line.width, line.height, height * 0.4)
    drawing, _ = _housing(shape, (x, y, line.width, line.height), height, ground, rng, wish)
    if lit and happens(rng, 0.7):
        _bloom(drawing, line.ink, x, y, lamp, height * 0.5, rng)
    drawing.put(line, x, y, np.minimum(ink + (rng.uniform(0, 120) if lit else 0), 255))
    return drawing
