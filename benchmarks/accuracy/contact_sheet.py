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

TILE_WIDTH: Final = 284  # two strips abreast
PICTURE_HEIGHT: Final = 120
MAX_STRIPS: Final = 4
_GAP: Final = 6
_TEXT_HEIGHT: Final = 18
_STRIP_ROW: Final = STRIP_HEIGHT + 4
_TILE_HEIGHT: Final = PICTURE_HEIGHT + _STRIP_ROW * MAX_STRIPS // 2 + 2 * _TEXT_HEIGHT
_COLUMNS: Final = 5
_GROUND: Final = 40
_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX


def contact_sheet(mistakes: Sequence[Result], title: str) -> NDArray[np.uint8]:
    """A uint8 BGR picture with one tile for each mistake; ``mistakes`` must not be empty."""
    columns = min(_COLUMNS, len(mistakes))
    rows = -(-len(mistakes) // columns)
    height = 2 * _TEXT_HEIGHT + rows * (_TILE_HEIGHT + _GAP)
    sheet = np.full((height, max(columns * (TILE_WIDTH + _GAP) + _GAP, 640), 3), _GROUND, np.uint8)
    cv2.putText(sheet, title, (_GAP, 22), _FONT, 0.5, (255, 255, 255), 1, cv2.LINE_AA)
    for index, mistake in enumerate(mistakes):
        top = 2 * _TEXT_HEIGHT + index // columns * (_TILE_HEIGHT + _GAP)
        left = _GAP + index % columns * (TILE_WIDTH + _GAP)
        sheet[top : top + _TILE_HEIGHT, left : left + TILE_WIDTH] = _tile(mistake)
    return sheet


def _tile(mistake: Result) -> NDArray[np.uint8]:
    tile = np.full((_TILE_HEIGHT, TILE_WIDTH, 3), 70, np.uint8)
    picture = _thumbnail(mistake.sample.path)
    height, width = picture.shape[:2]
    left = (TILE_WIDTH - width) // 2
    tile[:height, left : left + width] = picture
    _place_strips(tile[PICTURE_HEIGHT:], mistake.answer.strips[:MAX_STRIPS])
    truth, answer = mistake.sample.truth or "nothing", mistake.answer
    certainty = "" if answer.confidence is None else f" {answer.confidence:.2f}{'' if answer.accepted else ' unsure'}"
    reading = "error" if answer.error else f"{answer.text or 'nothing'}{certainty}"
    _write(tile, f"{truth} read {reading}", _TILE_HEIGHT - _TEXT_HEIGHT - 4, 0.42)
    _write(tile, mistake.sample.path.name, _TILE_HEIGHT - 6, 0.33)
    return tile


def _thumbnail(path: Path) -> NDArray[np.uint8]:
    """The picture, scaled to fit its place; a grey field where it cannot be read."""
    try:
        pixels = load_picture(str(path)).pixels
    except EdgeDigitsError:
        return np.full((PICTURE_HEIGHT, TILE_WIDTH, 3), 128, np.uint8)
    if pixels.ndim == 2:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR)
    scale = min(TILE_WIDTH / pixels.shape[1], PICTURE_HEIGHT / pixels.shape[0])
    size = (max(int(pixels.shape[1] * scale), 1), max(int(pixels.shape[0] * scale), 1))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC))


def _place_strips(room: NDArray[np.uint8], strips: NDArray[np.uint8]) -> None:
    """Up to four strips as they are, two abreast."""
    for index, strip in enumerate(strips):
        top, left = index // 2 * _STRIP_ROW + 2, index % 2 * (STRIP_WIDTH + 4)
        room[top : top + STRIP_HEIGHT, left : left + STRIP_WIDTH] = strip[:, :, None]


def _write(tile: NDArray[np.uint8], text: str, baseline: int, size: float) -> None:
    cv2.putText(tile, text, (4, baseline), _FONT, size, (255, 255, 255), 1, cv2.LINE_AA)
