"""Contact sheets: many strips with their labels on one picture, for eyes; also of pictures that somebody took."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.errors import ImageError
from edge_runtime.images.files import find_files
from edge_runtime.images.load import load_picture
from edge_runtime.recognition.contract import STRIP_HEIGHT, STRIP_WIDTH
from train.datasets.crops import line_strips

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


def strips_of_pictures(folder: Path, count: int, seed: int) -> tuple[NDArray[np.uint8], list[str]]:
    """Strips uint8 [N, 28, 140] that the runtime cuts from pictures below a folder, and the pictures' names.

    One line of each picture, the widest; ``count`` pictures at most, drawn by the seed. What is no picture, or shows no
    line, is left out.
    """
    paths = list(find_files(folder))
    strips: list[NDArray[np.uint8]] = []
    names: list[str] = []
    for index in np.random.default_rng(seed).permutation(len(paths)):
        if len(strips) == count:
            break
        try:
            found = line_strips(load_picture(paths[index]).pixels)
        except ImageError:
            continue
        if len(found):
            strips.append(found[0])
            names.append(Path(paths[index]).name)
    return np.array(strips, np.uint8).reshape(-1, STRIP_HEIGHT, STRIP_WIDTH), names


def _tile(strip: NDArray[np.uint8], caption: str) -> NDArray[np.uint8]:
    large = cv2.resize(strip, None, fx=_SCALE, fy=_SCALE, interpolation=cv2.INTER_NEAREST)
    tile = np.full((large.shape[0] + _CAPTION + 2, large.shape[1] + 4), _GREY, np.uint8)
    tile[1 : 1 + large.shape[0], 2 : 2 + large.shape[1]] = large
    cv2.putText(tile, caption, (4, tile.shape[0] - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.38, 255, 1, cv2.LINE_AA)
    return tile
