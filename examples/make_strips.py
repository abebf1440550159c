"""Draw the strips that the examples read, from MNIST's test digits: ``python -m examples.make_strips``.

One strip for each length from 1 to 5, named after its digits; two numbers on top of each other, of which no reader
should be sure; and a ground without a number.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.recognition.contract import SLOTS, STRIP_HEIGHT, STRIP_WIDTH, decode_classes
from train.synthesis.strips import make_strips

FOLDER: Final = Path(__file__).parent / "strips"
SEED: Final = 5
DRAWN: Final = 20  # enough to hold every length


def example_strips() -> dict[str, NDArray[np.uint8]]:
    """File name -> uint8 [28, 140], ink bright on a dark ground; the same on every call."""
    strips, labels = make_strips("notebook-1-5", "test", DRAWN, SEED)
    texts = [decode_classes(label) for label in labels]
    first_rows = [next(row for row, text in enumerate(texts) if len(text) == length) for length in range(1, SLOTS + 1)]
    files = {f"{texts[row]}.png": strips[row] for row in first_rows}
    three_digits, two_digits = strips[first_rows[2]], strips[first_rows[1]]
    ground = np.random.default_rng(SEED).integers(0, 24, (STRIP_HEIGHT, STRIP_WIDTH), np.uint8)
    return files | {"two-numbers-in-one-place.png": np.maximum(three_digits, two_digits), "no-number.png": ground}


def main() -> None:
    """Write the files and name them."""
    FOLDER.mkdir(exist_ok=True)
    for name, strip in example_strips().items():
        if not cv2.imwrite(str(FOLDER / name), strip):
            sys.exit(f"{FOLDER / name}: cannot be written; make the folder writable")
        print(FOLDER / name)


if __name__ == "__main__":
    main()
