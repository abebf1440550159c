"""Contact sheets: many strips with their labels on one picture, for eyes."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

_SCALE = 2
_CAPTION = 14  # pixels under a strip
_GREY = 90
_GAP = 12  # pixels between two sheets


def contact_sheet(strips: NDArray[np.uint8], captions: Sequence[str], columns: int = 5) -> NDArray[np.uint8]:
    """Strips uint8 [N, 28, 140] twice as large with a caption under each; uint8 [H, W]."""
    tiles = [_tile(strip, caption) for strip, caption in zip(strips, captions, strict=True)]
    if not tiles:
        return np.full((28, 140), _GREY, np.uint8)
    tiles += [np.full_like(tiles[0], _GREY)] * (-len(tiles) % columns)
    return np.vstack([np.hstack(tiles[start : start + columns]) for start in range(0, len(tiles), columns)])


def side_by_side(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Two sheets uint8 [H, W] with a bright line between them; the lower one is filled up."""
    height = max(left.shape[0], right.shape[0])
    filled = [
        cv2.copyMakeBorder(sheet, 0, height - sheet.shape[0], 0, 0, cv2.BORDER_CONSTANT, value=_GREY)
        for sheet in (left, right)
    ]
    return np.hstack([filled[0], np.full((height, _GAP), 255, np.uint8), filled[1]])


def _tile(strip: NDArray[np.uint8], caption: str) -> NDArray[np.uint8]:
    large = cv2.resize(strip, None, fx=_SCALE, fy=_SCALE, interpolation=cv2.INTER_NEAREST)
    tile = np.full((large.shape[0] + _CAPTION + 2, large.shape[1] + 4), _GREY, np.uint8)
    tile[1 : 1 + large.shape[0], 2 : 2 + large.shape[1]] = large
    cv2.putText(tile, caption, (4, tile.shape[0] - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.38, 255, 1, cv2.LINE_AA)
    return tile
