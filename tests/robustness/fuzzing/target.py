"""What the fuzzer calls: ``python -m tests.robustness.fuzzing.target CORPUS [libFuzzer's options]``; needs atheris."""

from __future__ import annotations

import sys
from typing import Final

import atheris
import numpy as np

with atheris.instrument_imports(include=["edge_runtime"]):
    from edge_runtime.core.errors import ImageError
    from edge_runtime.images.load import load_picture
    from edge_runtime.images.probe.formats import read_header

MAX_MEGAPIXELS: Final = 2.0


def check(data: bytes) -> None:
    """Raise for what is neither a picture as promised nor an ``ImageError`` in one line."""
    header = read_header(data)
    try:
        picture = load_picture(data, max_megapixels=MAX_MEGAPIXELS)
    except ImageError as error:
        assert "\n" not in str(error), "an error of several lines"
        return
    assert header is not None, "decoded although its header is none"
    pixels = picture.pixels
    assert pixels.dtype == np.uint8 and pixels.size, "no pixels"
    assert pixels.ndim == 2 or pixels.shape[2:] == (3,), f"shape {pixels.shape}"
    assert pixels.shape[0] * pixels.shape[1] <= MAX_MEGAPIXELS * 1e6, f"{pixels.shape} is more than is allowed"


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
