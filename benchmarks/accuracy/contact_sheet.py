"""Mistakes side by side: the picture, the strips that the network saw, the truth and the reading."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime import EdgeDigitsError, load_picture
from edge_runtime.recognition.contract import STRIP_HEIGHT, STRIP_WIDTH

from .metrics import Result

TILE_WIDTH: Final = 2 * STRIP_WIDTH  # two strips abreast
MAX_STRIPS: Final = 4
_PICTURE_HW: Final = (120, TILE_WIDTH)
_CAPTION: Final = 18  # height of a line of text
_GAP: Final = 6
_COLUMNS: Final = 5
_GROUND: Final = 70
_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX


def contact_sheet(mistakes: Sequence[Result], title: str) -> NDArray[np.uint8]:
    """A uint8 BGR picture with one tile for each mistake; ``mistakes`` must not be empty."""
    tiles = [_tile(mistake) for mistake in mistakes]
    tiles += [np.full_like(tiles[0], _GROUND)] * (-len(tiles) % _COLUMNS)
    rows = [np.hstack(tiles[start : start + _COLUMNS]) for start in range(0, len(tiles), _COLUMNS)]
    return np.vstack([_line(title, rows[0].shape[1], 0.5), *rows])


def _tile(mistake: Result) -> NDArray[np.uint8]:
    """The picture, up to four strips as the network saw them, and two lines of text."""
    answer = mistake.answer
    strips = [cv2.cvtColor(strip, cv2.COLOR_GRAY2BGR) for strip in answer.strips[:MAX_STRIPS]]
    strips += [np.full((STRIP_HEIGHT, STRIP_WIDTH, 3), _GROUND, np.uint8)] * (MAX_STRIPS - len(strips))
    certainty = "" if answer.confidence is None else f" {answer.confidence:.2f}{'' if answer.accepted else ' unsure'}"
    reading = "error" if answer.error else f"{answer.text or 'nothing'}{certainty}"
    parts = [
        _thumbnail(mistake.sample.path),
        *(np.hstack(strips[start : start + 2]) for start in range(0, MAX_STRIPS, 2)),
        _line(f"{mistake.sample.truth or 'nothing'} read {reading}", TILE_WIDTH, 0.42),
        _line(mistake.sample.path.name, TILE_WIDTH, 0.33),
    ]
    return _framed(np.vstack(parts), _GAP, _GAP)


def _thumbnail(path: Path) -> NDArray[np.uint8]:
    """The picture, scaled to fit its place; a grey field where it cannot be read."""
    height, width = _PICTURE_HW
    try:
        pixels = load_picture(str(path)).pixels
    except EdgeDigitsError:
        return np.full((height, width, 3), 128, np.uint8)
    if pixels.ndim == 2:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR)
    scale = min(width / pixels.shape[1], height / pixels.shape[0])
    size = (max(int(pixels.shape[1] * scale), 1), max(int(pixels.shape[0] * scale), 1))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    return _framed(small, height - size[1], width - size[0])


def _line(text: str, width: int, size: float) -> NDArray[np.uint8]:
    line = np.full((_CAPTION, width, 3), _GROUND, np.uint8)
    cv2.putText(line, text, (4, _CAPTION - 5), _FONT, size, (255, 255, 255), 1, cv2.LINE_AA)
    return line


def _framed(pixels: NDArray[np.uint8], below: int, right: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.copyMakeBorder(pixels, 0, below, 0, right, cv2.BORDER_CONSTANT, value=(_GROUND,) * 3))
