"""A picture at the size in which numbers are sought, and the planes of it that show ink."""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.opencv import cv2

WORK_LONG_SIDE: Final = 512  # pixels; larger pictures are reduced to it
SMALL_LONG_SIDE: Final = 320  # smaller pictures are enlarged towards it, at most three times
_HUE_SCALE: Final = 4  # colours are compared at a fourth of the working size
_HUE_RANGE: Final = 200.0  # grey levels of colour difference that span the colour plane
_GREY_WEIGHTS: Final = np.array([0.114, 0.587, 0.299], np.float32)  # of B, G, R in ITU-R BT.601 luma
_MIN_HUE_SPREAD: Final = 4.0  # grey levels; root mean square of local colour differences of equal lightness
_COLOUR_FIRST: Final = 0.7  # of the local differences in lightness, from which on colour shows more
_MIN_HUE_SHARE: Final = 0.35  # of the local differences in lightness
_NO_COLOUR: Final = 0.7  # of that least: a rough estimate below it is certain


class WorkingCopy:
    """A uint8 [H, W] or [H, W, 3] BGR picture that is searched, once or twice; its parts are made when first used."""

    def __init__(self, image: NDArray[np.uint8]) -> None:
        self.image = image[:, :, 0] if image.ndim == 3 and image.shape[2] == 1 else image

    @property
    def is_crop(self) -> bool:
        """Whether the picture is so small that it was cut around a number."""
        return max(self.image.shape[:2]) < SMALL_LONG_SIDE

    @cached_property
    def pixels(self) -> NDArray[np.uint8]:
        """The picture at working size, uint8 [h, w] or [h, w, 3]."""
        image, long_side = self.image, max(self.image.shape[:2])
        if long_side > 2 * WORK_LONG_SIDE:  # plain decimation first: averaging millions of pixels takes too long
            image = _resize(image, 2 * WORK_LONG_SIDE / long_side, cv2.INTER_NEAREST)
        if long_side > WORK_LONG_SIDE:
            factor = WORK_LONG_SIDE / max(image.shape[:2])  # near 1, linear interpolation does as well, in less time
            return _resize(image, factor, cv2.INTER_LINEAR if factor > 0.7 else cv2.INTER_AREA)
        if long_side < SMALL_LONG_SIDE:
            return _resize(image, min(SMALL_LONG_SIDE / long_side, 3.0), cv2.INTER_CUBIC)
        return image

    @property
    def scale(self) -> NDArray[np.float32]:
        """Factors (x, y) from the picture's pixels to the working copy's."""
        (height, width), (full_height, full_width) = self.pixels.shape[:2], self.image.shape[:2]
        return np.array([width / full_width, height / full_height], np.float32)

    @cached_property
    def planes(self) -> list[NDArray[np.uint8]]:
        """The grey plane and, where colours differ at like lightness, the plane in which they differ most.

        The one with more contrast comes first; uint8 [h, w] each.
        """
        return [self.pixels] if self.pixels.ndim == 2 else _planes(self.pixels)


def _resize(image: NDArray[np.uint8], factor: float, interpolation: int) -> NDArray[np.uint8]:
    size = (max(round(image.shape[1] * factor), 1), max(round(image.shape[0] * factor), 1))
    return cv2.resize(image, size, interpolation=interpolation)


def _planes(work: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Those of a BGR picture."""
    grey = cv2.cvtColor(work, cv2.COLOR_BGR2GRAY)
    hue, lightness = _colour_differences(_roughly_quartered(work))
    if float(hue.trace()) < _NO_COLOUR * _least_hue(lightness):
        return [grey]
    size = (max(work.shape[1] // _HUE_SCALE, 1), max(work.shape[0] // _HUE_SCALE, 1))
    small = cv2.resize(work, size, interpolation=cv2.INTER_AREA)
    hue, lightness = _colour_differences(small)
    strengths, axes = np.linalg.eigh(hue)
    if strengths[-1] < _least_hue(lightness):
        return [grey]
    weights = axes[:, -1] - axes[:, -1].sum() * _GREY_WEIGHTS  # blind to lightness alone
    weights *= 255 / (np.abs(weights).sum() * _HUE_RANGE)
    offset = 127.5 - float(small.reshape(-1, 3).mean(axis=0) @ weights)
    coloured = cv2.transform(work, np.append(weights, offset).reshape(1, 4))
    more_colour = strengths[-1] > _COLOUR_FIRST**2 * lightness
    return [coloured, grey] if more_colour else [grey, coloured]


def _colour_differences(small: NDArray[np.uint8]) -> tuple[NDArray[np.float64], float]:
    """Of a picture's local differences the covariance of colour at like lightness, [3, 3], and lightness's variance."""
    levels = small.astype(np.float32)
    local = (levels[::2, ::2] - cv2.blur(levels, (15, 15))[::2, ::2]).reshape(-1, 3)
    spread = (local.T @ local).astype(np.float64) / len(local)
    lightness = float(_GREY_WEIGHTS @ spread @ _GREY_WEIGHTS)
    to_hue = np.eye(3) - _GREY_WEIGHTS[:, None]
    # Coloured paper under black ink changes hue along with lightness; what follows lightness is no news.
    slope = _GREY_WEIGHTS @ spread @ to_hue / max(lightness, 1e-6)
    to_hue -= _GREY_WEIGHTS[:, None] * (slope / max(float(np.linalg.norm(slope)), 1.0))
    return to_hue.T @ spread @ to_hue, lightness


def _least_hue(lightness: float) -> float:
    return max(_MIN_HUE_SPREAD**2, _MIN_HUE_SHARE**2 * lightness)


def _roughly_quartered(work: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Halved twice, which takes a third of the time but rounds twice."""
    height, width = (max(side // _HUE_SCALE, 1) for side in work.shape[:2])
    whole = work[: height * _HUE_SCALE, : width * _HUE_SCALE]
    half = cv2.resize(whole, (2 * width, 2 * height), interpolation=cv2.INTER_AREA)
    return cv2.resize(half, (width, height), interpolation=cv2.INTER_AREA)
