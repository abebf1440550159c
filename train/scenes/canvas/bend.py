"""Surfaces that are not flat: folded cloth, rolled labels, arched pages. Labels bend with the pixels."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..letters.chance import between, happens
from .drawing import Drawing

Map = NDArray[np.float32]


def bent(drawing: Drawing, dx: Map, dy: Map) -> Drawing:
    """The pixel at (x, y) comes from (x + dx, y + dy); maps float32 [h, w], small against the picture."""
    height, width = drawing.pixels.shape[:2]
    x, y = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    map_x, map_y = x + dx, y + dy
    packed = cv2.cvtColor(drawing.pixels, cv2.COLOR_BGR2BGRA)  # four channels take half the time of three
    moved = cv2.remap(packed, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)

    def back(points: NDArray[np.float64]) -> NDArray[np.float64]:
        found = points
        for _ in range(3):  # fixed point of found + d(found) = points
            columns = np.clip(found[..., 0], 0, width - 1).astype(int)
            rows = np.clip(found[..., 1], 0, height - 1).astype(int)
            found = points - np.stack([dx[rows, columns], dy[rows, columns]], axis=-1)
        return found

    ignored = [back(polygons.astype(np.float64)).astype(np.float32) for polygons in drawing.ignored]
    return Drawing(cv2.cvtColor(moved, cv2.COLOR_BGRA2BGR), [drawing.characters.mapped(back)], ignored)


def folded(drawing: Drawing, rng: np.random.Generator, unit: float) -> Drawing:
    """Cloth or crumpled paper: smooth waves that also shade; ``unit`` is the height of a digit in pixels."""
    height, width = drawing.pixels.shape[:2]
    cell = max(unit * between(rng, 0.5, 2.5), 6.0)
    grid = (max(int(width / cell), 2), max(int(height / cell), 2))
    strength = cell * rng.uniform(0.03, 0.14)
    coarse = rng.normal(0, 1, (grid[1], grid[0], 2)).astype(np.float32)
    if happens(rng, 0.5):  # folds run one way
        coarse[..., 0] = coarse[:1, :, 0]
    moves = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    result = bent(drawing, moves[..., 0] * strength, moves[..., 1] * strength)
    slope = cv2.Sobel(moves[..., 0], cv2.CV_32F, 1, 0, ksize=3) * (cell / 8)
    gain = np.clip(112 * (1 + slope * rng.uniform(0.05, 0.3)), 20, 255).astype(np.uint8)
    result.pixels = cv2.multiply(result.pixels, cv2.merge([gain, gain, gain]), scale=1 / 112)
    return result


def rolled(drawing: Drawing, rng: np.random.Generator) -> Drawing:
    """Round a bottle or a can: columns crowd towards the sides and sag, light falls off."""
    height, width = drawing.pixels.shape[:2]
    reach = rng.uniform(0.6, 1.15)  # radians from the middle to the side
    x = np.linspace(-1, 1, width, dtype=np.float32) * np.sin(reach)
    dx = (np.arcsin(x) / reach * width / 2 + width / 2 - np.arange(width)).astype(np.float32)
    sag = rng.normal(0, 0.12) * width * (1 - np.cos(np.arcsin(x)))
    result = bent(
        drawing, np.repeat(dx[None, :], height, axis=0), np.repeat(sag[None, :].astype(np.float32), height, axis=0)
    )
    gain = np.clip(120 * (1 - rng.uniform(0.1, 0.6) * (x - rng.normal(0, 0.3)) ** 2), 10, 255).astype(np.uint8)
    gain = np.repeat(gain[None, :], height, axis=0)
    result.pixels = cv2.multiply(result.pixels, cv2.merge([gain, gain, gain]), scale=1 / 120)
    return result


def arched(drawing: Drawing, rng: np.random.Generator) -> Drawing:
    """A page that curves at its fold, or a lens that bends straight lines."""
    height, width = drawing.pixels.shape[:2]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    if happens(rng, 0.5):
        bow = rng.normal(0, 0.05)
        return bent(drawing, x * (x * x + y * y) * bow * width / 2, y * (x * x + y * y) * bow * height / 2)
    lift = rng.normal(0, 0.06) * height * (x - rng.uniform(-1, 1)) ** 2
    return bent(drawing, np.zeros((height, width), np.float32), np.repeat(lift, height, axis=0).astype(np.float32))
