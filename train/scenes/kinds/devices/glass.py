"""What stands around the digits of a display: housing, glass, bloom, units, small pictures."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from train.scenes.canvas.drawing import Drawing
from train.scenes.canvas.wish import Wish
from train.scenes.grounds.colours import Colour, colour
from train.scenes.grounds.photos import surface
from train.scenes.grounds.symbols import symbol
from train.scenes.grounds.textures import gradient, noise, plain, shaded
from train.scenes.letters.chance import between, happens, pick
from train.scenes.letters.typeset import PRINTED, pick_face, set_line
from train.scenes.letters.words import word

Window = tuple[int, int, int, int]
"""Left, top, right, bottom of the glass, pixels."""

_UNITS: Final = (
    "kWh", "km", "g", "kg", "V", "A", "°C", "mmHg", "m3", "%", "LITRES", "GALLONS", "TOTAL", "THIS SALE $", "ODO", "AM",
    "PM", "SYS", "DIA", "mmol/L", "Hz", "h", "min", "TRIP", "F", "E",
)  # fmt: skip


def housing(
    shape: tuple[int, int],
    content: tuple[int, int, int, int],
    height: float,
    ground: Colour,
    rng: np.random.Generator,
    wish: Wish,
) -> tuple[Drawing, Window]:
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


def bloom(
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


def around(drawing: Drawing, window: Window, height: float, ink: Colour, rng: np.random.Generator) -> None:
    """A unit on the glass beside or below the digits, or a word on the front."""
    if not happens(rng, 0.45):
        return
    left, _, right, bottom = window
    unit = word(rng, 2, 8) if happens(rng, 0.1) else pick(rng, _UNITS)
    size = max(height * rng.uniform(0.18, 0.5), 5.0)
    line = set_line(unit, pick_face(rng, unit, PRINTED), size, rng)
    if happens(rng, 0.5) and bottom + line.height < drawing.height:
        row, column = min(bottom + 2, drawing.height - 1), min(max(left, 0), drawing.width - 1)
        shade = np.full(3, 240 if drawing.pixels[row, column].mean() < 110 else 25, np.float32)
        x = rng.uniform(max(left, 0), max(min(right, drawing.width) - line.width, max(left, 0) + 1))
        drawing.put_free(line, x, bottom + (drawing.height - bottom - line.height) * rng.uniform(0.05, 0.6), shade)
        return
    place = min(right, drawing.width) - line.width - 2, min(bottom, drawing.height) - line.height - 2
    drawing.put_free(line, *place, ink)


def symbols(drawing: Drawing, window: Window, height: float, ink: Colour, rng: np.random.Generator) -> None:
    """Small pictures on the glass, above or left of the digits, where there is room."""
    left, top = window[:2]
    boxes = drawing.characters.boxes
    first, highest = float((boxes[:, 0] - boxes[:, 3] / 2).min()), float((boxes[:, 1] - boxes[:, 2] / 2).min())
    size = int(height * rng.uniform(0.15, 0.5))
    for place in range(int(rng.integers(1, 4))):
        x, y = max(left, 0) + size * 0.3, highest + place * size * 1.3
        if size > 4 and x + size < first:
            drawing.stain(symbol(size, rng), int(x), int(y), ink)
        elif size > 4 and max(top, 0) + size * 1.2 < highest:
            drawing.stain(symbol(size, rng), int(first + place * size * 2), int(max(top, 0) + size * 0.1), ink)
