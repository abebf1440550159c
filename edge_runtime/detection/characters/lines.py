"""Characters -> lines: which character stands next to which along the reading direction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .contract import COMMA, POINT
from .peaks import Characters, Indices, pairs_within


@dataclass(frozen=True)
class LineRules:
    """How alike two neighbours of a line are. Lengths are in heights of a digit.

    The values are those of typography (a word space is a third of a height, a box of a form about one and a half),
    with room for what the maps get wrong; none is fitted.
    """

    gap: float = 3.0  # widest space between their inks
    overlap: float = 0.4  # of their inks along the line
    aside: float = 0.4  # one may stand higher than the other
    slope: float = 0.15  # and more by this share of their distance, since directions are rough
    ratio: float = 1.7  # of their heights
    cosine: float = 0.8  # of the angle between their directions
    lift: float = 0.42  # from a point on the base line to the middle of the line


RULES = LineRules()


def neighbours(characters: Characters, rules: LineRules = RULES) -> tuple[Indices, NDArray[np.float32]]:
    """The next character of each along its line, or -1, and the space to it in heights, float32 [N].

    Two are neighbours if each is the nearest to the other in its direction.
    """
    count = len(characters)
    heights, widths = characters.heights, characters.widths
    directions = np.stack([np.cos(characters.angles), np.sin(characters.angles)], axis=1)
    down = np.stack([-directions[:, 1], directions[:, 0]], axis=1)
    lift = np.where((characters.kinds == POINT) | (characters.kinds == COMMA), rules.lift, 0.0) * heights
    places = characters.centres - lift[:, None] * down

    i, j = _near_pairs(places, directions, heights, rules)
    along_both = directions[i] + directions[j]
    along_both /= np.maximum(np.linalg.norm(along_both, axis=1, keepdims=True), 1e-6)
    steps = places[j] - places[i]
    along = (steps * along_both).sum(axis=1)
    aside = np.abs(steps[:, 1] * along_both[:, 0] - steps[:, 0] * along_both[:, 1])
    backwards = along < 0
    i, j = np.where(backwards, j, i), np.where(backwards, i, j)
    height = np.sqrt(heights[i] * heights[j])
    gap = np.abs(along) - (widths[i] + widths[j]) / 2
    fits = (
        (np.abs(np.log(heights[i] / heights[j])) < np.log(rules.ratio))
        & ((directions[i] * directions[j]).sum(axis=1) > rules.cosine)
        & (gap > -rules.overlap * height)
        & (gap < rules.gap * height)
        & (aside < rules.aside * height + rules.slope * np.abs(along))
    )
    i, j, height = i[fits], j[fits], height[fits]
    distance = (np.maximum(gap[fits], 0) + aside[fits]) / height
    following, before = np.full(count, -1, np.intp), np.full(count, -1, np.intp)
    gaps = np.full(count, np.inf, np.float32)
    nearest_last = np.argsort(-distance, kind="stable")
    following[i[nearest_last]], before[j[nearest_last]] = j[nearest_last], i[nearest_last]
    gaps[i[nearest_last]] = (gap[fits] / height)[nearest_last]
    mutual = (following >= 0) & (before[following] == np.arange(count))
    return np.where(mutual, following, -1), np.where(mutual, gaps, np.inf).astype(np.float32)


def _near_pairs(
    places: NDArray[np.float32], directions: NDArray[np.float32], heights: NDArray[np.float32], rules: LineRules
) -> tuple[Indices, Indices]:
    """Pairs of characters that may be neighbours, by their places x and y alone; each pair once."""
    if not len(places):
        return np.empty(0, np.intp), np.empty(0, np.intp)
    # In x and in y no neighbour is farther off; the axis along which fewer pairs are near each other is asked first.
    down = np.stack([-directions[:, 1], directions[:, 0]], axis=1)
    along = np.abs(directions) * (rules.gap + 1.5) + np.abs(down) * (rules.aside + 1.0)
    reach = along * (rules.ratio * heights)[:, None]
    axis = int(np.argmin(reach.mean(axis=0) / np.maximum(np.ptp(places, axis=0), 1)))
    i, j = pairs_within(places[:, axis], reach[:, axis])
    close = np.abs(places[i, 1 - axis] - places[j, 1 - axis]) < np.maximum(reach[i, 1 - axis], reach[j, 1 - axis])
    return i[close], j[close]


def chains(following: Indices) -> list[list[int]]:
    """The lines that the followers form, each a list of indices in reading order; a ring is cut anywhere."""
    nexts = following.tolist()
    has_before = set(nexts)
    starts = [index for index in range(len(nexts)) if index not in has_before]
    seen: set[int] = set()
    lines = []
    for start in (*starts, *range(len(nexts))):
        line: list[int] = []
        index = start
        while index >= 0 and index not in seen:
            seen.add(index)
            line.append(index)
            index = nexts[index]
        if line:
            lines.append(line)
    return lines
