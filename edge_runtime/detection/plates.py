"""Plates, signs and sheets in a busy picture: areas of one colour with marks of another inside.

The strokes of a number on a plate are hard to tell from edges around the plate by their contrast alone. Seen from the
plate it is easy: what lies within its outline and departs from its colour is ink. Each plate is given as a small grey
picture of its own, dark ink on white, whose surroundings are white as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.opencv import cv2
from edge_runtime.detection.shapes.ink import level_counts

MAX_PLATES: Final = 6
_SCALE: Final = 2  # areas are sought at half the working size
_EDGE: Final = 16.0  # grey levels from pixel to pixel at half size that end an area
_NOISE_FACTOR: Final = 4.0  # times the median step, which is noise and texture
_MIN_AREA: Final = 0.003  # of the picture
_MAX_AREA: Final = 0.8
_MIN_SIDE: Final = 12  # pixels at half size
_MIN_SOLID: Final = 0.55  # of the outline's convex hull that the outline fills: plates are convex
_MIN_FILL: Final = 0.3  # of the outline that has the plate's colour; the rest is ink
_MAX_FILL: Final = 0.995
_MIN_INK: Final = 22  # grey levels by which ink departs from the plate
_RIM: Final = 3  # pixels of the working size within the outline that are the edge itself
_DARK: Final = 200.0  # grey levels between the plate and its strongest ink in the plane
_NEAR: Final = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class Plate:
    """left, top: of the plane in the working copy, pixels; plane: uint8 [H, W], dark ink on white."""

    left: int
    top: int
    plane: NDArray[np.uint8]


def find_plates(work: NDArray[np.uint8]) -> list[Plate]:
    """Plates in a uint8 [H, W] or [H, W, 3] picture, the largest first."""
    if min(work.shape[:2]) < 2 * _SCALE * _MIN_SIDE:
        return []
    small = cv2.resize(work, (work.shape[1] // _SCALE, work.shape[0] // _SCALE), interpolation=cv2.INTER_AREA)
    steps = cv2.morphologyEx(cv2.GaussianBlur(small, (3, 3), 0), cv2.MORPH_GRADIENT, _NEAR)
    steps = _strongest(steps)
    middle = np.searchsorted(level_counts(steps), [(steps.size + 1) // 2, steps.size // 2 + 1])
    calm = (steps < max(_EDGE, _NOISE_FACTOR * float(middle.mean()))).view(np.uint8)  # times the median
    count, labels, stats, _ = cv2.connectedComponentsWithStats(calm, connectivity=4, ltype=cv2.CV_16U)
    plates = []
    for index in _candidates(count, stats, small.shape):
        plate = _plate(work, labels, index, stats[index])
        if plate is not None:
            plates.append(plate)
        if len(plates) == MAX_PLATES:
            break
    return plates


def _candidates(count: int, stats: NDArray[np.int32], shape: tuple[int, ...]) -> list[int]:
    """Areas of a plate's size, the largest first."""
    sides = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    share = stats[:, cv2.CC_STAT_AREA] / (shape[0] * shape[1])
    good = (share > _MIN_AREA) & (share < _MAX_AREA) & (sides.min(axis=1) >= _MIN_SIDE)
    good[0] = False
    rows = np.flatnonzero(good[:count])
    return [int(row) for row in rows[np.argsort(-stats[rows, cv2.CC_STAT_AREA])]]


def _plate(work: NDArray[np.uint8], labels: NDArray[np.uint16], index: int, stats: NDArray[np.int32]) -> Plate | None:
    """The plane of one area, or ``None`` where it is no plate with ink on it."""
    left, top, width, height = (int(value) for value in stats[:4])
    area = (labels[top : top + height, left : left + width] == index).view(np.uint8)
    outlines, _ = cv2.findContours(area, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=cv2.contourArea)
    inside_area = cv2.contourArea(outline)
    hull_area = cv2.contourArea(cv2.convexHull(outline))
    if inside_area < _MIN_SOLID * hull_area or not _MIN_FILL * inside_area < stats[4] < _MAX_FILL * inside_area:
        return None
    inside = cv2.drawContours(np.zeros_like(area), [outline], -1, 255, -1)
    crop = work[top * _SCALE : (top + height) * _SCALE, left * _SCALE : (left + width) * _SCALE]
    colour = cv2.mean(crop[::_SCALE, ::_SCALE], area)
    inside = cv2.resize(inside, (crop.shape[1], crop.shape[0]), interpolation=cv2.INTER_NEAREST)
    inside = cv2.erode(inside, np.ones((_RIM, _RIM), np.uint8), borderValue=0)
    plane = _ink_plane(crop, inside, colour)
    return None if plane is None else Plate(left * _SCALE, top * _SCALE, plane)


def _ink_plane(crop: NDArray[np.uint8], inside: NDArray[np.uint8], colour: Sequence[float]) -> NDArray[np.uint8] | None:
    """What departs from the plate's colour, as dark ink on white; ``None`` where nothing does."""
    away = cv2.absdiff(crop, np.array(colour, np.float64).round())
    distance = cv2.bitwise_and(_strongest(away), inside)
    counts = level_counts(distance)
    inked = counts[-1] - counts[_MIN_INK]
    if inked <= 0:
        return None
    full = int(np.searchsorted(counts, counts[-1] - 0.1 * inked))
    scaled = cv2.min(cv2.convertScaleAbs(distance, alpha=_DARK / max(full, _MIN_INK)), _DARK)
    return np.asarray(cv2.bitwise_not(scaled), np.uint8)


def _strongest(channels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Of every pixel's channels, uint8 [H, W]."""
    if channels.ndim == 2:
        return channels
    blue, green, red = cv2.split(channels)
    return cv2.max(cv2.max(blue, green), red)
