"""Seven-segment and dot-matrix displays: LED, LCD, lit from behind, with what stands around the digits."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from train.scenes.canvas.drawing import Drawing
from train.scenes.canvas.wish import Wish, staged
from train.scenes.letters import effects
from train.scenes.letters.chance import happens, pick
from train.scenes.letters.content import clock, digits, within
from train.scenes.letters.segments import Digits7, segment_line
from train.scenes.letters.typeset import Line, pick_face, set_line
from train.scenes.letters.words import word

from .glass import around, bloom, housing, symbols

_LAMPS: Final = (
    (40, 40, 255),
    (40, 60, 255),
    (60, 255, 60),
    (255, 150, 60),
    (255, 80, 30),
    (40, 170, 255),
    (255, 255, 255),
)
_LCD_GROUNDS: Final = (
    (150, 172, 160), (140, 165, 150), (165, 185, 190), (90, 150, 130), (190, 205, 205),
    (40, 200, 60), (230, 180, 60), (60, 150, 250), (250, 210, 200), (220, 225, 225),
)  # fmt: skip


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
    """Lit digits on black, with bloom, in a window of some device; often too bright for the camera."""
    text = within(rng, display_text, wish.columns)
    line, off, height = _display_line(rng, wish, text)
    lamp = np.array(pick(rng, _LAMPS), np.float32) * rng.uniform(0.7, 1.0)
    if happens(rng, 0.2):
        line = effects.dotted(line, int(rng.integers(7, 18)), rng, fill=rng.uniform(0.7, 0.95))
    overexposed = happens(rng, 0.3)
    dark = np.clip(lamp * rng.uniform(0.0, 0.35 if overexposed else 0.12) + rng.uniform(0, 30), 0, 255)
    shape, (x, y) = staged(rng, wish, line.width, line.height, height * 0.45)
    drawing, window = housing(shape, (x, y, line.width, line.height), height, dark, rng, wish)
    if happens(rng, 0.5):
        unlit = np.clip(lamp * 0.5 + 60, 0, 255) if overexposed else np.clip(lamp * 0.6 + 20, 0, 255)
        drawing.stain(cv2.convertScaleAbs(off, alpha=rng.uniform(0.05, 0.3)), x, y, unlit)
    bloom(drawing, line.ink, x, y, lamp, height, rng)
    if overexposed:
        bloom(drawing, line.ink, x, y, lamp, height * 2, rng)
    white = rng.uniform(150, 255) if overexposed else rng.uniform(0, 200) * happens(rng, 0.4)
    drawing.put(line, x, y, np.minimum(lamp + white, 255))
    label = np.clip(lamp, 60, 255) if happens(rng, 0.5) else np.full(3, 210, np.float32)
    around(drawing, window, height, label, rng)
    return drawing


def lcd(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Dark digits on a grey, green or lit ground, or light ones on a dark one; low contrast, shadows, ghosts."""
    text = within(rng, display_text, wish.columns)
    line, off, height = _display_line(rng, wish, text)
    ground = np.array(pick(rng, _LCD_GROUNDS), np.float32) * rng.uniform(0.45, 1.0)
    ground = np.clip(ground + rng.normal(0, 12, 3), 0, 255).astype(np.float32)
    contrast = rng.uniform(0.25, 0.6) if happens(rng, 0.3) else rng.uniform(0.6, 0.95)
    ink = ground * (1 - contrast) + np.array([rng.uniform(0, 40), rng.uniform(0, 15), 0])
    if happens(rng, 0.2):
        ground, ink = ink * 0.6, np.clip(ground * 1.3, 0, 255)
    shape, (x, y) = staged(rng, wish, line.width, line.height, height * 0.5)
    drawing, window = housing(shape, (x, y, line.width, line.height), height, ground, rng, wish)
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
    if happens(rng, 0.3):
        symbols(drawing, window, height, ink, rng)
    around(drawing, window, height, ink, rng)
    return drawing


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
    drawing, _ = housing(shape, (x, y, line.width, line.height), height, ground, rng, wish)
    if lit and happens(rng, 0.7):
        bloom(drawing, line.ink, x, y, lamp, height * 0.5, rng)
    drawing.put(line, x, y, np.minimum(ink + (rng.uniform(0, 120) if lit else 0), 255))
    return drawing
