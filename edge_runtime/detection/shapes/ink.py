"""A grey plane -> masks of dark and of bright ink.

Ground is what a grey closing (for dark ink; an opening for bright ink) leaves over: whatever is narrower than
the kernel is filled, so strokes vanish while shadow edges and vignetting stay. The difference to the plane is
the ink's contrast. A pixel is ink where its contrast reaches both a noise floor, estimated from the whole plane,
and a share of the strongest contrast near it, so that faint strokes are found and dark ones are not fattened.
The share is taken relative to the light that falls there, so that ink in a shadow is found beside ink in the sun.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.opencv import cv2

PEAK_SHARE: Final = 0.46  # of the strongest contrast nearby that a pixel needs
MIN_CONTRAST: Final = 9.0  # grey levels; sensor noise of blank paper stays below after smoothing
_NOISE_FACTOR: Final = 6.0  # times the spread of the contrast's lower half
_SENSOR_FACTOR: Final = 3.4  # times the standard deviation of pixel noise; what closing makes of it stays below
_DARK_LEVEL: Final = 40.0  # grey levels added to the light, so that noise in the dark is not blown up
_LIGHT_SCALE: Final = 215.0  # 255 less the dark level: contrast on white paper keeps its number
_LEVEL_SHARES: Final = np.array([0.25, 0.5, 0.97])  # of the pixels: the spread of the lower half, and strong ink
_STEP: Final = 4  # the local peak is computed on every fourth pixel
_RULING_SHARE: Final = 0.45  # of a long picture's side; a straight run as long is no part of a digit
_RULING_SHARE_SQUARE: Final = 0.7  # of the side of other pictures, which one digit may fill
_UPRIGHT_SHARE: Final = 0.95  # of the height: a 1 may be nearly as tall as the picture
_RULING_WIDTH: Final = 9  # pixels; a line as wide is not taken for a ruling


@dataclass(frozen=True)
class Ink:
    """Ink of one polarity in a plane; uint8 [H, W] each.

    ``mask`` 0 or 1; ``contrast`` to the ground in grey levels; ``relative`` the same, for even light;
    ``ground`` the plane without its ink; ``noise`` standard deviation from pixel to pixel, before smoothing.
    """

    mask: NDArray[np.uint8]
    contrast: NDArray[np.uint8]
    relative: NDArray[np.uint8]
    ground: NDArray[np.uint8]
    noise: float


def find_ink(smooth: NDArray[np.uint8], kernel: int, noise: float) -> tuple[Ink, Ink]:
    """Dark and bright ink of a slightly smoothed uint8 [H, W] plane, with strokes narrower than ``kernel`` pixels.

    ``noise`` is the plane's ``pixel_noise`` before smoothing.
    """
    window = cv2.getStructuringElement(cv2.MORPH_RECT, (kernel, kernel))
    closed = cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, window)
    opened = cv2.morphologyEx(smooth, cv2.MORPH_OPEN, window)
    light = cv2.add(closed, _DARK_LEVEL)
    dark = _ink(cv2.subtract(closed, smooth), closed, light, kernel, noise)
    bright = _ink(cv2.subtract(smooth, opened), opened, light, kernel, noise)
    return dark, bright


def pixel_noise(plane: NDArray[np.uint8]) -> float:
    """Standard deviation of the noise from pixel to pixel, in grey levels, told from the calmest parts of a plane.

    From second differences (Immerkaer, CVIU 64(2), 1996), by their lower quartile rather than their mean.
    """
    if min(plane.shape) < 3:
        return 0.0
    step = max(plane.shape[0] // 80, 1)
    above, here, below = (plane[row : plane.shape[0] - 2 + row : step].astype(np.int16) for row in range(3))
    across = above - 2 * here + below
    second = cv2.convertScaleAbs(across[:, :-2] - 2 * across[:, 1:-1] + across[:, 2:])  # what exceeds 255 is no ground
    return int(np.searchsorted(level_counts(second), second.size // 4, side="right")) / (6 * 0.319)


def level_counts(plane: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How many pixels are at most as bright as each of the 256 grey levels."""
    return np.cumsum(cv2.calcHist([plane], [0], None, [256], [0, 256]).reshape(-1))


def noise_floor(contrast: NDArray[np.uint8], noise: float) -> float:
    """The contrast that the ground's own noise and texture do not reach, in grey levels."""
    counts = level_counts(np.ascontiguousarray(contrast[::3, ::3]))
    low, middle, high = np.searchsorted(counts, _LEVEL_SHARES * counts[-1]).tolist()
    floor = middle + _NOISE_FACTOR * (middle - low) + 3
    # On a busy ground (security print) the spread is that of the texture; real ink still stands out of it.
    return max(MIN_CONTRAST, _SENSOR_FACTOR * noise, min(floor, max(0.5 * high, middle + 10)))


def _ink(
    contrast: NDArray[np.uint8], ground: NDArray[np.uint8], light: NDArray[np.uint8], kernel: int, noise: float
) -> Ink:
    relative = cv2.divide(contrast, light, scale=_LIGHT_SCALE)
    floor = np.uint8(min(noise_floor(contrast, noise), 255.0))
    level = cv2.convertScaleAbs(_local_peak(relative, kernel), alpha=PEAK_SHARE)
    mask = cv2.bitwise_and(cv2.compare(relative, level, cv2.CMP_GT), (contrast > floor).view(np.uint8))
    return Ink(_without_rulings(mask), contrast, relative, ground, noise)


def _local_peak(relative: NDArray[np.uint8], kernel: int) -> NDArray[np.uint8]:
    """The strongest contrast within about half a kernel of every pixel."""
    height, width = relative.shape
    coarse = cv2.dilate(relative, np.ones((_STEP, _STEP), np.uint8))[_STEP // 2 :: _STEP, _STEP // 2 :: _STEP]
    if coarse.size == 0:
        return relative
    reach = max(kernel // _STEP, 1) | 1
    peak = cv2.blur(cv2.dilate(coarse, np.ones((reach, reach), np.uint8)), (reach, reach))
    return cv2.resize(peak, (width, height), interpolation=cv2.INTER_LINEAR)


def _coarse(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Whether there is ink in a cell, 4 pixels wide and high: 0 or 1 on a grid a fourth as fine."""
    height, width = mask.shape
    if height % _STEP or width % _STEP:
        size = (max(width // _STEP, 1), max(height // _STEP, 1))
        return (cv2.resize(mask * np.uint8(255), size, interpolation=cv2.INTER_AREA) > 0).view(np.uint8)
    rows = np.ascontiguousarray(mask).view(np.uint32)  # the same in less time: four pixels of a row at once
    return (rows[0::_STEP] | rows[1::_STEP] | rows[2::_STEP] | rows[3::_STEP]).astype(bool).view(np.uint8)


def _without_rulings(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Remove thin straight lines that run along much of the picture: rulings, underlines, paper edges."""
    coarse = _coarse(mask)
    size = coarse.shape[::-1]
    for axis in (0, 1):
        share = _RULING_SHARE if size[axis] > 2 * size[1 - axis] else _RULING_SHARE_SQUARE
        run = max(int(size[axis] * (share if axis == 0 else max(share, _UPRIGHT_SHARE))), 6)
        along = (1, run) if axis == 0 else (run, 1)
        if cv2.reduce(coarse, 1 - axis, cv2.REDUCE_SUM, dtype=cv2.CV_32S).max() < run:
            continue
        if not cv2.countNonZero(cv2.erode(coarse, np.ones(along, np.uint8), borderValue=0)):
            continue
        bridge = (3, 5) if axis == 0 else (5, 3)
        along = (1, run * _STEP) if axis == 0 else (run * _STEP, 1)
        across = (_RULING_WIDTH, 1) if axis == 0 else (1, _RULING_WIDTH)
        rulings = cv2.morphologyEx(
            cv2.dilate(mask, np.ones(bridge, np.uint8)), cv2.MORPH_OPEN, np.ones(along, np.uint8)
        )
        thick = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones(across, np.uint8))
        rest = cv2.subtract(mask, cv2.subtract(rulings, thick))
        crossing = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones(across, np.uint8))
        mask = cv2.bitwise_or(rest, cv2.bitwise_and(mask, crossing))  # strokes that cross the ruling stay whole
    return mask
