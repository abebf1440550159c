"""What a network should answer: the maps of drawn characters.

Centres are Gaussians around the cell of each character's centre (CenterNet; Zhou et al., 2019, arXiv:1904.07850),
narrower for small characters. Everything else is asked only in the 3×3 cells around a centre; where
two characters claim a cell, the nearer one has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.detection.characters.contract import CELL, KINDS, MAP_CHANNELS

HEAT_WEIGHT: Final = sum(MAP_CHANNELS.values())  # the plane that says where centres are taught
SHAPE_WEIGHT: Final = HEAT_WEIGHT + 1  # and where all else is
TARGET_PLANES: Final = HEAT_WEIGHT + 2

_SPREAD: Final = 0.12  # standard deviation of a centre, of the smaller side of the character
_MIN_SPREAD, _MAX_SPREAD = 0.45, 4.0  # cells
_REACH: Final = 3.0  # standard deviations that are drawn
_MIN_WIDTH: Final = 0.05  # heights; thinner ink counts as this wide
_NEAR: Final = np.array([(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)])  # cells around a centre


@dataclass(frozen=True)
class Labels:
    """The characters of one picture.

    boxes: float32 [N, 5]: centre x and y, height of a digit of the line, own width (pixels), direction (radians).
    kinds: uint8 [N], indices of ``KINDS``.
    following: int32 [N], the next character of the same number or word, -1 for none.
    """

    boxes: NDArray[np.float32]
    kinds: NDArray[np.uint8]
    following: NDArray[np.int32]


def draw_targets(labels: Sequence[Labels], ignored: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The maps of a batch of pictures, in the order of ``MAP_CHANNELS``, and the two planes of weights.

    labels: of B pictures. ignored: uint8 [B, h, w], non-zero in cells where nothing is taught.
    Returns float32 [B, h, w, 25]. Centres outside the grid are left out.
    """
    batch, rows, columns = ignored.shape
    targets = np.zeros((batch, rows, columns, TARGET_PLANES), np.float32)
    centres = _centres(labels, rows, columns)
    _draw_peaks(targets, centres)
    _draw_shapes(targets, centres)
    taught = ignored == 0
    targets[..., HEAT_WEIGHT] = taught
    targets[..., SHAPE_WEIGHT] *= taught
    return targets


@dataclass(frozen=True)
class _Centres:
    """The characters of a batch: of which picture, in which cell (row, column), box, kind, whether one follows."""

    pictures: NDArray[np.intp]
    cells: NDArray[np.intp]
    boxes: NDArray[np.float32]
    kinds: NDArray[np.intp]
    linked: NDArray[np.bool_]


def _centres(labels: Sequence[Labels], rows: int, columns: int) -> _Centres:
    """Those whose centre lies on the grid."""
    pictures = np.repeat(np.arange(len(labels)), [len(item.kinds) for item in labels])
    boxes = np.concatenate([item.boxes for item in labels])
    kinds = np.concatenate([item.kinds for item in labels]).astype(np.intp)
    linked = np.concatenate([item.following for item in labels]) >= 0
    cells = np.floor(boxes[:, 1::-1] / CELL).astype(np.intp)
    inside = ((cells >= 0) & (cells < (rows, columns))).all(axis=1)
    return _Centres(pictures[inside], cells[inside], boxes[inside], kinds[inside], linked[inside])


def _draw_peaks(targets: NDArray[np.float32], centres: _Centres) -> None:
    _, rows, columns, planes = targets.shape
    pictures, cells, boxes, kinds = centres.pictures, centres.cells, centres.boxes, centres.kinds
    flat = targets.reshape(-1)
    spreads = np.clip(_SPREAD * boxes[:, 2:4].min(axis=1) / CELL, _MIN_SPREAD, _MAX_SPREAD)
    reaches = np.ceil(_REACH * spreads).astype(np.intp)
    for reach in np.unique(reaches):
        of_size = np.flatnonzero(reaches == reach)
        steps = np.arange(-reach, reach + 1)
        heat = np.exp(-(steps[:, None] ** 2 + steps**2) / (2 * spreads[of_size, None, None] ** 2))
        y = cells[of_size, 0, None, None] + steps[:, None]
        x = cells[of_size, 1, None, None] + steps
        places = ((pictures[of_size, None, None] * rows + y) * columns + x) * planes + kinds[of_size, None, None]
        inside = (y >= 0) & (y < rows) & (x >= 0) & (x < columns)
        np.maximum.at(flat, places[inside], heat[inside].astype(np.float32))


def _draw_shapes(targets: NDArray[np.float32], centres: _Centres) -> None:
    _, rows, columns, _ = targets.shape
    boxes, cells = centres.boxes, centres.cells
    near = cells[:, None] + _NEAR
    offsets = boxes[:, None, 1::-1] / CELL - (near + 0.5)
    height = boxes[:, 2]
    width = np.maximum(boxes[:, 3] / height, _MIN_WIDTH)
    whole = (np.log(height / CELL), np.log(width), np.cos(boxes[:, 4]), np.sin(boxes[:, 4]), centres.linked)
    values = np.empty((*near.shape[:2], 8), np.float32)
    for plane, value in zip((0, 1, 2, 3, 6), whole, strict=True):
        values[..., plane] = value[:, None]
    values[..., 4:6] = offsets[..., ::-1]
    values[..., 7] = 1
    nearest_last = np.argsort(-(offsets**2).sum(axis=2), axis=None)
    y, x = near.reshape(-1, 2)[nearest_last].T
    inside = (y >= 0) & (y < rows) & (x >= 0) & (x < columns)
    order = nearest_last[inside]
    planes = [*range(len(KINDS), HEAT_WEIGHT), SHAPE_WEIGHT]
    owner = np.repeat(centres.pictures, len(_NEAR))[order]
    targets[owner[:, None], y[inside, None], x[inside, None], planes] = values.reshape(-1, 8)[order]
