"""The pictures of README and docs, drawn from what the shipped reader does with ``samples/``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime import DigitReader, draw_readings
from edge_runtime.core.trace import Trace
from edge_runtime.images.annotate import save_picture

_GAP: Final = 12  # pixels between pictures
_WHITE: Final = 255
_SHOWN: Final = ("note.jpg", "display.jpg")
_STAGES: Final = "two.jpg"
_STRIP_SCALE: Final = 2
_TITLES: Final = ("1. picture", "2. lines found", "3. strips, as the network sees them", "4. readings")

Picture = NDArray[np.uint8]


def write_doc_pictures(samples: Path, folder: Path) -> list[Path]:
    """``read.jpg`` and ``stages.jpg`` in ``folder``; the paths written."""
    reader = DigitReader("fp32", threads=1)
    folder.mkdir(parents=True, exist_ok=True)
    shown = [_read(reader, samples / name)[1] for name in _SHOWN]
    pictures = {"read.jpg": _beside(shown), "stages.jpg": _stages(reader, samples / _STAGES)}
    for name, picture in pictures.items():
        save_picture(folder / name, np.ascontiguousarray(picture))
    return [folder / name for name in pictures]


def _read(reader: DigitReader, path: Path) -> tuple[Trace, Picture]:
    """The trace, and the picture with the readings drawn on it."""
    trace = Trace()
    readings = reader.read(path, trace)
    assert trace.pixels is not None
    return trace, draw_readings(trace.pixels, readings, scale=1 / trace.scale)


def _stages(reader: DigitReader, path: Path) -> Picture:
    trace, last = _read(reader, path)
    assert trace.pixels is not None
    lines = trace.pixels.copy()
    for place in trace.searches[0]:
        for line in place:
            cv2.polylines(lines, [line.box.array().astype(np.int32)], True, (200, 120, 0), 2, cv2.LINE_AA)
    strips = [strip for reading in trace.readings for strip in trace.strips_of(reading)]
    size = (strips[0].shape[1] * _STRIP_SCALE, strips[0].shape[0] * _STRIP_SCALE)
    enlarged = [cv2.resize(strip, size, interpolation=cv2.INTER_NEAREST) for strip in strips]
    column = _under([cv2.cvtColor(strip, cv2.COLOR_GRAY2BGR) for strip in enlarged])
    panels = [trace.pixels, lines, column, last]
    titled = [_titled(panel, title) for panel, title in zip(panels, _TITLES, strict=True)]
    return _under([_beside(titled[:2]), _beside(titled[2:])])


def _titled(picture: Picture, title: str) -> Picture:
    """The picture with its title above, in a panel 400 pixels wide."""
    width = 400
    scale = width / picture.shape[1] if picture.shape[1] > width else 1.0
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    panel = np.full((small.shape[0] + 32, width, 3), _WHITE, np.uint8)
    panel[32:, : small.shape[1]] = small
    cv2.putText(panel, title, (2, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (40, 40, 40), 1, cv2.LINE_AA)
    return panel


def _beside(pictures: list[Picture]) -> Picture:
    """Side by side on white, tops level."""
    return _under([picture.swapaxes(0, 1) for picture in pictures]).swapaxes(0, 1)


def _under(pictures: list[Picture]) -> Picture:
    """One below the other on white, left sides level."""
    height = sum(picture.shape[0] for picture in pictures) + _GAP * (len(pictures) - 1)
    sheet = np.full((height, max(picture.shape[1] for picture in pictures), 3), _WHITE, np.uint8)
    top = 0
    for picture in pictures:
        sheet[top : top + picture.shape[0], : picture.shape[1]] = picture
        top += picture.shape[0] + _GAP
    return sheet
