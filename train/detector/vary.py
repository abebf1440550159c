"""A scene seen anew: another part of it, at another size, in other light, inverted, out of focus, noisier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.opencv import cv2
from edge_runtime.detection.characters.contract import CELL

from .pool import View
from .targets import Labels, draw_targets

Batch = tuple[NDArray[np.uint8], NDArray[np.float32]]

_ZOOM: Final = (0.6, 1.5)  # least and most; below 1 the rest is filled by repeating the border
_QUARTERS: Final = 0.15  # share of views made of four scenes at half their size
_INVERTED: Final = 0.3
_BLURRED: Final = 0.15
_KEPT: Final = 0.7  # of a character's width must lie inside, or it is not taught


def vary(scenes: Sequence[View], rng: np.random.Generator) -> View:
    """One view, as large as the scenes, of the first scene or of four of them together."""
    view = _quarters(scenes[:4], rng) if len(scenes) >= 4 and rng.random() < _QUARTERS else _zoom(scenes[0], rng)
    return View(_light(view.pixels, rng), view.labels, view.ignored)


def stacked(views: list[View]) -> Batch:
    """Pictures uint8 [B, H, W, C] and their targets float32 [B, H / 4, W / 4, 25]."""
    targets = draw_targets([view.labels for view in views], np.stack([view.ignored for view in views]))
    return np.stack([view.pixels for view in views]), targets


def _zoom(view: View, rng: np.random.Generator) -> View:
    height, width = view.pixels.shape[:2]
    zoom = float(np.exp(rng.uniform(*np.log(_ZOOM)))) if rng.random() < 0.8 else 1.0
    # Whole cells are shifted, so that the grid of ignored cells can be moved in the same way.
    shift = np.array([side * (1 - zoom) * rng.random() for side in (width, height)])
    shift = np.round(shift / CELL) * CELL
    return View(*_moved(view, zoom, shift, (height, width)))


def _quarters(scenes: Sequence[View], rng: np.random.Generator) -> View:
    height, width = scenes[0].pixels.shape[:2]
    pixels, ignored = np.empty_like(scenes[0].pixels), np.empty_like(scenes[0].ignored)
    parts: list[Labels] = []
    count = 0
    for index, view in enumerate(scenes):
        part_pixels, labels, part_ignored = _moved(view, 0.5, np.zeros(2), (height // 2, width // 2))
        row, column = divmod(index, 2)
        y, x = row * height // 2, column * width // 2
        pixels[y : y + height // 2, x : x + width // 2] = part_pixels
        ignored[y // CELL :, x // CELL :][: height // 2 // CELL, : width // 2 // CELL] = part_ignored
        labels.boxes[:, :2] += (x, y)
        following = np.where(labels.following >= 0, labels.following + count, -1).astype(np.int32)
        parts.append(Labels(labels.boxes, labels.kinds, following))
        count += len(labels.kinds)
    joined = (np.concatenate([getattr(part, name) for part in parts]) for name in ("boxes", "kinds", "following"))
    return View(pixels, Labels(*joined), ignored)


def _moved(
    view: View, zoom: float, shift: NDArray[np.float64], size: tuple[int, int]
) -> tuple[NDArray[np.uint8], Labels, NDArray[np.uint8]]:
    """The scene enlarged by ``zoom`` and moved by ``shift`` (x, y), as it fills a picture of ``size``."""
    height, width = size
    pixels, warp = view.pixels, zoom
    if zoom < 0.9:  # areas are averaged; a warp alone would skip pixels
        small = (max(round(pixels.shape[1] * zoom), 1), max(round(pixels.shape[0] * zoom), 1))
        pixels, warp = cv2.resize(pixels, small, interpolation=cv2.INTER_AREA), 1.0
    middle = (warp - 1) / 2  # the middle of pixel i lies at i + 0.5 for boxes, at i for OpenCV
    matrix = np.array([[warp, 0, shift[0] + middle], [0, warp, shift[1] + middle]])
    pixels = cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    grid = np.array([[zoom, 0, shift[0] / CELL], [0, zoom, shift[1] / CELL]])
    cells = (width // CELL, height // CELL)
    ignored = cv2.warpAffine(np.ascontiguousarray(view.ignored), grid, cells, flags=cv2.INTER_NEAREST)
    boxes = view.labels.boxes.copy()
    boxes[:, :4] *= zoom
    boxes[:, :2] += shift
    labels = _inside(Labels(boxes, view.labels.kinds, view.labels.following), ignored, (width, height))
    return pixels.reshape(height, width, -1), labels, ignored


def _inside(labels: Labels, ignored: NDArray[np.uint8], size: tuple[int, int]) -> Labels:
    """The characters in the picture; of those that its border cuts, the place is ignored or, far outside, dropped."""
    boxes = labels.boxes
    radius = boxes[:, 3:4] / 2
    inside = (boxes[:, :2] >= 0).all(axis=1) & (boxes[:, :2] < size).all(axis=1)
    low, high = np.maximum(boxes[:, :2] - radius, 0), np.minimum(boxes[:, :2] + radius, size)
    cut = inside & ((high - low) < _KEPT * 2 * radius).any(axis=1)
    for (x0, y0), (x1, y1) in zip(low[cut] // CELL, high[cut] // CELL, strict=True):
        ignored[int(y0) : int(y1) + 1, int(x0) : int(x1) + 1] = 255
    kept = inside & ~cut
    renumbered = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
    following = labels.following[kept]
    following = np.where(following >= 0, renumbered[following], -1).astype(np.int32)
    return Labels(boxes[kept], labels.kinds[kept], following)


def _light(pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Another exposure, polarity, focus and noise."""
    if rng.random() < _BLURRED:
        pixels = cv2.GaussianBlur(pixels, (0, 0), float(rng.uniform(0.4, 1.0))).reshape(pixels.shape)
    levels = np.arange(256) / 255
    levels = levels ** np.exp(rng.normal(0, 0.25)) * np.exp(rng.normal(0, 0.15)) + rng.normal(0, 0.06)
    if rng.random() < _INVERTED:
        levels = 1 - levels
    curve = (np.clip(levels, 0, 1) * 255).astype(np.uint8)
    pixels = cv2.LUT(pixels, curve).reshape(pixels.shape)
    strength = float(rng.gamma(1.0, 2.0))
    if strength > 0.5:
        noise = np.empty(pixels.shape, np.int16)
        cv2.setRNGSeed(int(rng.integers(2**31)))
        cv2.randn(noise, 0, strength)
        pixels = cv2.add(pixels, noise, dtype=cv2.CV_8U).reshape(pixels.shape)
    return pixels
