"""What happens to ink between the type and the ground: worn, dotted, cut out, swollen."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from .chance import between, happens
from .typeset import Line

Ink = NDArray[np.uint8]


def worn(ink: Ink, grain: Ink, amount: float) -> Ink:
    """Ink that has come off where the grain (uint8, about 128) is dark."""
    lost = np.clip((grain.astype(np.float32) - 128 + 45 * (1 - amount)) * 6 + 128, 40, 255).astype(np.uint8)
    return cv2.multiply(ink, lost, scale=1 / 255)


def swollen(ink: Ink, pixels: int) -> Ink:
    """Bolder by so many pixels on each side."""
    size = 2 * pixels + 1
    return cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))


def outline(ink: Ink, pixels: int) -> Ink:
    """The contour alone."""
    return cv2.subtract(swollen(ink, pixels), ink)


def dotted(line: Line, rows: int, rng: np.random.Generator, *, fill: float = 0.8, jitter: bool = False) -> Line:
    """Made of round dots, ``rows`` of them over the height of a digit: needle printers, inkjets, lamps."""
    pitch = float(line.characters.boxes[0, 2]) / rows if len(line.characters) else line.height / rows
    if pitch < 1.6:
        return line
    size = (max(int(round(line.width / pitch)), 1), max(int(round(line.height / pitch)), 1))
    small = cv2.resize(line.ink, size, interpolation=cv2.INTER_AREA)
    small = np.where(small > 105, 255, 0).astype(np.uint8)
    if happens(rng, 0.2):  # some nozzles are blocked
        small[int(rng.integers(size[1]))] //= 2
    step = int(np.ceil(pitch * 1.5)) if pitch < 5 else int(round(pitch))
    dots = np.repeat(np.repeat(small, step, axis=0), step, axis=1)
    dots = cv2.multiply(dots, np.tile(_dot(step, round(fill, 2)), size[::-1]), scale=1 / 255)
    if jitter and happens(rng, 0.6):  # the belt swings
        shift = (np.sin(np.arange(dots.shape[0]) * between(rng, 0.02, 0.4)) * rng.uniform(0, 0.5) * step).astype(
            np.float32
        )
        x = np.arange(dots.shape[1], dtype=np.float32)[None, :] + shift[:, None]
        y = np.repeat(np.arange(dots.shape[0], dtype=np.float32)[:, None], dots.shape[1], axis=1)
        dots = cv2.remap(dots, x, y, cv2.INTER_LINEAR)
    return Line(cv2.resize(dots, (line.width, line.height), interpolation=cv2.INTER_AREA), line.characters)


@cache
def _dot(step: int, fill: float) -> Ink:
    """One round dot on a square of ``step`` pixels."""
    large = np.zeros((step * 8, step * 8), np.uint8)
    cv2.circle(large, (step * 4, step * 4), int(step * 4 * fill), 255, -1)
    return cv2.resize(large, (step, step), interpolation=cv2.INTER_AREA)


def stencilled(ink: Ink, rng: np.random.Generator, height: float) -> Ink:
    """Cut through by a thin upright bridge every so often, as letters of a stencil are."""
    cut = ink.copy()
    thick = max(int(height * rng.uniform(0.04, 0.09)), 1)
    row = int(ink.shape[0] * rng.uniform(0.4, 0.6))
    cut[row : row + thick] = 0
    return cut
