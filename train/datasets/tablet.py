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

from train.core.errors import DataError

from .mnist import Split
from .pen import pen_digit

DATA: Final = Path(__file__).parents[1] / "data" / "pen_digits.npz"
POINTS: Final = 8  # a digit
_HELD_OUT: Final = 10
_STRAIGHT: Final = 0.25  # of the square, by which the stem of a 1 may bend
_CLOSED: Final = 0.45  # height above which the end of a 5 closes its bow
_LOOP: Final = 6  # points of the loop of a 9
_LOOP_AREA: Final = 0.07
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

    Every tenth digit is kept for validation and test. The 4, which the set does not show clearly, is drawn by ``pen``.
    """
    points, labels = _load()
    held_out = np.arange(len(labels)) % _HELD_OUT == 0
    mine = _clear(points, labels) & (held_out == (split != "train"))
    by_class = [np.flatnonzero(mine & (labels == digit)) for digit in range(10)]

    def draw(digit: str, rng: np.random.Generator) -> Points:
        chosen = by_class[int(digit)]
        if not len(chosen):
            return pen_digit(digit, rng)
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
    if digit == "5" and _flag_last(points):
        belly = int(np.flatnonzero(points[:, 1] > 0.5)[-1])
        return [points[: belly + 1], np.stack([points[0], points[-1]])]
    return [points]


def _flag_last(points: NDArray[np.float64]) -> bool:
    """Whether a 5 ends in its flag, at the top right."""
    return bool(points[-1, 1] < 0.35 < points[-1, 0])


@cache
def _load() -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """All digits, points 0 to 1, and their classes."""
    try:
        with np.load(DATA, allow_pickle=False) as archive:
            return archive["points"].astype(np.float64) / 100, archive["labels"]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{DATA}: cannot be read ({error}); take it from the repository again") from None


def _clear(points: NDArray[np.float64], labels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which digits eight points show clearly.

    Not the 4: with the jump left in it looks like a 9, without it like a 5. Not a 1 on a base line, which the jump
    joins to a 2, nor one that is no straight line from its top. Not a 5 that closes to a 6, nor a 9 whose loop fell
    together.
    """
    clear = labels != 4
    last = points[:, -1] - points[:, -2]
    on_a_base = (points[:, -1, 1] > 0.7) & (np.abs(last[:, 1]) < 0.25) & (np.abs(last[:, 0]) > 0.3)
    for index in np.flatnonzero(labels == 1):
        stem = points[index, int(points[index, :, 1].argmin()) :]
        straight = np.interp(stem[:, 1], stem[[0, -1], 1], stem[[0, -1], 0])
        clear[index] = not on_a_base[index] and np.abs(stem[:, 0] - straight).max() < _STRAIGHT
    for index in np.flatnonzero(labels == 5):
        rises = points[index, int(points[index, :, 1].argmax()) :, 1].min() < _CLOSED
        clear[index] = _flag_last(points[index]) or not rises
    x, y = points[:, :_LOOP, 0], points[:, :_LOOP, 1]
    area = np.abs((x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1)) / 2
    return np.asarray(clear & ((labels != 9) | (area > _LOOP_AREA)))


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
