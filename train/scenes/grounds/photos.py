"""Crops of photographs and surfaces: what lies behind things, and what things are made of."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ..letters.chance import between, happens
from .bank import shared_bank, shared_crop
from .colours import Colour, colour
from .textures import gradient, material, noise, plain, shaded

_SURFACES_FROM: Final = 114  # crops of the bank from this one on are surfaces, before it photographs

Pixels = NDArray[np.uint8]


def photo(shape: tuple[int, int], rng: np.random.Generator) -> Pixels:
    """Any picture without a character, uint8 [h, w, 3]: a photograph, a surface, or several of them in pieces."""
    chance = rng.random()
    if chance < 0.62:
        pixels = _crop(shape, rng, 0, len(shared_bank()))
    elif chance < 0.9:
        pixels = _collage(shape, rng)
    else:
        pixels = shaded(gradient(shape, colour(rng), colour(rng), rng), noise(shape, rng, 7.0), rng.uniform(0.2, 1.0))
    return cv2.GaussianBlur(pixels, (0, 0), between(rng, 0.6, 5)) if happens(rng, 0.35) else pixels


def surface(shape: tuple[int, int], base: Colour, rng: np.random.Generator) -> Pixels:
    """A material of that colour; about a third has the grain of a real one."""
    if happens(rng, 0.2):
        grain = cv2.cvtColor(_crop(shape, rng, _SURFACES_FROM, len(shared_bank())), cv2.COLOR_BGR2GRAY)
        mean, spread = cv2.meanStdDev(grain)
        factor = between(rng, 3, 24) / max(float(spread[0, 0]), 4.0)
        grain = cv2.convertScaleAbs(grain, alpha=factor, beta=128 - float(mean[0, 0]) * factor)
        return shaded(plain(shape, base), grain, 1.0)
    if happens(rng, 0.12):
        return gradient(shape, base, np.clip(base * rng.uniform(0.6, 1.3) + rng.normal(0, 8, 3), 0, 255), rng)
    return material(shape, base, rng)


def _crop(shape: tuple[int, int], rng: np.random.Generator, first: int, last: int) -> Pixels:
    """A part of a crop of the bank, mirrored, turned by quarters, with other colours now and then."""
    source = shared_crop(int(rng.integers(first, last)))
    side = source.shape[0]
    ratio = shape[1] / shape[0]
    tall = side * rng.uniform(0.45, 1.0) / max(ratio, 1.0)
    height, width = max(int(tall), 2), max(int(tall * ratio), 2)
    y, x = int(rng.integers(side - height + 1)), int(rng.integers(side - width + 1))
    part = source[y : y + height, x : x + width]
    if happens(rng, 0.5):
        part = part[:, ::-1]
    pixels = cv2.resize(part, shape[::-1], interpolation=cv2.INTER_LINEAR)
    chance = rng.random()
    if chance < 0.25:
        gain = rng.uniform(0.6, 1.4, 3).tolist()
        pixels = cv2.multiply(pixels, (*gain, 1.0))
    elif chance < 0.4:
        grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
        pixels = cv2.merge([grey, grey, grey])
    return pixels


def _collage(shape: tuple[int, int], rng: np.random.Generator) -> Pixels:
    """A room, a desk, a shelf: areas with edges, each of its own material, in one light."""
    pixels = _crop(shape, rng, 0, len(shared_bank()))
    height, width = shape
    for _ in range(int(between(rng, 1.5, 7))):
        wide, tall = int(width * between(rng, 0.1, 0.9)), int(height * between(rng, 0.1, 0.9))
        patch = surface((tall, wide), colour(rng, 20, 245), rng)
        if happens(rng, 0.4):
            patch = _crop((tall, wide), rng, _SURFACES_FROM, len(shared_bank()))
        x, y = int(rng.uniform(-0.3, 0.9) * width), int(rng.uniform(-0.3, 0.9) * height)
        corners = np.array([[0, 0], [wide, 0], [wide, tall], [0, tall]], np.float32)
        moved = corners + [x, y] + rng.normal(0, 0.12 * min(wide, tall), (4, 2)) * happens(rng, 0.6)
        mask = np.zeros(shape, np.uint8)
        cv2.fillConvexPoly(mask, moved.astype(np.int32), 255, cv2.LINE_AA)
        x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + wide, width), min(y + tall, height)
        if x1 > x0 and y1 > y0:
            under = pixels[y0:y1, x0:x1]
            cv2.copyTo(patch[y0 - y : y1 - y, x0 - x : x1 - x], mask[y0:y1, x0:x1], under)
        if happens(rng, 0.3):
            shade = colour(rng, 0, 120).tolist()
            cv2.polylines(pixels, [moved.astype(np.int32)], True, shade, int(between(rng, 1, 5)), cv2.LINE_AA)
    return pixels
