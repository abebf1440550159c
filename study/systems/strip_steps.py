"""The way from single digits to a strip of the notebook's recipe, as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from study.core import plots
from train.datasets.mnist import Digits
from train.synthesis.strips import join_rotated, rotate

DIGITS: Final = 4


def draw(path: Path, digits: Digits, seed: int) -> None:
    """Digit, rotated, joined, final, for the first four digits."""
    rng = np.random.default_rng(seed)
    chosen = list(digits.images[:DIGITS])
    rotated = [rotate(image, rng) for image in chosen]
    joined = np.hstack(rotated)
    final = join_rotated(rotated)
    with plots.figure(path, "From digits to a strip", 5.6) as drawn:
        grid = drawn.add_gridspec(4, DIGITS, hspace=0.45, left=0.06, right=0.97, top=0.88, bottom=0.03)
        for column, (digit, turned) in enumerate(zip(chosen, rotated, strict=True)):
            _show(drawn.add_subplot(grid[0, column]), f"digit {digits.labels[column]}", digit)
            _show(drawn.add_subplot(grid[1, column]), "rotated", turned)
        _show(drawn.add_subplot(grid[2, :]), f"joined, {_facts(joined)}", joined)
        _show(drawn.add_subplot(grid[3, :]), f"final, stretched and resized, {_facts(final)}", final)


def _show(axes: Any, title: str, image: NDArray[np.uint8]) -> None:
    axes.imshow(image, cmap="gray", vmin=0, vmax=255)
    axes.set(title=title, xticks=[], yticks=[])
    axes.grid(False)


def _facts(image: NDArray[np.uint8]) -> str:
    return f"{image.shape[0]}×{image.shape[1]}, grey values {image.min()} to {image.max()}"
