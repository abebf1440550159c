"""A picture under way: its pixels, its characters, and where nothing may be taught."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ..grounds.colours import Colour
from ..grounds.textures import plain
from ..letters.characters import Characters
from ..letters.typeset import Line

_LEAST_INSIDE: Final = 0.9  # share of a character's width and height that must lie inside the picture
_LEAST_SPREAD: Final = 2.5  # grey levels, standard deviation within a character's box
_READABLE: Final = 6.0  # pixels; lower digits are not taught


@dataclass(eq=False)
class Drawing:
    """pixels: uint8 [h, w, 3] BGR; parts: groups of characters; ignored: polygons float32 [n, 4, 2]."""

    pixels: NDArray[np.uint8]
    parts: list[Characters] = field(default_factory=list)
    ignored: list[NDArray[np.float32]] = field(default_factory=list)

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.pixels.shape[0])

    @property
    def characters(self) -> Characters:
        """All of them, in the order in which they were put."""
        return Characters.joined(self.parts)

    def part(self, x: int, y: int, width: int, height: int) -> tuple[NDArray[np.uint8], tuple[slice, slice]]:
        """The pixels of a rectangle as far as it lies inside, and which part of the rectangle that is."""
        left, top = max(x, 0), max(y, 0)
        right, bottom = min(x + width, self.width), min(y + height, self.height)
        inside = slice(top - y, max(bottom, top) - y), slice(left - x, max(right, left) - x)
        return self.pixels[top : max(bottom, top), left : max(right, left)], inside

    def stain(self, mask: NDArray[np.uint8], x: int, y: int, colour: Colour | NDArray[np.uint8]) -> None:
        """Lay a colour, or a picture as large as the mask, on the pixels as densely as a mask uint8 [h, w] says."""
        under, inside = self.part(x, y, mask.shape[1], mask.shape[0])
        if not under.size:
            return
        alpha = mask[inside]
        if colour.ndim == 1:
            over = plain(under.shape[:2], colour.astype(np.float32))
        else:
            over = np.ascontiguousarray(colour[inside], np.uint8)
        dense, thin = cv2.merge([alpha, alpha, alpha]), cv2.bitwise_not(alpha)
        kept = cv2.multiply(under, cv2.merge([thin, thin, thin]), scale=1 / 255)
        cv2.add(kept, cv2.multiply(over, dense, scale=1 / 255), dst=kept)  # half the time of blendLinear
        under[:] = kept

    def put(self, line: Line, x: float, y: float, colour: Colour | NDArray[np.uint8], *, taught: bool = True) -> None:
        """Lay a line with its top left corner there; not ``taught``: where it stands is ignored."""
        x, y = int(round(x)), int(round(y))
        self.stain(line.ink, x, y, colour)
        characters = line.characters.moved(x, y)
        if taught:
            self.parts.append(characters)
        else:
            self.ignore(x, y, line.width, line.height)

    def put_free(self, line: Line, x: float, y: float, colour: Colour) -> bool:
        """Lay a line there if it lies inside and no character stands there yet; says whether."""
        inside = x >= 0 and y >= 0 and x + line.width <= self.width and y + line.height <= self.height
        if not inside or self._touched(x, y, line.width, line.height).any():
            return False
        self.put(line, x, y, colour)
        return True

    def _touched(self, x: float, y: float, width: float, height: float) -> NDArray[np.bool_]:
        """Which characters reach into a rectangle, bool [N]."""
        characters = self.characters
        if not len(characters):
            return np.zeros(0, np.bool_)
        corners = characters.own().corners()
        low, high = corners.min(axis=1), corners.max(axis=1)
        touched = (low < [x + width, y + height]) & (high > [x, y])
        return np.asarray(touched.all(axis=1))

    def ignore(self, x: float, y: float, width: float, height: float) -> None:
        """Nothing may be taught in that rectangle."""
        corners = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]
        self.ignored.append(np.array([corners], np.float32))

    def paste(self, other: Drawing, x: int, y: int) -> None:
        """Lay a whole drawing there."""
        under, inside = self.part(x, y, other.width, other.height)
        if not under.size:
            return
        touched = self._touched(x, y, other.width, other.height)
        if touched.any():  # what it covers is not there any more
            characters = self.characters
            self.ignored += [corners[None] for corners in characters.own().corners()[touched]]
            self.parts = [characters.kept(~touched)]
        under[:] = other.pixels[inside]
        self.parts.append(other.characters.moved(x, y))
        self.ignored += [polygons + np.array([x, y], np.float32) for polygons in other.ignored]

    def warp_in(self, other: Drawing, matrix: NDArray[np.float64], border: int = cv2.BORDER_CONSTANT) -> None:
        """Lay a whole drawing as a homography [3, 3] places it; only the rectangle that it reaches is worked on.

        border: other than constant, the drawing goes on beyond its border over the whole picture.
        """
        corners = np.array([[[0, 0], [other.width, 0], [other.width, other.height], [0, other.height]]], np.float64)
        reach = cv2.perspectiveTransform(corners, matrix)[0]
        low = np.maximum(np.floor(reach.min(axis=0)).astype(int) - 1, 0)
        high = np.minimum(np.ceil(reach.max(axis=0)).astype(int) + 1, [self.width, self.height])
        if border != cv2.BORDER_CONSTANT:
            low, high = np.array([0, 0]), np.array([self.width, self.height])
        size = (int(high[0] - low[0]), int(high[1] - low[1]))
        if min(size) <= 0:
            return
        local = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]], np.float64) @ matrix
        shrinks = np.sqrt(abs(np.linalg.det(matrix[:2, :2]))) < 0.6
        source = cv2.GaussianBlur(other.pixels, (3, 3), 0) if shrinks else other.pixels
        # four channels take half the time of three; the fourth is where the drawing is
        packed = cv2.cvtColor(source, cv2.COLOR_BGR2BGRA)
        warped = cv2.warpPerspective(packed, local, size, flags=cv2.INTER_LINEAR, borderMode=border)
        pixels, alpha = cv2.cvtColor(warped, cv2.COLOR_BGRA2BGR), cv2.extractChannel(warped, 3)
        if border == cv2.BORDER_CONSTANT:  # outside is black, so the pixels are multiplied by alpha already
            under = self.pixels[low[1] : high[1], low[0] : high[0]]
            thin = cv2.bitwise_not(alpha)
            pixels = cv2.add(pixels, cv2.multiply(under, cv2.merge([thin, thin, thin]), scale=1 / 255))
        self.pixels[low[1] : high[1], low[0] : high[0]] = pixels
        self.parts.append(other.characters.warped(matrix))
        self.ignored += [
            cv2.perspectiveTransform(polygons.astype(np.float64), matrix).astype(np.float32)
            for polygons in other.ignored
        ]


def faint(pixels: NDArray[np.uint8], characters: Characters) -> NDArray[np.bool_]:
    """Which characters nobody sees, since ink and ground look alike in the finished picture; bool [N]."""
    grey = cv2.blur(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), (3, 3))
    corners = characters.own().corners()
    low = np.maximum(np.floor(corners.min(axis=1)).astype(int), 0).tolist()
    high = (np.ceil(corners.max(axis=1)).astype(int) + 1).tolist()
    spreads = [
        float(cv2.meanStdDev(grey[top:bottom, left:right])[1][0, 0])
        for (left, top), (right, bottom) in zip(low, high, strict=True)
    ]
    return np.array(spreads) < _LEAST_SPREAD


def settled(drawing: Drawing) -> tuple[Characters, NDArray[np.uint8]]:
    """The characters that can be taught, and the mask of what is to be ignored, uint8 [h, w] of 0 and 255.

    Characters cut by the border and too small ones are ignored instead.
    """
    height, width = drawing.height, drawing.width
    mask = np.zeros((height, width), np.uint8)
    for polygons in drawing.ignored:
        for polygon in polygons:
            cv2.fillConvexPoly(mask, np.round(polygon).astype(np.int32), 255)
    characters = drawing.characters
    if not len(characters):
        return characters, mask
    corners = characters.own().corners()
    clipped = np.clip(corners, 0, [width, height])
    across, down = np.ptp(corners[..., 0], axis=1), np.ptp(corners[..., 1], axis=1)
    inside = np.minimum(
        np.ptp(clipped[..., 0], axis=1) / np.maximum(across, 1e-3),
        np.ptp(clipped[..., 1], axis=1) / np.maximum(down, 1e-3),
    )
    good = (inside >= _LEAST_INSIDE) & (characters.boxes[:, 2] >= _READABLE)
    good &= (
        (characters.boxes[:, 0] < width)
        & (characters.boxes[:, 1] < height)
        & (characters.boxes[:, :2] >= 0).all(axis=1)
    )
    for polygon in corners[~good & (inside > 0)]:
        cv2.fillConvexPoly(mask, np.round(polygon).astype(np.int32), 255)
    return characters.kept(good), mask
