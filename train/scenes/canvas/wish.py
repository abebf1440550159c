"""What the composer asks of a kind of picture, and where its content goes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Wish:
    """height: pixels of the digits, as far as they fit; width, tall: the room in pixels.

    fill: the drawing is as large as the room and its ground goes to the border; otherwise as small as the thing.
    around: pixels of ground beyond the room, left and right, above and below, of a drawing that fills it.
    """

    height: float
    width: int
    tall: int
    fill: bool = True
    around: tuple[int, int] = (0, 0)

    @property
    def columns(self) -> float:
        """Width of the room in heights of a digit."""
        return self.width / self.height

    def fitting(self, columns: float, rows: float = 1.3) -> float:
        """Height of digits so that a content of so many heights of a digit across and down fits."""
        return float(min(self.height, 0.94 * self.width / columns, 0.94 * self.tall / rows))

    def at(self, height: float) -> Wish:
        """The same room, other digits."""
        return replace(self, height=height)


def staged(
    rng: np.random.Generator, wish: Wish, width: float, height: float, margin: float
) -> tuple[tuple[int, int], tuple[int, int]]:
    """The shape [h, w] of a drawing for a content of that size, and the column and row where the content goes."""
    if not wish.fill:
        margin_x, margin_y = margin * rng.uniform(0.5, 1.6), margin * rng.uniform(0.5, 1.6)
        shape = max(int(height + 2 * margin_y), 2), max(int(width + 2 * margin_x), 2)
        return shape, (int(margin_x), int(margin_y))
    slack_x, slack_y = max(wish.width - width, 0), max(wish.tall - height, 0)
    x, y = (slack_x * rng.beta(1.6, 1.6), slack_y * rng.beta(1.6, 1.6))
    aside, above = wish.around
    return (wish.tall + 2 * above, wish.width + 2 * aside), (int(x) + aside, int(y) + above)
