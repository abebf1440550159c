"""Boxes, readings and confidences on a copy of a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.errors import OutputError
from edge_runtime.core.opencv import cv2
from edge_runtime.core.percent import percent
from edge_runtime.core.types import Quad, Reading

from .load import Picture

Colour = tuple[int, int, int]

_ACCEPTED_BGR: Final = (60, 170, 0)
_UNSURE_BGR: Final = (0, 110, 230)
_TEXT_BGR: Final = (255, 255, 255)
_GROUND_BGR: Final = (40, 40, 40)
_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX
_CAPITAL: Final = 22.0  # pixels, height of a digit of this font at scale 1
_LEAST_LONG_SIDE: Final = 480  # pixels; a smaller picture is enlarged so that the labels can be read
_ROOM: Final = 0.12  # between a box and its line, in heights of the box
_LABEL_HEIGHT: Final = 0.5  # of a label's digits, in heights of its box
_MOST_SCALE: Final = 0.8  # of the font, in a picture 640 pixels long; all sizes grow with the picture
_LEAST_SCALE: Final = 0.3
_LEGIBLE_SCALE: Final = 0.4  # of the font, in any picture
_SMALLER: Final = (1.0, 0.75, 0.5)  # sizes tried where a label of full size finds no free room
_ROOM_COST: Final = 0.5  # of adding room at the edge for a label, in areas of the label that would cover something


def draw_readings(
    image: NDArray[np.uint8],
    readings: Sequence[Reading],
    *,
    note: str = "",
    scale: float = 1.0,
    add_room: bool = True,
) -> NDArray[np.uint8]:
    """Draw on a copy; the picture given is not changed.

    image: uint8 [H, W] grey or [H, W, 3] BGR. note: a line for the bottom left corner.
    scale: pixels of ``image`` for one pixel of the boxes, where the picture was reduced.
    add_room: whether the picture may grow at the top and right for a label that fits nowhere else.
    Returns uint8 [H', W', 3] BGR. Small pictures are enlarged by a whole number. A label is about half as high as its
    box and stands beside it, where it covers no other box or label if there is such room. A reading that is not
    accepted is marked with "?".
    """
    canvas = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR) if image.ndim == 2 else image
    factor = max(1, -(-_LEAST_LONG_SIDE // max(image.shape[:2])))
    canvas = cv2.resize(canvas, None, fx=factor, fy=factor, interpolation=cv2.INTER_NEAREST)
    unit = max(canvas.shape[:2]) / 640  # everything drawn grows with the picture
    boxed = [(reading, _around(reading.box.scaled(factor * scale))) for reading in readings if reading.box is not None]
    labels = _placed(boxed, canvas.shape[1], canvas.shape[0], unit, add_room)
    top = max([-label.top for label in labels] + [0])
    right = max([label.right - canvas.shape[1] for label in labels] + [0])
    if add_room:
        canvas = cv2.copyMakeBorder(canvas, top, 0, 0, right, cv2.BORDER_CONSTANT, value=_GROUND_BGR)
    else:
        top = 0
    for (_, box), label in zip(boxed, labels, strict=True):
        points = np.round(box.array() + np.array([0, top])).astype(np.int32).reshape(-1, 1, 2)
        stroke = max(1, round(min(1.8 * unit, box.height / 12)))
        cv2.polylines(canvas, [points], True, label.colour, stroke, cv2.LINE_AA)
    for label in labels:
        label.draw(canvas, top)
    if note:
        text = _Text(note, _MOST_SCALE * unit)
        _Label(text, _GROUND_BGR, 0, canvas.shape[0] - text.height).draw(canvas, 0)
    return canvas


def draw_reduced(picture: Picture, readings: Sequence[Reading], long_side: int) -> NDArray[np.uint8]:
    """The loaded picture with its readings, at most about ``long_side`` pixels long; uint8 [H', W', 3] BGR."""
    pixels, scale = picture.pixels, 1 / picture.scale
    share = long_side / max(pixels.shape[:2])
    if share < 1:
        size = (max(round(pixels.shape[1] * share), 1), max(round(pixels.shape[0] * share), 1))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        scale *= share
    return draw_readings(pixels, readings, scale=scale)


def save_picture(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write a BGR picture as PNG or JPEG by its name's ending; raises ``OutputError`` for another, or ``OSError``."""
    try:
        ok, data = cv2.imencode(path.suffix, picture)
    except cv2.error:
        ok = False
    if not ok:
        raise OutputError(f"{path}: cannot be written as {path.suffix or 'a picture'}; name it .png or .jpg")
    path.write_bytes(data.tobytes())  # cv2.imwrite fails on names that are not ASCII on some systems


class _Text:
    """Words at a size of the font, with the ground that they need, in pixels."""

    def __init__(self, words: str, font_scale: float) -> None:
        self.words = words
        self.font_scale = font_scale
        self.stroke = max(1, round(2.2 * font_scale))
        self.margin = max(2, int(6 * font_scale))
        (width, height), _ = cv2.getTextSize(words, _FONT, font_scale, self.stroke)
        self.width, self.height = width + 2 * self.margin, height + 3 * self.margin


def _around(box: Quad) -> Quad:
    """The box with room for its line, which would hide the edges of digits otherwise."""
    corners = box.array()
    along = (corners[1] - corners[0]) / max(box.width, 1e-6)
    down = (corners[3] - corners[0]) / max(box.height, 1e-6)
    outwards = np.stack([-along - down, along - down, along + down, down - along])
    return Quad.of(corners + max(_ROOM * box.height, 1.0) * outwards)


@dataclass(frozen=True)
class _Label:
    """A text at its place: white on a filled rectangle, legible on any picture."""

    text: _Text
    colour: Colour
    left: int
    top: int

    @property
    def right(self) -> int:
        return self.left + self.text.width

    @property
    def rectangle(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom."""
        return self.left, self.top, self.right, self.top + self.text.height

    def draw(self, canvas: NDArray[np.uint8], rows_added: int) -> None:
        """Draw on a canvas to which so many rows were added at the top."""
        left, top, right, bottom = self.rectangle
        corner = (right, bottom + rows_added)
        cv2.rectangle(canvas, (left, top + rows_added), corner, self.colour, cv2.FILLED)
        text = self.text
        place = (left + text.margin, bottom + rows_added - int(1.5 * text.margin))
        cv2.putText(canvas, text.words, place, _FONT, text.font_scale, _TEXT_BGR, text.stroke, cv2.LINE_AA)


def _placed(
    boxed: Sequence[tuple[Reading, Quad]],
    width: int,
    height: int,
    unit: float,
    add_room: bool,
) -> list[_Label]:
    """A label for each reading, one after the other, each where it covers least of the boxes and labels so far."""
    rectangles = [box.bounds for _, box in boxed]
    labels: list[_Label] = []
    for reading, box in boxed:
        words = f"{reading.text}{'' if reading.accepted else '?'} {percent(reading.confidence)}"
        colour = _ACCEPTED_BGR if reading.accepted else _UNSURE_BGR
        least = max(_LEAST_SCALE * unit, _LEGIBLE_SCALE)
        wanted = _LABEL_HEIGHT * box.height / _CAPITAL
        wanted = min(max(wanted, least), max(_MOST_SCALE * unit, least))
        taken = np.array([*rectangles, *(label.rectangle for label in labels)])
        clear = max(1, round(unit))  # pixels from the box, for its line
        best: tuple[float, _Label] | None = None
        for smaller in _SMALLER:
            text = _Text(words, max(smaller * wanted, least))
            for left, top in _sides(box, clear, text, width, height, add_room):
                label = _Label(text, colour, left, top)
                outside = top < 0 or label.right > width
                cost = _covered(label, taken) + _ROOM_COST * outside
                if best is None or cost < best[0] - 1e-6:
                    best = cost, label
            if best is not None and best[0] < _ROOM_COST:
                break
        assert best is not None
        labels.append(best[1])
    return labels


def _sides(box: Quad, clear: int, text: _Text, width: int, height: int, add_room: bool) -> Iterator[tuple[int, int]]:
    """Left and top of a label beside its box, in the order in which they are preferred; all within the picture.

    The last one is above the box all the same, in room that is to be added or else over the box.
    """
    left, top, right, bottom = (round(value) for value in box.bounds)
    left, top, right, bottom = left - clear, top - clear, right + clear, bottom + clear
    most_left, most_top = max(width - text.width, 0), max(height - text.height, 0)
    along, middle = min(max(left, 0), most_left), min(max((top + bottom - text.height) // 2, 0), most_top)
    ends_with_box = min(max(right - text.width, 0), most_left)
    sides = [(along, top - text.height), (along, bottom), (right, middle), (left - text.width, middle)]
    sides += [(ends_with_box, top - text.height), (ends_with_box, bottom)]
    yield from ((x, y) for x, y in sides if 0 <= x <= most_left and 0 <= y <= most_top)
    least_top = -text.height if add_room else 0
    yield along, min(max(top - text.height, least_top), most_top)


def _covered(label: _Label, taken: NDArray[np.float64]) -> float:
    """The area of these rectangles [N, 4] that a label covers, in areas of the label."""
    left, top, right, bottom = label.rectangle
    wide = np.minimum(taken[:, 2], right) - np.maximum(taken[:, 0], left)
    high = np.minimum(taken[:, 3], bottom) - np.maximum(taken[:, 1], top)
    return float((np.maximum(wide, 0) * np.maximum(high, 0)).sum()) / (label.text.width * label.text.height)
