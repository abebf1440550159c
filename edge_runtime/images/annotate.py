"""Boxes, readings and confidences on a copy of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.errors import ImageError
from edge_runtime.core.opencv import cv2
from edge_runtime.core.types import Reading

_ACCEPTED_BGR: Final = (60, 170, 0)
_UNSURE_BGR: Final = (0, 110, 230)
_TEXT_BGR: Final = (255, 255, 255)
_GROUND_BGR: Final = (40, 40, 40)
_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX
_LEAST_LONG_SIDE: Final = 480  # pixels; a smaller picture is enlarged so that the labels can be read


def draw_readings(
    image: NDArray[np.uint8], readings: Sequence[Reading], *, note: str = "", scale: float = 1.0
) -> NDArray[np.uint8]:
    """Draw on a copy; the picture given is not changed.

    image: uint8 [H, W] grey or [H, W, 3] BGR. note: a line for the bottom left corner.
    scale: pixels of ``image`` for one pixel of the boxes, where the picture was reduced.
    Returns uint8 [H', W', 3] BGR. Small pictures are enlarged by a whole number, and room is added at
    the edges where a label would not fit. A reading that is not accepted is marked with "?".
    """
    canvas = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR) if image.ndim == 2 else image
    factor = max(1, -(-_LEAST_LONG_SIDE // max(image.shape[:2])))
    canvas = cv2.resize(canvas, None, fx=factor, fy=factor, interpolation=cv2.INTER_NEAREST)
    unit = max(canvas.shape[:2]) / 640  # everything drawn grows with the picture
    labels = [_Label(reading, factor * scale, unit) for reading in readings if reading.box is not None]
    top = max([label.room_missing(canvas.shape[0]) for label in labels] + [0])
    right = max([label.width - canvas.shape[1] for label in labels] + [0])
    canvas = cv2.copyMakeBorder(canvas, top, 0, 0, right, cv2.BORDER_CONSTANT, value=_GROUND_BGR)
    for label in labels:
        label.draw(canvas, top)
    if note:
        _write(canvas, note, (0, canvas.shape[0]), unit, _GROUND_BGR)
    return canvas


def save_picture(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write a BGR picture as PNG or JPEG by its name's ending; raises ``ImageError`` for another, or ``OSError``."""
    try:
        ok, data = cv2.imencode(path.suffix, picture)
    except cv2.error:
        ok = False
    if not ok:
        raise ImageError(f"{path}: cannot be written as {path.suffix or 'a picture'}; name it .png or .jpg")
    path.write_bytes(data.tobytes())  # cv2.imwrite fails on names that are not ASCII on some systems


class _Label:
    """One box with its text, measured before it is drawn."""

    def __init__(self, reading: Reading, factor: float, unit: float) -> None:
        assert reading.box is not None
        self.unit = unit
        self.text = f"{reading.text}{'' if reading.accepted else '?'} {reading.confidence:.0%}"
        self.colour = _ACCEPTED_BGR if reading.accepted else _UNSURE_BGR
        self.corners = reading.box.scaled(factor).array()
        self.width, self.height = _measure(self.text, unit)

    def room_missing(self, picture_height: int) -> int:
        """Rows that must be added at the top, where the text fits neither above the box nor below it."""
        above, below = int(self.corners[:, 1].min()), picture_height - int(self.corners[:, 1].max())
        return max(0, self.height - above) if below <= self.height else 0

    def draw(self, canvas: NDArray[np.uint8], top: int) -> None:
        """Draw on a canvas to which ``top`` rows were added."""
        corners = np.round(self.corners + np.array([0, top])).astype(np.int32)
        cv2.polylines(canvas, [corners.reshape(-1, 1, 2)], True, self.colour, _stroke(self.unit), cv2.LINE_AA)
        left = int(np.clip(corners[:, 0].min(), 0, max(canvas.shape[1] - self.width, 0)))
        first, last = int(corners[:, 1].min()), int(corners[:, 1].max())
        bottom = first if first >= self.height else min(last + self.height, canvas.shape[0])
        _write(canvas, self.text, (left, bottom), self.unit, self.colour)


def _stroke(unit: float) -> int:
    return max(1, round(1.8 * unit))


def _measure(text: str, unit: float) -> tuple[int, int]:
    """Width and height of a text with its ground, in pixels."""
    (width, height), _ = cv2.getTextSize(text, _FONT, 0.8 * unit, _stroke(unit))
    margin = int(5 * unit)
    return width + 2 * margin, height + 3 * margin


def _write(
    canvas: NDArray[np.uint8], text: str, bottom_left: tuple[int, int], unit: float, ground: tuple[int, int, int]
) -> None:
    """White text on a filled rectangle, legible on any picture."""
    left, bottom = bottom_left
    width, height = _measure(text, unit)
    cv2.rectangle(canvas, (left, bottom - height), (left + width, bottom), ground, cv2.FILLED)
    margin = int(5 * unit)
    place = (left + margin, bottom - int(1.5 * margin))
    cv2.putText(canvas, text, place, _FONT, 0.8 * unit, _TEXT_BGR, _stroke(unit), cv2.LINE_AA)
