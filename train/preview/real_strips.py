"""Strips of pictures that somebody took, to be looked at beside the drawn ones; never to train on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_runtime import DigitReader, ImageError, Trace
from edge_runtime.images.files import find_files
from edge_runtime.recognition.contract import STRIP_HEIGHT, STRIP_WIDTH


def strips_of_pictures(folder: Path, count: int, seed: int) -> tuple[NDArray[np.uint8], list[str]]:
    """Strips uint8 [N, 28, 140] that the runtime cuts from pictures below a folder, and the pictures' names.

    One strip of each picture, of the widest line; ``count`` pictures at most, drawn by the seed. What is no picture, or
    shows no line, is left out.
    """
    reader = DigitReader()
    paths = list(find_files(folder))
    strips: list[NDArray[np.uint8]] = []
    names: list[str] = []
    for index in np.random.default_rng(seed).permutation(len(paths)):
        if len(strips) == count:
            break
        trace = Trace()
        try:
            reader.read(paths[index], trace)
        except ImageError:
            continue
        shown = [item for item in trace.strips if item.view == 0]
        if shown:
            widest = max(shown, key=lambda item: item.box.width if item.box is not None else 0.0)
            strips.append(widest.strip)
            names.append(Path(paths[index]).name)
    return np.array(strips, np.uint8).reshape(-1, STRIP_HEIGHT, STRIP_WIDTH), names
