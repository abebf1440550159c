"""Mechanical counters: digits on drums behind windows."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from train.datasets.glyph_bank import DIGIT_HEIGHT
from train.scenes.canvas.drawing import Drawing
from train.scenes.canvas.wish import Wish, staged
from train.scenes.grounds.colours import Colour, colour
from train.scenes.grounds.photos import surface
from train.scenes.grounds.textures import noise, plain, shaded
from train.scenes.letters.chance import between, happens, pick
from train.scenes.letters.characters import Characters
from train.scenes.letters.typeset import bank, pick_face, resized, set_line

_TURNED = 0.6  # of a turn, from which on a drum shows the next digit; before it stands the lower one


@dataclass(frozen=True)
class Build:
    """How a counter is made; lengths in heights of a digit."""

    face: int
    squeeze: float
    cell: float
    window: float
    pitch: float
    gap: float
    frames: bool
    paint: Colour
    drum: Colour
    last_paint: Colour
    last_drum: Colour
    decimals: int

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Build:
        """White on black, black on white, the last drums often in red or the other way round."""
        dark, light = rng.uniform(5, 60), rng.uniform(170, 250)
        tint = rng.uniform(0.85, 1.0, 3)
        paint, drum = np.full(3, light) * tint, np.full(3, dark) * rng.uniform(0.8, 1.1, 3)
        if happens(rng, 0.4):
            paint, drum = drum, paint
        red = np.array([rng.uniform(20, 70), rng.uniform(20, 60), rng.uniform(150, 230)])
        style = rng.random()
        last = (
            (paint, drum)
            if style < 0.35
            else (drum, paint)
            if style < 0.6
            else (np.full(3, light), red)
            if style < 0.8
            else (red, np.full(3, light))
        )
        window = rng.uniform(1.12, 1.75)
        return cls(
            face=pick_face(rng, "0123456789", ("counter", "sans", "condensed", "sans", "mono", "serif")),
            squeeze=between(rng, 0.7, 1.25),
            cell=rng.uniform(0.72, 1.25),
            window=window,
            pitch=max(window * rng.uniform(0.8, 1.15), 1.15),
            gap=rng.uniform(0.0, 0.12) if happens(rng, 0.5) else rng.uniform(0.1, 0.7),
            frames=happens(rng, 0.5),
            paint=paint.astype(np.float32),
            drum=drum.astype(np.float32),
            last_paint=last[0].astype(np.float32),
            last_drum=last[1].astype(np.float32),
            decimals=int(rng.integers(1, 4)),
        )


def turns(rng: np.random.Generator, count: int) -> tuple[list[int], list[float]]:
    """Digits of the drums and how far each has turned on to its next digit, 0 to 1; carries turn together."""
    digits = [0] * int(rng.integers(0, count)) if happens(rng, 0.5) else []
    digits += rng.integers(0, 10, count - len(digits)).tolist()
    offsets = np.clip(rng.normal(0, 0.035, count), -0.1, 0.1).tolist()
    if happens(rng, 0.55):
        offsets[-1] = float(rng.uniform(-0.1, 0.95))
        if happens(rng, 0.35):  # a carry in sight
            place = count - 1
            while place > 0 and happens(rng, 0.6):
                digits[place] = 9
                place -= 1
                offsets[place] = offsets[-1] * float(rng.uniform(0.7, 1.0))
    return digits, offsets


def counter(rng: np.random.Generator, wish: Wish) -> Drawing:
    """A row of drums on the front of a meter."""
    build = Build.draw(rng)
    count = int(rng.integers(4, 9)) if happens(rng, 0.85) else int(rng.integers(2, 5))
    count = min(count, max(int(wish.columns * 2), 2))
    height = wish.fitting(count * (build.cell + build.gap) + 0.5, build.window * 1.25)
    cell_w, cell_h, gap = max(int(build.cell * height), 4), max(int(build.window * height), 6), int(build.gap * height)
    width = count * (cell_w + gap) - gap
    shape, (x, y) = staged(rng, wish, width, cell_h, height * 0.5)
    front = colour(rng, 15, 245) if happens(rng, 0.6) else build.drum * np.float32(rng.uniform(0.6, 1.1))
    drawing = Drawing(surface(shape, front, rng))
    if happens(rng, 0.6):  # one dark slot behind all drums
        edge, shade = int(height * rng.uniform(0.02, 0.3)), (front * rng.uniform(0.1, 0.5)).tolist()
        cv2.rectangle(drawing.pixels, (x - edge, y - edge), (x + width + edge, y + cell_h + edge), shade, -1)
    digits, offsets = turns(rng, count)
    others = build.decimals if happens(rng, 0.6) and build.decimals < count else 0
    light, boxes = _roundness(cell_h, rng), []
    for place in range(count):
        left = x + place * (cell_w + gap)
        cell = _ground(build, (cell_h, cell_w), place >= count - others, rng)
        ink, (middle_x, middle_y, wide) = _drum(digits[place], offsets[place], build, height, (cell_h, cell_w), rng)
        cell.stain(ink, 0, 0, build.last_paint if place >= count - others else build.paint)
        rounded = cv2.multiply(cell.pixels, np.repeat(light, cell_w, axis=1), scale=1 / 128)
        drawing.paste(Drawing(rounded), left, y)
        boxes.append([middle_x + left, middle_y + y, height, wide, 0.0])
        if build.frames:
            _frame(drawing, (left, y, cell_w, cell_h), height, rng)
    read = [digit if offset < _TURNED else (digit + 1) % 10 for digit, offset in zip(digits, offsets, strict=True)]
    text = "".join(map(str, read))
    if others and gap > height * 0.12 and happens(rng, 0.5):
        boxes.insert(
            count - others, _comma(drawing, x + (count - others) * (cell_w + gap) - gap / 2, y + cell_h, height)
        )
        text = text[: count - others] + "," + text[count - others :]
    drawing.parts.append(Characters.of(boxes, text))
    if happens(rng, 0.03):
        _cover(drawing, int(rng.integers(len(text))), cell_w, (y, cell_h), rng)
    _marks(drawing, (x, y, width, cell_h), height, front, rng)
    return drawing


def _ground(build: Build, shape: tuple[int, int], last: bool, rng: np.random.Generator) -> Drawing:
    """A window without its digit."""
    cell = plain(shape, build.last_drum if last else build.drum)
    return Drawing(shaded(cell, noise(shape, rng, 7.0), rng.uniform(0.05, 0.3)) if happens(rng, 0.4) else cell)


def _drum(
    digit: int, offset: float, build: Build, height: float, shape: tuple[int, int], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], tuple[float, float, float]]:
    """The ink in one window, and the centre and width of the digit that is read there."""
    tall, wide = shape
    ink = np.zeros(shape, np.uint8)
    read = (wide / 2, tall / 2, height * 0.5)
    shift, scale = rng.normal(0, 0.02) * height, height / DIGIT_HEIGHT
    for step in (-1, 0, 1, 2):
        middle = tall / 2 + (step - offset) * build.pitch * height
        if not -height / 2 < middle < tall + height / 2:
            continue
        small = resized(bank().glyph(build.face, str((digit + step) % 10)), scale * build.squeeze, scale)
        if small.shape[1] > wide:
            small = cv2.resize(small, (wide, small.shape[0]), interpolation=cv2.INTER_AREA)
        left, top = int((wide - small.shape[1]) / 2 + shift), int(middle - small.shape[0] / 2)
        _maximum(ink, small, left, top)
        if step == (0 if offset < _TURNED else 1):
            seen = middle if offset < 0.3 or offset > _TURNED else tall / 2
            centre = float(np.clip(seen, height * 0.3, tall - height * 0.3))
            read = (left + small.shape[1] / 2, centre, float(small.shape[1]))
    return ink, read


def _comma(drawing: Drawing, x: float, bottom: float, height: float) -> list[float]:
    """Between the whole drums and the others; its box."""
    size = height * 0.16
    y = bottom - size
    shade = (
        (235, 235, 235)
        if drawing.pixels[min(int(y), drawing.height - 1), min(int(x), drawing.width - 1)].mean() < 128
        else (20, 20, 20)
    )
    ends = (int(x + size / 3), int(y)), (int(x - size / 3), int(y + size))
    cv2.line(drawing.pixels, *ends, shade, max(int(size * 0.6), 1), cv2.LINE_AA)
    return [x, y + size / 2, height, size, 0.0]


def _cover(drawing: Drawing, place: int, wide: int, rows: tuple[int, int], rng: np.random.Generator) -> None:
    """Something hides a drum; nothing is taught there, and its neighbours are not linked over it."""
    characters = drawing.parts[-1]
    x, (y, tall) = int(characters.boxes[place, 0]), rows
    tilt, thick = int(rng.normal(0, 0.15) * wide), int(wide * rng.uniform(0.9, 1.3))
    shade = colour(rng).tolist()
    cv2.line(drawing.pixels, (x + tilt, y - tall), (x - tilt, y + 2 * tall), shade, thick, cv2.LINE_AA)
    drawing.ignore(x - wide, y, 2 * wide, tall)
    drawing.parts[-1] = characters.kept(np.arange(len(characters)) != place)


def _maximum(ink: NDArray[np.uint8], small: NDArray[np.uint8], left: int, top: int) -> None:
    """Lay a glyph into the window, cut by its edges."""
    y0, y1 = max(top, 0), min(top + small.shape[0], ink.shape[0])
    x0, x1 = max(left, 0), min(left + small.shape[1], ink.shape[1])
    if y1 > y0 and x1 > x0:
        place = ink[y0:y1, x0:x1]
        np.maximum(place, small[y0 - top : y1 - top, x0 - left : x1 - left], out=place)


def _roundness(tall: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """How the light falls off towards the upper and lower edge of a drum, uint8 [tall, 1, 3], 128 for no change."""
    y = np.linspace(-1, 1, tall)
    gain = 1 - rng.uniform(0.1, 0.9) * np.abs(y) ** rng.uniform(1.5, 6) + rng.normal(0, 0.1) * y
    return np.repeat(np.clip(gain * 128, 6, 255).astype(np.uint8)[:, None, None], 3, axis=2)


def _frame(drawing: Drawing, window: tuple[int, int, int, int], height: float, rng: np.random.Generator) -> None:
    """The edge of one window: dark, or a bright line."""
    left, top, wide, tall = window
    thick = max(int(height * 0.05), 1)
    shade = float(rng.uniform(0, 60)) if happens(rng, 0.75) else float(rng.uniform(150, 230))
    cv2.rectangle(drawing.pixels, (left, top), (left + wide - 1, top + tall - 1), (shade, shade, shade), thick)


def _marks(
    drawing: Drawing, row: tuple[int, int, int, int], height: float, front: Colour, rng: np.random.Generator
) -> None:
    """A unit beside the drums, small words above or below."""
    x, y, width, tall = row
    ink = np.full(3, 235 if front.mean() < 110 else 25, np.float32)
    if happens(rng, 0.5):
        text = pick(rng, ("kWh", "m3", "km", "m³".replace("³", "3"), "kWh", "miles", "x10"))
        line = set_line(text, pick_face(rng, text, ("sans", "condensed")), max(height * rng.uniform(0.3, 0.8), 5), rng)
        left = x + width + int(height * rng.uniform(0.1, 0.5))
        drawing.put_free(line, left, y + (tall - line.height) * rng.uniform(0.2, 1.0), ink)
    if happens(rng, 0.35):
        text = pick(rng, ("10000 1000 100 10 1", "1000 100 10 1", "kWh", "CONG TO", "METER", "Nr.", "x1 x0.1", "TOTAL"))
        line = set_line(text, pick_face(rng, text, ("sans", "condensed")), max(height * rng.uniform(0.2, 0.35), 5), rng)
        top = (
            y - line.height - int(height * rng.uniform(0.1, 0.4))
            if happens(rng, 0.5)
            else y + tall + int(height * rng.uniform(0.1, 0.4))
        )
        drawing.put_free(line, x, top, ink)
