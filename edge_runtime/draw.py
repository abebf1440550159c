"""Boxes, readings and confidences on a copy of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .decode import Reading
from .errors import ImageError
from .opencv import cv2

_ACCEPTED_BGR: Final = (60, 170, 0)
_UNSURE_BGR: Final = (0, 110, 230)
_TEXT_BGR: Final = (255, 255, 255)
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
    top = max([label.height - int(label.corners[:, 1].min()) for label in labels] + [0])
    right = max([label.width - canvas.shape[1] for label in labels] + [0])
    canvas = cv2.copyMakeBorder(canvas, top, 0, 0, right, cv2.BORDER_CONSTANT, value=(40, 40, 40))
    for label in labels:
        label.draw(canvas, top)
    if note:
        _write(canvas, note, (int(8 * unit), canvas.shape[0] - int(10 * unit)), unit, _TEXT_BGR, outline=True)
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
    """One box with its text above it, measured before it is drawn."""

    def __init__(self, reading: Reading, factor: float, unit: float) -> None:
        assert reading.box is not None
        self.unit = unit
        self.text = f"{reading.text}{'' if reading.accepted else '?'} {reading.confidence:.0%}"
        self.colour = _ACCEPTED_BGR if reading.accepted else _UNSURE_BGR
        self.corners = (np.array(reading.box, np.float64) + 0.5) * factor - 0.5
        (text_width, text_height), _ = cv2.getTextSize(self.text, _FONT, 0.8 * unit, _stroke(unit))
        self.margin = int(5 * unit)
        self.width = text_width + 2 * self.margin
        self.height = text_height + 3 * self.margin

    def draw(self, canvas: NDArray[np.uint8], top: int) -> None:
        corners = np.round(self.corners + np.array([0, top])).astype(np.int32)
        cv2.polylines(canvas, [corners.reshape(-1, 1, 2)], True, self.colour, _stroke(self.unit), cv2.LINE_AA)
        x = int(np.clip(corners[:, 0].min(), 0, max(canvas.shape[1] - self.width, 0)))
        y = int(np.clip(corners[:, 1].min(), self.height, canvas.shape[0]))
        cv2.rectangle(canvas, (x, y - self.height), (x + self.width, y), self.colour, cv2.FILLED)
        _write(canvas, self.text, (x + self.margin, y - int(1.5 * self.margin)), self.unit, _TEXT_BGR)


def _stroke(unit: float) -> int:
    return max(1, round(1.8 * unit))


def _write(
    canvas: NDArray[np.uint8],
    text: str,
    place: tuple[int, int],
    unit: float,
    colour: tuple[int, int, int],
    outline: bool = False,
) -> None:
    if outline:
        cv2.putText(canvas, text, place, _FONT, 0.8 * unit, (0, 0, 0), 3 * _stroke(unit), cv2.LINE_AA)
    cv2.putText(canvas, text, place, _FONT, 0.8 * unit, colour, _stroke(unit), cv2.LINE_AA)
