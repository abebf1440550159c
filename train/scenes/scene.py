"""A training scene: one picture with every character in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .canvas.drawing import Drawing, faint, settled
from .compose import composed


@dataclass(frozen=True, eq=False)
class Scene:
    """One picture and its labels.

    pixels: uint8 [H, W, 3], BGR.
    boxes: float32 [N, 5], a character each: centre x and y of its own ink, pixels; height of a digit of its line,
        pixels, for points, dashes and letters too; width of its own ink along the reading direction, pixels; angle of
        the reading direction, radians from 0 to 2 pi, 0 from left to right, growing clockwise.
    kinds: uint8 [N], indices in ``KINDS``.
    following: int32 [N], the next character of the same number or word, -1 where there is none.
    ignore: uint8 [H, W], 255 where nothing may be taught, else 0.
    """

    pixels: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    kinds: NDArray[np.uint8]
    following: NDArray[np.int32]
    ignore: NDArray[np.uint8]


def scene(rng: np.random.Generator, size: tuple[int, int] = (320, 320), kind: str | None = None) -> Scene:
    """Draw one picture of ``size`` (height, width); of one kind of ``kinds.table.TABLE``, or any."""
    drawing: Drawing = composed(rng, size, kind)
    characters, ignore = settled(drawing)
    if len(characters):
        lost = faint(drawing.pixels, characters)
        for polygon in characters.corners()[lost]:
            cv2.fillConvexPoly(ignore, np.round(polygon).astype(np.int32), 255)
        characters = characters.kept(~lost)
    return Scene(drawing.pixels, characters.boxes, characters.kinds, characters.following, ignore)


def scenes(
    seed: int, count: int, size: tuple[int, int] = (320, 320), kind: str | None = None, first: int = 0
) -> Iterator[Scene]:
    """``count`` scenes from number ``first`` on; a seed, a number and a size always give the same scene."""
    for index in range(first, first + count):
        yield scene(np.random.default_rng([seed, index]), size, kind)
