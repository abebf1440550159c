"""Digits that 44 people wrote with a pen on a tablet, as strokes; shapes that MNIST lacks.

``train/data/pen_digits.npz`` holds the Pen-Based Recognition of Handwritten Digits set (Alpaydin and Alimoglu,
1998; UCI Machine Learning Repository, CC BY 4.0): eight points along the way of the pen for each of 10,992 digits.
The points run on where the pen was lifted; ``strokes_of`` takes such jumps out again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import Akima1DInterpolator

from .digits import Split
from .errors import DataError

DATA: Final = Path(__file__).parent / "data" / "pen_digits.npz"
POINTS: Final = 8  # a digit
_HELD_OUT: Final = 10
_SPACING: Final = 0.012  # between two points of a drawn curve, heights of a digit
# The set is scaled to a square; people write this wide (mean, spread), in heights of a digit.
_WIDTHS: Final = {"1": (0.42, 0.12)}
_WIDTH: Final = (0.66, 0.1)

Points = NDArray[np.float32]


def build(source: Path, out: Path = DATA) -> int:
    """KEEL's text of the set (``penbased.dat``: sixteen coordinates 0 to 100 and the digit in a row) -> ``out``.

    Returns the number of digits. Raises ``DataError`` for a file of another kind.
    """
    try:
        rows = [
            line.split(",") for line in source.read_text(encoding="ascii").splitlines() if line[:1] not in ("", "@")
        ]
        table = np.array(rows, np.int64)
    except (OSError, ValueError) as error:
        raise DataError(f"{source}: not KEEL's penbased.dat ({error})") from None
    if table.ndim != 2 or table.shape[1] != 2 * POINTS + 1 or table[:, :-1].max() > 100 or table.min() < 0:
        raise DataError(f"{source}: expected rows of sixteen coordinates from 0 to 100 and a digit")
    points = table[:, :-1].reshape(-1, POINTS, 2)
    points[..., 1] = 100 - points[..., 1]
    np.savez_compressed(out, points=points.astype(np.uint8), labels=table[:, -1].astype(np.uint8))
    return len(table)


def tablet_source(split: Split) -> Callable[[str, np.random.Generator], Points]:
    """Gives the curve of a random digit of a class: float32 [n, 2], x right, y down, about one high.

    Every tenth digit is kept for validation and test.
    """
    points, labels = _load()
    held_out = np.arange(len(labels)) % _HELD_OUT == 0
    mine = _clear(points, labels) & (held_out == (split != "train"))
    by_class = [np.flatnonzero(mine & (labels == digit)) for digit in range(10)]

    def draw(digit: str, rng: np.random.Generator) -> Points:
        chosen = by_class[int(digit)]
        strokes = strokes_of(digit, points[chosen[int(rng.integers(len(chosen)))]], rng)
        curve = np.concatenate([_curve(stroke) for stroke in strokes])
        mean, spread = _WIDTHS.get(digit, _WIDTH)
        curve[:, 0] *= np.clip(rng.normal(mean, spread), 0.2, 1.1)
        return curve.astype(np.float32)

    return draw


def strokes_of(digit: str, points: NDArray[np.float64], rng: np.random.Generator) -> list[NDArray[np.float64]]:
    """The strokes of a digit whose points [8, 2], 0 to 1, also run along the jumps between them.

    The bar of a 7 and the flag of a 5 are drawn anew where the pen was lifted for them.
    """
    if digit == "7":
        foot = int(points[:, 1].argmax())
        if foot == POINTS - 1:
            return [points]
        stem = points[foot // 2 + 1 : foot + 1].mean(axis=0)
        height, reach = rng.uniform(0.42, 0.62), rng.uniform(0.22, 0.42)
        middle = (stem[0] + points[foot][0]) / 2
        tilt = rng.normal(-0.03, 0.05)
        return [points[: foot + 1], np.array([[middle - reach, height - tilt], [middle + reach, height + tilt]])]
    if digit == "5" and points[-1, 1] < 0.35 < points[-1, 0]:
        belly = int(np.flatnonzero(points[:, 1] > 0.5)[-1])
        return [points[: belly + 1], np.stack([points[0], points[-1]])]
    if digit == "4":
        rises = np.diff(points[:, 1])[2:5]
        jump = int(rises.argmin()) + 2
        if rises.min() < -0.25 and rng.random() < 0.8:
            return [points[: jump + 1], points[jump + 1 :]]
    return [points]


@cache
def _load() -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """All digits, points 0 to 1, and their classes."""
    try:
        with np.load(DATA, allow_pickle=False) as archive:
            return archive["points"].astype(np.float64) / 100, archive["labels"]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{DATA}: cannot be read ({error}); take it from the repository again") from None


def _clear(points: NDArray[np.float64], labels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Without each 1 on a base line: joined to it by the jump, it looks like a 2; the typefaces have enough of it."""
    last = points[:, -1] - points[:, -2]
    on_a_base = (points[:, -1, 1] > 0.7) & (np.abs(last[:, 1]) < 0.25) & (np.abs(last[:, 0]) > 0.3)
    return np.asarray((labels != 1) | ~on_a_base)


def _curve(stroke: NDArray[np.float64]) -> NDArray[np.float64]:
    """A smooth line through the points (Akima, J. ACM 17(4), 1970), sampled densely."""
    steps = np.hypot(*np.diff(stroke, axis=0).T)
    stroke = stroke[np.concatenate([[True], steps > 1e-6])]
    if len(stroke) < 2:
        return stroke
    way = np.concatenate([[0.0], np.hypot(*np.diff(stroke, axis=0).T).cumsum()])
    along = np.linspace(0, way[-1], max(int(way[-1] / _SPACING), 2))
    if len(stroke) == 2:
        return np.stack([np.interp(along, way, stroke[:, axis]) for axis in (0, 1)], axis=1)
    return np.asarray(Akima1DInterpolator(way, stroke, axis=0)(along))
