"""How far a training run is, and what follows from that."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Progress:
    """What grows while training runs; seen: examples shown so far."""

    seen: int = 0
    seconds: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)

    def done(self, most: int, minutes: float | None) -> float:
        """The share of the run that is over, by examples or by time, whichever is further."""
        by_time = self.seconds / 60 / minutes if minutes else 0.0
        return max(self.seen / most, by_time)


def learning_rate_factor(done: float) -> float:
    """Factor on the learning rate: a short warm-up, then a cosine down to a hundredth."""
    warm = min(done / 0.01, 1.0)
    return max(warm * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * min(done, 1.0)))), 1e-3)


def to_stderr(text: str) -> None:
    """One line of progress."""
    print(text, file=sys.stderr, flush=True)
