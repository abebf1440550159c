"""A box in a picture -> the 28×140 strip that the network reads.

Runtime, training, calibration and benchmarks all make their strips here, so that what the network
meets in the field is what it has seen in training. The steps:

1. ``cut``: the box is turned upright and sampled at twice the strip's height;
2. ``ink_plane``: colour is projected on the line from ground to ink, so that ink is bright whatever
   the polarity or hue, and the ground is removed softly (grey values stay grey);
3. ``squeeze_gaps``: in a line too long for the strip, wide empty gaps are shortened;
4. ``fit``: scaled with its aspect ratio kept, placed in the middle, contrast stretched.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.opencv import cv2

from .contract import STRIP_HEIGHT, STRIP_WIDTH

STRIP_VERSION: Final = 1
"""Raised whenever the pixels of a strip change; a model says which version it was trained on."""

INNER_HEIGHT: Final = 24  # pixels of the strip that the box fills; 2 above and 2 below show its surroundings
INNER_WIDTH: Final = 136
OVERSAMPLE: Final = 2  # the box is worked on at this many times the strip's resolution
MAX_ASPECT: Final = 16.0  # width / height of a box; what is longer is no number of five digits

_DARK: Final = 48  # grey levels; the ground of a strip is darker
_WORK_HEIGHT: Final = STRIP_HEIGHT * OVERSAMPLE
_WORK_MARGIN: Final = (STRIP_HEIGHT - INNER_HEIGHT) // 2 * OVERSAMPLE
_GROUND_KERNEL: Final = cv2.getStructuringElement(cv2.MORPH_RECT, (23, 23))  # wider than a marker's stroke at 56 px
_SMOOTH: Final = (9, 9)
_MIN_CONTRAST: Final = 3.0  # grey levels between ink and ground; below, a strip is empty
_VIEW_CUT: Final = 5  # rows of the working size
_VIEW_SHEAR: Final = 0.2  # horizontal shift per height
_INK_FLOOR: Final = 0.12  # share of the contrast that is still called ground


def make_strip(
    image: NDArray[np.uint8], corners: NDArray[np.float32], direction: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """Cut one number line out of a picture.

    image: uint8 [H, W] grey or [H, W, 3] BGR.
    corners: float32 [4, 2], x and y in pixels: top left, top right, bottom right, bottom left of the ink,
        in reading direction.
    direction: float32 [channels], from the ground's colour to the ink's; ``[-1]`` is dark ink on a light
        grey ground. Its length does not matter.
    Returns uint8 [28, 140], ink bright on a dark ground.
    """
    return fit(line_ink(image, corners, direction))


def line_ink(
    image: NDArray[np.uint8], corners: NDArray[np.float32], direction: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Steps 1 to 3 of a strip, arguments as for ``make_strip``: the line's ink at working size, float32 [56, w]."""
    ink = ink_plane(cut(image, corners), direction)
    width_limit = INNER_WIDTH * OVERSAMPLE + 2 * _WORK_MARGIN
    return squeeze_gaps(ink, width_limit) if ink.shape[1] > width_limit else ink


def as_strip(pixels: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """The picture itself, uint8 [28, 140], where it is a strip already: of that size, grey, dark along its border.

    pixels: uint8 [H, W] or [H, W, 3]. A strip has been cut and cleaned; to seek a line in it would lose some of that.
    """
    if pixels.shape[:2] != (STRIP_HEIGHT, STRIP_WIDTH):
        return None
    grey = pixels if pixels.ndim == 2 else pixels[:, :, 0]
    if pixels.ndim == 3 and not (pixels == grey[:, :, None]).all():
        return None
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    return grey if np.median(border) <= _DARK else None


def other_views(ink: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The same line a little smaller, without what may hang in from above, and slanted to either side.

    Returns uint8 [4, 28, 140]. A box that is off by a little, or a slanting hand, changes what the network sees;
    averaging over such changes is worth three to four points on real pictures, at the cost of four more strips.
    """
    pad = _WORK_MARGIN
    smaller = cv2.copyMakeBorder(ink, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=0)
    slanted = [_sheared(ink, shear) for shear in (_VIEW_SHEAR, -_VIEW_SHEAR)]
    return np.stack([fit(plane) for plane in (smaller, ink[_VIEW_CUT:], *slanted)])


def cut(image: NDArray[np.uint8], corners: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The box and a little of its surroundings, upright.

    Returns uint8 [56, w] or [56, w, 3]; the box is 48 high with a margin of 4 on every side. Pictures are
    reduced by area averaging first, so that thin strokes fade instead of breaking up.
    """
    corners = np.asarray(corners, np.float32).reshape(4, 2)
    width = float(np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[2] - corners[3])) / 2
    height = float(np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1])) / 2
    height = max(height, width / MAX_ASPECT, 1.0)
    inner_height = _WORK_HEIGHT - 2 * _WORK_MARGIN
    scale = inner_height / height
    inner_width = max(int(round(width * scale)), 1)

    region, corners = _crop_around(image, corners, pad=height * 0.3 + 2)
    shrink = height / inner_height
    if shrink > 1.5:
        size = (max(int(region.shape[1] / shrink), 1), max(int(region.shape[0] / shrink), 1))
        factors = np.array([size[0] / region.shape[1], size[1] / region.shape[0]], np.float32)
        region = cv2.resize(region, size, interpolation=cv2.INTER_AREA)
        corners = (corners + 0.5) * factors - 0.5

    left, top = _WORK_MARGIN, _WORK_MARGIN
    right, bottom = left + inner_width, top + inner_height
    target = np.array([[left, top], [right, top], [left, bottom]], np.float32)
    transform = cv2.getAffineTransform(np.ascontiguousarray(corners[[0, 1, 3]]), target)
    return cv2.warpAffine(
        region,
        transform,
        (inner_width + 2 * _WORK_MARGIN, _WORK_HEIGHT),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )


def ink_plane(patch: NDArray[np.uint8], direction: NDArray[np.float32]) -> NDArray[np.float32]:
    """Colour -> amount of ink above the local ground, float32 [h, w], not negative.

    The ground is a grey opening (nothing narrower than 23 pixels of 56 survives), smoothed: shadows,
    vignetting and paper colour vanish, strokes stay.
    """
    weights = np.asarray(direction, np.float32).reshape(-1)
    weights = weights / max(float(np.abs(weights).sum()), 1e-6)
    channels = patch.astype(np.float32)
    plane = channels * weights[0] if channels.ndim == 2 else cv2.transform(channels, weights.reshape(1, -1))
    plane = cv2.GaussianBlur(plane, (3, 3), 0)
    ground = cv2.morphologyEx(plane, cv2.MORPH_OPEN, _GROUND_KERNEL, borderType=cv2.BORDER_REPLICATE)
    ground = cv2.blur(ground, _SMOOTH, borderType=cv2.BORDER_REPLICATE)
    return np.maximum(plane - ground, 0)


def squeeze_gaps(ink: NDArray[np.float32], target_width: int) -> NDArray[np.float32]:
    """Shorten the empty columns between digits until the line is ``target_width`` wide or no gap is wide.

    A gap keeps at least a third of the line's height, so that digits do not merge.
    """
    keep_at_least = ink.shape[0] // 3
    empty = (ink > _otsu(ink)).sum(axis=0) <= 1
    edges = np.flatnonzero(np.diff(np.concatenate([[0], empty.view(np.int8), [0]])))
    gaps = [(start, stop) for start, stop in zip(edges[::2], edges[1::2], strict=True) if stop - start > keep_at_least]
    spare = sum(stop - start - keep_at_least for start, stop in gaps)
    if spare <= 0:
        return ink
    share = min(1.0, (ink.shape[1] - target_width) / spare)
    keep = np.ones(ink.shape[1], bool)
    for start, stop in gaps:
        drop = int(np.ceil((stop - start - keep_at_least) * share))
        middle = (start + stop) // 2
        keep[middle - drop // 2 : middle - drop // 2 + drop] = False
    return np.ascontiguousarray(ink[:, keep])


def fit(ink: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Ink at working resolution -> the strip: aspect ratio kept, in the middle, contrast stretched."""
    height, width = ink.shape
    scale = min(STRIP_HEIGHT / height, STRIP_WIDTH / width)
    size = (max(int(round(width * scale)), 1), max(int(round(height * scale)), 1))
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    strip = np.zeros((STRIP_HEIGHT, STRIP_WIDTH), np.uint8)
    top, left = (STRIP_HEIGHT - size[1]) // 2, (STRIP_WIDTH - size[0]) // 2
    strip[top : top + size[1], left : left + size[0]] = stretch_contrast(small)
    return strip


def _sheared(ink: NDArray[np.float32], shear: float) -> NDArray[np.float32]:
    height, width = ink.shape
    slack = int(np.ceil(abs(shear) * height))
    matrix = np.array([[1, -shear, shear * height / 2 + slack / 2], [0, 1, 0]], np.float32)
    return cv2.warpAffine(ink, matrix, (width + slack, height))


def stretch_contrast(ink: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Map the ground's mean to 0 and the ink's mean to nearly white; uint8 of the same shape.

    Ground and ink are the two classes of Otsu's threshold (IEEE Trans. SMC 9(1), 1979).
    """
    is_ink = ink > _otsu(ink)
    count = int(is_ink.sum())
    if count == 0 or count == ink.size:
        return np.zeros(ink.shape, np.uint8)
    ground_mean, ink_mean = float(ink[~is_ink].mean()), float(ink[is_ink].mean())
    contrast = ink_mean - ground_mean
    if contrast < _MIN_CONTRAST:
        return np.zeros(ink.shape, np.uint8)
    low = ground_mean + _INK_FLOOR * contrast
    scaled = (ink - low) * (230.0 / (ink_mean - low))
    return np.clip(scaled, 0, 255).astype(np.uint8)


def _otsu(ink: NDArray[np.float32]) -> float:
    """Otsu's threshold of a non-negative plane, in the plane's unit."""
    peak = float(ink.max())
    if peak <= 0:
        return 0.0
    bytes_ = cv2.convertScaleAbs(ink, alpha=255.0 / peak)
    level, _ = cv2.threshold(bytes_, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return float(level) * peak / 255.0


def _crop_around(
    image: NDArray[np.uint8], corners: NDArray[np.float32], pad: float
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The part of the picture around the corners, and the corners in its coordinates."""
    height, width = image.shape[:2]
    low = np.floor(corners.min(axis=0) - pad).astype(int)
    high = np.ceil(corners.max(axis=0) + pad).astype(int) + 1
    left, top = np.clip(low, 0, [max(width - 1, 0), max(height - 1, 0)])
    right, bottom = np.clip(high, [left + 1, top + 1], [width, height])
    return image[top:bottom, left:right], corners - np.array([left, top], np.float32)
