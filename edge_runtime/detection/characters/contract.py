"""What a character detector takes and gives: the one definition, for training, export and runtime.

A detector sees a whole picture, raw ``uint8`` [1, H, W, C] (one channel grey, three BGR), whose sides are multiples of
``SIDE_MULTIPLE``. It answers for every cell of ``CELL`` pixels; what is said of a character stands in the cell that
holds the character's centre. Each output is float32 [1, 4 × channels, H / 8, W / 8]: the values of the four cells of
a block of 2×2 (upper left, upper right, lower left, lower right) stand behind each other. Outputs go by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.errors import ModelError

KINDS: Final = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", ".", ",", ":", "-", "mark", "letter")
DIGIT_KINDS: Final = 10  # the first ten kinds, in order of value
POINT, COMMA, COLON, DASH, MARK, LETTER = range(DIGIT_KINDS, len(KINDS))
CELL: Final = 4  # pixels
SIDE_MULTIPLE: Final = 32  # pixels
INPUT_NAME: Final = "picture"
MAP_CHANNELS: Final = {"kinds": len(KINDS), "height": 1, "width": 1, "direction": 2, "offset": 2, "link": 1}
"""Channels of each output.

kinds: log-odds that a character of this kind has its centre here.
height: logarithm of the height of a digit of the character's line, in cells.
width: logarithm of the character's own width along the line, in such heights.
direction: cosine and sine of the reading direction; 0 is left to right, clockwise as y points down.
offset: from the middle of the cell to the centre of the nearest character, x and y in cells.
link: log-odds that the next character along the line belongs to the same number or word.
"""


@dataclass(frozen=True)
class Maps:
    """The maps of one picture: float32 [channels, 2, 2, H / 8, W / 8] each, the block's row and column first."""

    kinds: NDArray[np.float32]
    height: NDArray[np.float32]
    width: NDArray[np.float32]
    direction: NDArray[np.float32]
    offset: NDArray[np.float32]
    link: NDArray[np.float32]

    @classmethod
    def from_outputs(cls, outputs: Mapping[str, NDArray[np.float32]]) -> Self:
        """From a detector's outputs by name; ``ModelError`` where one has another shape than the contract's."""
        blocks = outputs["kinds"].shape[2:]
        maps = {}
        for name, channels in MAP_CHANNELS.items():
            expected = (1, 4 * channels, *blocks)
            if outputs[name].shape != expected:
                raise ModelError(f"detector: map {name} is {outputs[name].shape}, expected {expected}")
            maps[name] = outputs[name].reshape(channels, 2, 2, *blocks)
        return cls(**maps)

    @classmethod
    def from_grid(cls, grid: NDArray[np.float32]) -> Self:
        """From maps in the order of ``MAP_CHANNELS`` on the grid of cells, float32 [H / 4, W / 4, 23]."""
        rows, columns, planes = grid.shape
        blocks = grid.reshape(rows // 2, 2, columns // 2, 2, planes).transpose(4, 1, 3, 0, 2)
        ends = np.cumsum(list(MAP_CHANNELS.values()))
        return cls(*np.split(blocks, ends[:-1]))
