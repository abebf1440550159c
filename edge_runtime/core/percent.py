"""``percent``: a probability as people read it."""

from __future__ import annotations

import math
from typing import Final

_TENTHS_FROM: Final = 0.99  # below it a whole percent says enough
_FLOAT_ERROR: Final = 1e-9  # 0.29 * 100 is a little less than 29


def percent(probability: float) -> str:
    """0 to 1 as ``"87%"``, and from 0.99 on as ``"99.9%"``. Never rounded up: only 1 itself is ``"100%"``."""
    if probability >= 1:
        return "100%"
    if probability >= _TENTHS_FROM:
        return f"{math.floor(probability * 1000 + _FLOAT_ERROR) / 10:.1f}%".replace("100.0", "99.9")
    return f"{math.floor(probability * 100 + _FLOAT_ERROR)}%"
