"""Grounds made of numbers: paper, metal, plastic, cloth, stone, tiles; and the noise that all share."""

from __future__ import annotations

from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from .colours import Colour

Pixels = NDArray[np.uint8]

_SHEET: Final = 1024  # pixels; noise is cut from sheets of this size
_MIDDLE: Final = 128


@cache
def _noise(sigma: float, along: float) -> NDArray[np.uint8]:
    """A sheet of grey noise about 128 with a spread of 32, as coarse as ``sigma`` pixels across, ``along`` down."""
    grain = np.random.default_rng(round(sigma * 100 + along)).normal(0, 1, (_SHEET, _SHEET)).astype(np.float32)
    if sigma or along:
        grain = cv2.GaussianBlur(
            grain, (0, 0), sigmaX=max(sigma, 0.01), sigmaY=max(along, 0.01), borderType=cv2.BORDER_REFLECT
        )
        grain /= grain.std()
    return np.clip(grain * 32 + _MIDDLE, 0, 255).astype(np.uint8)


def noise(shape: tuple[int, int], rng: np.random.Generator, sigma: float = 0.0, along: float | None = None) -> Pixels:
    """Noise of that coarseness, uint8 [h, w] about 128 with a spread of 32."""
    sheet = _noise(sigma, sigma if along is None else along)
    height, width = shape
    if height > _SHEET or width > _SHEET:
        sheet = cv2.resize(sheet, (max(width, _SHEET), max(height, _SHEET)))
    y, x = int(rng.integers(sheet.shape[0] - height + 1)), int(rng.integers(sheet.shape[1] - width + 1))
    patch = sheet[y : y + height, x : x + width]
    flip = int(rng.integers(4))
    return patch[:: -1 if flip & 1 else 1, :: -1 if flip & 2 else 1]


def plain(shape: tuple[int, int], colour: Colour) -> Pixels:
    """One colour all over."""
    pixels = np.empty((*shape, 3), np.uint8)
    blue, green, red = (min(max(int(value), 0), 255) for value in colour)
    cv2.rectangle(pixels, (0, 0), shape[::-1], (blue, green, red), -1)  # four times as fast as broadcasting
    return pixels


def shaded(pixels: Pixels, grain: Pixels, strength: float) -> Pixels:
    """Brightness changed by grey noise; strength 1 changes it by about a quarter."""
    gain = np.clip(_MIDDLE + (grain.astype(np.float32) - _MIDDLE) * strength, 0, 255).astype(np.uint8)
    return cv2.multiply(pixels, cv2.merge([gain, gain, gain]), scale=1 / _MIDDLE)


def gradient(shape: tuple[int, int], first: Colour, second: Colour, rng: np.random.Generator) -> Pixels:
    """From one colour to another, in any direction."""
    corners = np.stack([first, second, second, first] if rng.random() < 0.5 else [first, first, second, second])
    corners = corners.reshape(2, 2, 3).astype(np.float32)
    if rng.random() < 0.3:
        corners[0, 0] = (first + second) / 2
    return np.clip(cv2.resize(corners, shape[::-1], interpolation=cv2.INTER_LINEAR), 0, 255).astype(np.uint8)


def material(shape: tuple[int, int], base: Colour, rng: np.random.Generator) -> Pixels:
    """A surface of that colour: even, grained, brushed, cast, cloth, stained."""
    pixels = plain(shape, base)
    kind = rng.random()
    if kind < 0.3:
        return pixels
    if kind < 0.62:  # painted, moulded, printed on
        pixels = shaded(pixels, noise(shape, rng, 1.0), rng.uniform(0.02, 0.1))
        return shaded(pixels, noise(shape, rng, 24.0), rng.uniform(0.02, 0.12))
    if kind < 0.72:  # brushed metal, wood
        along = (0.0, 20.0) if rng.random() < 0.5 else (20.0, 0.0)
        return shaded(pixels, noise(shape, rng, *along), rng.uniform(0.05, 0.3))
    if kind < 0.82:  # cast, rough, dirty
        pixels = shaded(pixels, noise(shape, rng, 2.5), rng.uniform(0.05, 0.3))
        return shaded(pixels, noise(shape, rng, 7.0), rng.uniform(0.03, 0.25))
    if kind < 0.92:  # cloth
        pixels = shaded(pixels, noise(shape, rng, 24.0), rng.uniform(0.1, 0.5))
        return weave(pixels, rng)
    return shaded(pixels, noise(shape, rng, 7.0), rng.uniform(0.05, 0.4))


def sheet(shape: tuple[int, int], base: Colour, rng: np.random.Generator) -> Pixels:
    """Paper: even or finely grained, a little cloudy where it lies uneven, seldom stained or crumpled."""
    pixels = plain(shape, base)
    kind = rng.random()
    if kind < 0.3:
        return pixels
    pixels = shaded(pixels, noise(shape, rng, 1.0 if kind < 0.7 else 0.6), rng.uniform(0.02, 0.1))
    if kind > 0.55:
        pixels = shaded(pixels, noise(shape, rng, 24.0), rng.uniform(0.02, 0.1))
    if kind > 0.94:
        pixels = shaded(pixels, noise(shape, rng, 7.0), rng.uniform(0.02, 0.12))
    return pixels


def weave(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Threads of a cloth, or the dots of a screen."""
    period = int(rng.integers(2, 7))
    tile = np.full((period, period), 128 + rng.uniform(2, 16), np.float32)
    tile[0] -= rng.uniform(4, 36)
    tile[:, 0] -= rng.uniform(4, 36)
    height, width = pixels.shape[:2]
    gain = np.tile(tile, (height // period + 1, width // period + 1))[:height, :width].astype(np.uint8)
    return cv2.multiply(pixels, cv2.merge([gain, gain, gain]), scale=1 / _MIDDLE)
