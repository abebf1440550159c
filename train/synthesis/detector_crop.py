"""Strips cut by the runtime's own detection: the box, tilt and colours that the network will meet in the field."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.types import Line
from edge_runtime.detection.locate import locate
from edge_runtime.recognition.strip import make_strip

from .backgrounds import Box
from .camera import Picture, cut_strip
from .writing import InkLine

_COVERED: Final = 0.93  # of the number's width, for a line to show all of it
_BEYOND: Final = 0.1  # heights that a line may reach past the number's sides; a bar beside it would be a 1
_HEIGHT: Final = (0.6, 1.6)  # of a line, in heights of the number


def found_strip(picture: Picture, rng: np.random.Generator, *, number: bool) -> NDArray[np.uint8]:
    """The strip of a line that detection finds, or one from the true box where it finds none.

    number: the line must show the whole number and little else; without, any line will do.
    """
    lines = [line for place in locate(picture.image) for line in place]
    if number:
        lines = [line for line in lines if _shows(line, picture)]
    if not lines:
        return cut_strip(picture, rng)
    line = lines[int(rng.integers(len(lines)))]
    return make_strip(picture.image, line.box.array(), line.direction)


def beside(line: InkLine, other: InkLine, rng: np.random.Generator) -> InkLine:
    """The line with another one above, below or at some distance beside it, as on a page; the box stays the line's."""
    height = line.box[3] - line.box[1]
    scale = float(rng.uniform(0.5, 1.2)) * height / max(other.box[3] - other.box[1], 1.0)
    size = (max(int(other.alpha.shape[1] * scale), 1), max(int(other.alpha.shape[0] * scale), 1))
    alpha = cv2.resize(other.alpha, size, interpolation=cv2.INTER_AREA)
    left, top, _, bottom = (value * scale for value in other.box)
    gap = height * rng.uniform(0.4, 1.5)
    side = int(rng.integers(3))
    if side == 0:
        x, y = rng.uniform(-1, 1) * height + line.box[0] - left, line.box[3] + gap - top
    elif side == 1:
        x, y = rng.uniform(-1, 1) * height + line.box[0] - left, line.box[1] - gap - bottom
    else:
        x, y = line.box[2] + gap + 1.2 * height - left, line.box[3] - bottom
    x, y = int(x), int(y)
    dx, dy = max(-x, 0), max(-y, 0)  # the page grows to the left and the top, too
    rows, columns = line.alpha.shape
    page = np.zeros((max(rows, y + size[1]) + dy, max(columns, x + size[0]) + dx), np.float32)
    page[dy : dy + rows, dx : dx + columns] = line.alpha
    place = page[y + dy : y + dy + size[1], x + dx : x + dx + size[0]]
    np.maximum(place, alpha, out=place)
    return InkLine(page, (line.box[0] + dx, line.box[1] + dy, line.box[2] + dx, line.box[3] + dy))


def _shows(line: Line, picture: Picture) -> bool:
    """Whether the line holds the whole number, hardly more, and in the right polarity."""
    left, top, right, bottom = picture.box
    height = max(bottom - top, 1.0)
    found: Box = line.box.bounds
    inside = max(min(found[2], right) - max(found[0], left), 0.0)
    return (
        inside >= _COVERED * (right - left)
        and found[0] > left - _BEYOND * height
        and found[2] < right + _BEYOND * height
        and _HEIGHT[0] * height < line.box.height < _HEIGHT[1] * height
        and top < (found[1] + found[3]) / 2 < bottom
        and bool(line.direction.sum() > 0) == picture.bright
    )
