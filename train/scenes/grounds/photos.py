"""Crops of photographs and surfaces for what lies behind things."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..letters.chance import between, happens
from .colours import colour
from .textures import gradient, noise, shaded


def photo(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Any picture without a character, uint8 [h, w, 3]."""
    pixels = shaded(gradient(shape, colour(rng), colour(rng), rng), noise(shape, rng, 7.0), rng.uniform(0.2, 1.0))
    for _ in range(int(between(rng, 2, 12))):
        centre = rng.uniform(0, 1, 2) * shape[::-1]
        corners = centre + rng.normal(0, rng.uniform(0.05, 0.4) * shape[1], (5, 2))
        cv2.fillConvexPoly(pixels, cv2.convexHull(corners.astype(np.int32)), colour(rng).tolist(), cv2.LINE_AA)
    return cv2.GaussianBlur(pixels, (0, 0), between(rng, 0.6, 4)) if happens(rng, 0.6) else pixels
