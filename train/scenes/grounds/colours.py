"""Pairs of colours that stand together: ink and ground."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Colour = NDArray[np.float32]
"""Blue, green, red, 0 to 255."""

_LUMA: Final = np.array([0.114, 0.587, 0.299], np.float32)


def colour(rng: np.random.Generator, low: float = 0, high: float = 255) -> Colour:
    """Any colour, greys more often than others; its brightest channel lies between ``low`` and ``high``."""
    top = rng.uniform(low, high)
    chance = rng.random()
    if chance < 0.45:
        shares = rng.uniform(0.88, 1.0, 3)
    elif chance < 0.86:  # muted, as most things are
        shares = rng.uniform(0.65, 1.0, 3)
    else:
        shares = rng.uniform(0.0, 1.0, 3) ** 0.8
    return (top * shares / shares.max()).astype(np.float32)


def brightness(shade: Colour) -> float:
    """0 to 255 (ITU-R BT.601)."""
    return float(shade @ _LUMA)


def pair(rng: np.random.Generator, *, dark_ground: float = 0.3, faint: float = 0.15) -> tuple[Colour, Colour]:
    """Ground and ink; ``dark_ground`` and ``faint`` are shares of bright ink and of pairs that differ little."""
    apart = rng.uniform(28, 60) if rng.random() < faint else rng.uniform(60, 200)
    for _ in range(20):
        first, second = colour(rng, 90, 255), colour(rng, 0, 200)
        if rng.random() < 0.45:
            second *= rng.uniform(0.05, 0.4)
        if brightness(first) - brightness(second) > apart:
            break
    else:
        first, second = np.full(3, 235, np.float32), np.full(3, 30, np.float32)
    return (second, first) if rng.random() < dark_ground else (first, second)


def paper(rng: np.random.Generator) -> Colour:
    """White, grey, yellowish; seldom a coloured sheet."""
    if rng.random() < 0.12:
        return colour(rng, 170, 250)
    if rng.random() < 0.12:
        return np.full(3, rng.uniform(246, 255), np.float32)
    level = rng.uniform(120, 255)
    return np.clip(
        level * np.array([rng.uniform(0.72, 1.02), rng.uniform(0.92, 1.0), rng.uniform(0.93, 1.02)]), 0, 255
    ).astype(np.float32)


def pen_ink(rng: np.random.Generator, ground: Colour) -> Colour:
    """Black, blue, now and then red or pencil, on that paper."""
    chance = rng.random()
    if chance < 0.45:
        base: NDArray[np.floating] = np.full(3, rng.uniform(5, 70)) + rng.normal(0, 5, 3)
    elif chance < 0.8:
        base = np.array([rng.uniform(110, 200), rng.uniform(30, 90), rng.uniform(10, 70)])
    elif chance < 0.9:
        base = np.array([rng.uniform(20, 80), rng.uniform(20, 60), rng.uniform(140, 210)])
    else:
        base = ground * rng.uniform(0.35, 0.65)
    return np.clip(np.minimum(base, ground * 0.8), 0, 255).astype(np.float32)
