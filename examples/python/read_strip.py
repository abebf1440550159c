"""Read strips with edge_runtime and print one JSON line each: what the JavaScript and the C++ example must print, too.

python read_strip.py MODEL.onnx STRIP.png ...
"""

from __future__ import annotations

import json
import sys

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime import DigitReader, ImageError
from edge_runtime.recognition.contract import STRIP_HEIGHT, STRIP_WIDTH


def main() -> int:
    """0 all good, 1 some file failed, 2 wrong usage."""
    if len(sys.argv) < 3:
        print(f"usage: {sys.argv[0]} MODEL.onnx STRIP.png ...", file=sys.stderr)
        return 2
    reader = DigitReader(sys.argv[1])
    failed = False
    for path in sys.argv[2:]:
        try:
            (reading,) = reader.read_strips(load_strip(path)[None])
        except ImageError as error:
            print(error, file=sys.stderr)
            failed = True
            continue
        values = reading.as_dict()
        del values["box"]  # a strip has none
        print(json.dumps({"path": path, **values}))
    return int(failed)


def load_strip(path: str) -> NDArray[np.uint8]:
    """The pixels of a strip's file, uint8 [28, 140], ink bright on a dark ground; raises ``ImageError``."""
    strip = cv2.imread(path, cv2.IMREAD_GRAYSCALE)
    if strip is None or strip.shape != (STRIP_HEIGHT, STRIP_WIDTH):
        found = "no picture" if strip is None else f"{strip.shape[1]}×{strip.shape[0]} pixels"
        raise ImageError(f"{path}: {found}, expected a grey picture of {STRIP_WIDTH}×{STRIP_HEIGHT} pixels")
    return strip


if __name__ == "__main__":
    sys.exit(main())
