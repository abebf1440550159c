"""Strips of pictures that somebody took, to be looked at beside the drawn ones; never to train on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.errors import ImageError
from edge_runtime.images.files import find_files
from edge_runtime.images.load import load_picture
from edge_runtime.recognition.contract import STRIP_HEIGHT, STRIP_WIDTH
from train.datasets.crops import widest_strip


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
            strip = widest_strip(load_picture(paths[index]).pixels)
        except ImageError:
            continue
        if strip is not None:
            strips.append(strip)
            names.append(Path(paths[index]).name)
    return np.array(strips, np.uint8).reshape(-1, STRIP_HEIGHT, STRIP_WIDTH), names
