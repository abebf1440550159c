"""What surrounds a number in a picture: paper, security print, drums and displays, rulings, light."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, pixels."""


def field(shape: tuple[int, ...], cells: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Smooth noise of about ``cells`` bumps over the height, -1 to 1."""
    rows = max(2, cells)
    columns = max(2, int(cells * shape[1] / shape[0]))
    coarse = rng.uniform(-1, 1, (rows, columns)).astype(np.float32)
    return cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)


def mottle(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """Paper fibres, stains, show-through: noise of two sizes."""
    fine = field(shape, int(rng.integers(6, 30)), rng) * rng.uniform(0, 0.07)
    broad = field(shape, 4, rng) * rng.uniform(0, 0.1)
    return 1 + fine + broad


def security_print(shape: tuple[int, ...], unit: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Security grounds: fine lines that wave, cross or are dotted; amount of ink per pixel."""
    height, width = shape
    x, y = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    amount = np.zeros(shape, np.float32)
    for _ in range(int(rng.integers(1, 3))):
        period = unit * rng.uniform(0.07, 0.3)
        angle = rng.choice([0, rng.uniform(-0.4, 0.4), rng.uniform(0, np.pi)])
        across = x * np.sin(angle) + y * np.cos(angle)
        along = x * np.cos(angle) - y * np.sin(angle)
        wave = rng.uniform(0, 0.35) * unit * np.sin(along / (unit * rng.uniform(0.2, 1.6)) + rng.uniform(0, 6))
        sharp = rng.uniform(0.3, 0.9)
        lines = np.clip((np.cos((across + wave) * (2 * np.pi / period)) - sharp) / (1 - sharp), 0, 1)
        if rng.random() < 0.2:
            lines *= np.cos(along * (2 * np.pi / (unit * rng.uniform(0.08, 0.2)))) > 0
        amount = np.maximum(amount, lines * rng.uniform(0.1, 0.65))
    return amount


def behind_windows(
    ground: NDArray[np.float32], alpha: NDArray[np.float32], box: Box, rng: np.random.Generator, *, apart: bool
) -> tuple[NDArray[np.float32], Box]:
    """A mechanical counter, every digit on a drum in a window of its own (``apart``), or a display, one window for all.

    Windows are shaded towards their edges. Also gives the box as detection may see it: with the windows.
    """
    columns = alpha.max(axis=0) > 0.3
    edges = np.flatnonzero(np.diff(np.concatenate([[0], columns.view(np.int8), [0]])))
    rows = np.flatnonzero(alpha.max(axis=1) > 0.3)
    if not len(rows):
        return ground, box
    height = rows[-1] - rows[0]
    margin_y, margin_x = int(height * rng.uniform(0.08, 0.4)), int(height * rng.uniform(0.08, 0.25))
    lead = 0  # pixels of empty display before the number
    if not apart:
        edges, lead = edges[[0, -1]], int(height * rng.uniform(0, 0.7))
    top, bottom = max(rows[0] - margin_y, 0), min(rows[-1] + margin_y, len(ground))
    ground = ground * rng.uniform(0.5, 1.0)
    seen_to = edges[-1] + margin_x
    if rng.random() < 0.3:  # the edge of what comes next
        ground[:, min(edges[-1] + 2 * margin_x, ground.shape[1] - 1) :] *= rng.uniform(0.1, 0.7)
    elif apart and rng.random() < 0.4:
        seen_to = _next_drum(ground, seen_to, (top, bottom), rng)
    inside = rng.uniform(0.5, 1.0) if apart else rng.uniform(0.25, 1.0)
    roundness = rng.uniform(2.5, 12) if apart else 40.0
    shade_x, shade_y, steep = rng.uniform(0, 0.6), rng.uniform(0, 0.8), rng.uniform(1, 5)
    edge, rim = max(int(height * rng.uniform(0.02, 0.16)), 1), rng.uniform(0.1, 0.8)
    sides = rng.random(4) < 0.5
    y = np.linspace(-1, 1, bottom - top, dtype=np.float32)[:, None]
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        left, right = max(start - margin_x - lead, 0), min(stop + margin_x, ground.shape[1])
        window = ground[top:bottom, left:right]
        x = np.linspace(-1, 1, right - left, dtype=np.float32)[None, :]
        drum = inside * (1 - shade_x * np.abs(x) ** steep) * (1 - shade_y * np.abs(y) ** steep)
        for dark, side in zip(sides, (drum[:, :edge], drum[:, -edge:], drum[:edge], drum[-edge:]), strict=True):
            if dark:
                side *= rim
        np.copyto(window, drum, where=np.abs(x) ** roundness + np.abs(y) ** roundness < 1)
    if rng.random() < 0.6:
        box = (float(edges[0] - margin_x - lead), float(top), float(seen_to), float(bottom))
    return ground, box


def _next_drum(ground: NDArray[np.float32], start: int, rows: tuple[int, int], rng: np.random.Generator) -> int:
    """A sliver of the next drum, in two pieces so that nobody takes it for a 1; gives the column where it ends."""
    top, bottom = rows
    height = bottom - top
    left = start + int(height * rng.uniform(0.04, 0.15))
    place = slice(left, left + max(int(height * rng.uniform(0.05, 0.14)), 1))
    gap = int(height * rng.uniform(0.55, 0.8)), int(height * rng.uniform(0.05, 0.12))
    level = rng.uniform(0.15, 0.6)
    shift = int(height * rng.uniform(-0.1, 0.2))
    ground[max(top + shift, 0) : top + shift + gap[0], place] *= level
    ground[top + shift + sum(gap) : bottom + shift, place] *= level
    return place.stop


def rules(shape: tuple[int, ...], box: Box, rng: np.random.Generator, framed: float) -> NDArray[np.float32]:
    """Ruled and squared paper, underlines, frames, and bits of neighbours at the sides, as ink 0 to 1."""
    ink = np.zeros(shape, np.float32)
    unit = box[3] - box[1]
    thick = max(int(round(unit * rng.uniform(0.02, 0.07))), 1)
    left, top, right, bottom = (int(round(value)) for value in box)
    kind = rng.random()
    strength = float(rng.uniform(0.25, 1.0))
    if kind < 0.13:  # underline, sometimes touching, sometimes a line above as well
        y = bottom + int(unit * rng.uniform(-0.06, 0.18))
        slope = int(rng.normal(0, 0.04) * unit)
        cv2.line(ink, (int(left - unit * 0.4), y), (int(right + unit * 0.4), y + slope), strength, thick)
        if rng.random() < 0.3:
            y = top - int(unit * rng.uniform(-0.03, 0.15))
            cv2.line(ink, (0, y), (shape[1], y + slope), strength, thick)
    elif kind < 0.17:
        step = max(int(unit * rng.uniform(0.25, 1.1)), 5)
        for y in range(int(rng.integers(step)), shape[0], step):
            cv2.line(ink, (0, y), (shape[1], y), strength * 0.5, 1)
        if rng.random() < 0.5:
            for x in range(int(rng.integers(step)), shape[1], step):
                cv2.line(ink, (x, 0), (x, shape[0]), strength * 0.5, 1)
    elif kind < 0.17 + framed:  # a frame, often with sides out of the picture
        margin = int(unit * rng.uniform(0.03, 0.3))
        corners = [(left - margin, top - margin), (right + margin, top - margin)]
        corners += [(right + margin, bottom + margin), (left - margin, bottom + margin)]
        for start, stop in zip(corners, corners[1:] + corners[:1], strict=True):
            if rng.random() < 0.8:
                cv2.line(ink, start, stop, strength, thick)
    elif kind < 0.21 + framed:
        margin = int(unit * rng.uniform(0.12, 0.3))
        x = right + margin if rng.random() < 0.5 else left - margin
        cv2.line(ink, (x, top - 3), (x + int(rng.normal(0, 3)), bottom + 3), strength, thick * 2)
    return ink


def light(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """Uneven light: a slope, a lamp's spot, the edge of a shadow."""
    height, width = shape
    x, y = np.linspace(-1, 1, width, dtype=np.float32)[None, :], np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    light = 1 + rng.normal(0, 0.12) * x + rng.normal(0, 0.08) * y
    if rng.random() < 0.12:
        angle, place, soft = rng.uniform(0, np.pi), rng.uniform(-0.8, 0.8), rng.uniform(0.02, 0.4)
        side = (x * np.cos(angle) + y * np.sin(angle) - place) / soft
        light = light * (1 - rng.uniform(0.1, 0.5) * np.clip(side, 0, 1))
    return np.maximum(light, 0.15)
