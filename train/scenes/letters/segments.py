"""Lines of seven-segment digits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from .chance import happens, pick
from .characters import Characters
from .typeset import Line

SEGMENTS: Final = {
    "0": "abcdef", "1": "bc", "2": "abdeg", "3": "abcdg", "4": "bcfg", "5": "acdfg", "6": "acdefg", "7": "abc",
    "8": "abcdefg", "9": "abcdfg", "-": "g", "E": "adefg", "L": "def", "P": "abefg", "H": "bcefg", "C": "adef",
    "F": "aefg", "A": "abcefg", "U": "bcdef", "b": "cdefg",
    "d": "bcdeg", "n": "ceg", "r": "eg", "t": "defg", "h": "cefg",
    "u": "cde", "J": "bcd", "c": "deg",
}  # fmt: skip
"""Lit segments: a top, b and c right, d bottom, e and f left, g middle."""

_SHIFT: Final = 4


@dataclass(frozen=True)
class Digits7:
    """The build of a display; lengths in heights of a digit."""

    width: float
    thick: float
    gap: float
    pitch: float
    slant: float
    pointed: float
    round_points: bool
    tail6: bool  # 6 and 9 have their tails, 7 has no hook
    hooked7: bool

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Digits7:
        """Some maker's."""
        width = float(rng.uniform(0.42, 0.66))
        return cls(
            width=width,
            thick=float(rng.uniform(0.07, min(0.17, width * 0.3))),
            gap=float(rng.uniform(0.004, 0.035)),
            pitch=width + rng.uniform(0.1, 0.42),
            slant=pick(rng, (0.0, 0.0, 0.09, 0.14, 0.2)),
            pointed=pick(rng, (0.0, 0.5, 0.5, 1.0)),
            round_points=happens(rng, 0.6),
            tail6=happens(rng, 0.85),
            hooked7=happens(rng, 0.25),
        )

    def lit(self, char: str) -> str:
        """The segments that a character lights on this display."""
        if char == "7" and self.hooked7:
            return "abcf"
        if not self.tail6 and char in "69":
            return "cdefg" if char == "6" else "abcfg"
        return SEGMENTS[char]


def segment_line(text: str, height: float, rng: np.random.Generator, build: Digits7) -> tuple[Line, NDArray[np.uint8]]:
    """The line of what is lit, and the ink of all cells' unlit segments. A ``_`` in the text is an empty cell."""
    cells = sum(char not in ".:, " for char in text)
    colons = text.count(":")
    width = (cells * build.pitch + (colons + text.count(".")) * 0.3 + build.slant + 0.3) * height
    shape = (int(height * 1.12) + 3, int(width) + 3)
    lit_ink, off_ink = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    lit: list[NDArray[np.int32]] = []
    off: list[NDArray[np.int32]] = []
    boxes = []
    cursor = 0.06
    top = 0.03
    for char in text:
        if char == " ":
            cursor += 0.3
            continue
        if char in ".,:":
            boxes.append(_points(lit_ink, char, cursor, height, build))
            cursor += 0.3 if char == ":" else max(0.2 - build.pitch + build.width, 0)
            continue
        polygons = _polygons(build, cursor, top, height)
        on = "" if char == "_" else build.lit(char)
        lit += [polygons[name] for name in on]
        off += [polygons[name] for name in polygons if name not in on]
        if char != "_":
            boxes.append(_box([polygons[name] for name in on], height, build, cursor, top))
        cursor += build.pitch
    if lit:
        cv2.fillPoly(lit_ink, lit, 255, cv2.LINE_AA, _SHIFT)
    if off:
        cv2.fillPoly(off_ink, off, 255, cv2.LINE_AA, _SHIFT)
    return Line(lit_ink, Characters.of(boxes, text.replace("_", " "))), off_ink


def _polygons(build: Digits7, left: float, top: float, height: float) -> dict[str, NDArray[np.int32]]:
    """The seven segments of one cell, in pixels with a fraction of ``_SHIFT`` bits."""
    t, w, g, p = build.thick, build.width, build.gap, build.pointed * build.thick / 2
    half = 0.5

    def flat(y: float, into: float) -> list[tuple[float, float]]:
        """A horizontal one from its middle line; ``into`` -1 for the top, 1 for the bottom, 0 between."""
        upper, lower = y - t / 2, y + t / 2
        inset_up, inset_low = (g, t + g) if into < 0 else (t + g, g) if into > 0 else (t / 2 + g + p, t / 2 + g + p)
        if into:
            return [(inset_up, upper), (w - inset_up, upper), (w - inset_low, lower), (inset_low, lower)]
        tip = t / 2 + g
        return [
            (inset_up, upper),
            (w - inset_up, upper),
            (w - tip, y),
            (w - inset_low, lower),
            (inset_low, lower),
            (tip, y),
        ]

    def upright(inner: bool, first: float, last: float) -> list[tuple[float, float]]:
        """The left one between two heights; ``inner``: its lower end meets the middle."""
        outer_top, inner_top = (first + g, first + t + g) if inner else (first + t / 2 + g, first + t / 2 + g + 0)
        if inner:
            return [(0, outer_top), (t, inner_top), (t, last - t / 2 - g), (t / 2, last - g), (0, last - g - p / 2)]
        return [(0, first + g + p / 2), (t / 2, first + g), (t, first + t / 2 + g), (t, last - t - g), (0, last - g)]

    upper_left, lower_left = upright(True, 0, half), upright(False, half, 1)
    shapes = {
        "a": flat(t / 2, -1), "g": flat(half, 0), "d": flat(1 - t / 2, 1),
        "f": upper_left, "e": lower_left,
        "b": [(w - x, y) for x, y in upper_left], "c": [(w - x, y) for x, y in lower_left],
    }  # fmt: skip
    scale = height * 2**_SHIFT
    return {
        name: np.array([((left + x + build.slant * (1 - y)) * scale, (top + y) * scale) for x, y in shape]).astype(
            np.int32
        )
        for name, shape in shapes.items()
    }


def _box(polygons: list[NDArray[np.int32]], height: float, build: Digits7, left: float, top: float) -> list[float]:
    points = np.concatenate(polygons).astype(np.float32) / 2**_SHIFT
    y = (top + 0.5) * height
    upright = points[:, 0] + build.slant * (points[:, 1] - y)  # without the slant
    low, high = float(upright.min()), float(upright.max())
    return [(low + high) / 2, y if len(polygons) > 1 else float(points[:, 1].mean()), height, high - low, 0.0]


def _points(ink: NDArray[np.uint8], char: str, cursor: float, height: float, build: Digits7) -> list[float]:
    """A point, comma or colon before the cell at ``cursor``; its box."""
    radius = max(build.thick * 0.55, 0.045) * height
    gap = max(build.pitch - build.width, 0.2)  # a narrow one is widened for the point
    x = (cursor + gap / 2 - build.pitch + build.width) * height if char != ":" else (cursor + 0.02) * height
    rows = (0.3, 0.72) if char == ":" else (1.0 - build.thick / 2 + 0.01,)
    for row in rows:
        centre = (x + build.slant * (1 - row) * height, (row + 0.03) * height)
        if build.round_points:
            place = tuple(int(value * 2**_SHIFT) for value in centre)
            cv2.circle(ink, place, int(radius * 2**_SHIFT), 255, -1, cv2.LINE_AA, _SHIFT)
        else:
            corners = cv2.boxPoints((centre, (2 * radius, 2 * radius), 0))
            cv2.fillConvexPoly(ink, (corners * 2**_SHIFT).astype(np.int32), 255, cv2.LINE_AA, _SHIFT)
    if char == ",":
        start = (int(x), int(rows[0] * height))
        cv2.line(ink, start, (int(x - radius), int((rows[0] + 0.12) * height)), 255, max(int(radius), 1), cv2.LINE_AA)
    middle = (sum(rows) / len(rows) + 0.03) * height
    return [x + build.slant * (height - middle), middle, height, 2 * radius, 0.0]
