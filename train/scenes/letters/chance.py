"""Quick random choices; ``Generator.choice`` makes an array of its argument each time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Thing = TypeVar("Thing")


def pick(rng: np.random.Generator, things: Sequence[Thing]) -> Thing:
    """One of ``things``, all alike."""
    return things[int(rng.integers(len(things)))]


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Between two positive numbers, evenly on a logarithmic scale."""
    return float(low * (high / low) ** rng.random())


def happens(rng: np.random.Generator, probability: float) -> bool:
    """True so often."""
    return bool(rng.random() < probability)
