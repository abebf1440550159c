"""Pictures in forms that OpenCV does not write, by Pillow."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

Image = pytest.importorskip("PIL.Image", reason="Pillow writes the forms of pictures that OpenCV does not")

RED, BLUE = (255, 0, 0), (0, 0, 255)


def marked(mode: str = "RGB") -> Any:
    """80 wide, 40 high, grey, with a red top left and a blue bottom left quarter."""
    array = np.full((40, 80, 3), 200, np.uint8)
    array[:20, :40], array[20:, :40] = RED, BLUE
    return Image.fromarray(array).convert(mode)


def saved(picture: Any, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    try:
        picture.save(file, kind, **options)
    except (OSError, KeyError) as error:
        pytest.skip(f"this Pillow does not write it: {error}")
    return file.getvalue()
