"""Lines of characters -> numbers: what belongs to a number, what parts two, and what stands beside one.

A number is a run of digits with the points, commas and colons between them, and the minus before it. A letter or mark
is not part of it. A slash or other mark, a dash between digits, a space that the link map does not bridge, and a
space far wider than the other spaces of the line part numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .contract import COLON, COMMA, DASH, DIGIT_KINDS, KINDS, MARK, POINT
from .lines import chains, neighbours
from .peaks import Characters

_SEPARATORS = (POINT, COMMA, COLON)


@dataclass(frozen=True)
class NumberRules:
    """When neighbours of a line belong to one number. Spaces and sizes are in heights of a digit."""

    link: float = 0.5  # least probability that the next one belongs to it
    touching: float = 0.15  # a smaller space than this needs less of a link,
    touching_link: float = 0.2  # namely this
    missing: float = 1.6  # pitches from one digit to the next, from which on a character may be missing between
    parting: float = 0.7  # least link that bridges so wide a step
    minus: float = 0.8  # widest space between a minus and its number
    border: float = 0.15  # ink nearer to the picture's border than this may be cut off


RULES = NumberRules()


@dataclass(frozen=True)
class Beside:
    """The character next to a number on its line: its kind, an index of ``KINDS``, and the space to it in heights."""

    kind: int
    gap: float


@dataclass(frozen=True)
class Number:
    """A number as it stands in the picture.

    characters: with points and minus, in reading order. written: the same as text, ``-12.5``, ``02:15.55``.
    corners: float32 [4, 2], upper left, upper right, lower right, lower left as one reads it.
    before, after: what stands beside it on its line, None for nothing.
    hole: a step between two digits is so wide that a character may be missing. cut: it touches the picture's border.
    """

    characters: Characters
    written: str
    corners: NDArray[np.float32]
    before: Beside | None
    after: Beside | None
    hole: bool
    cut: bool

    @property
    def text(self) -> str:
        """Its digits alone."""
        return "".join(character for character in self.written if character.isdecimal())


def find_numbers(characters: Characters, size: tuple[int, int], rules: NumberRules = RULES) -> list[Number]:
    """The numbers that the characters of a picture of ``size`` (height, width) form; in no order."""
    following, gaps = neighbours(characters)
    numbers = []
    for line in chains(following):
        for start, end in _runs(characters, line, gaps, rules):
            numbers.append(_number(characters, line, gaps, start, end, size, rules))
    return numbers


def _runs(
    characters: Characters, line: list[int], gaps: NDArray[np.float32], rules: NumberRules
) -> list[tuple[int, int]]:
    """First and last-but-one position of each number on a line."""
    kinds = characters.kinds[line].tolist()
    spaces = gaps[line].tolist()
    links = characters.links[line]
    joined = (links >= rules.link) | ((gaps[line] < rules.touching) & (links >= rules.touching_link))
    joined &= ~_too_wide(characters, line, links, rules)
    runs = []
    position = 0
    while position < len(line):
        if kinds[position] >= DIGIT_KINDS:
            position += 1
            continue
        start = end = position
        while joined[end] and end + 1 < len(line):
            if kinds[end + 1] < DIGIT_KINDS:
                end += 1
            elif kinds[end + 1] in _SEPARATORS and joined[end + 1] and _is_digit(kinds, end + 2):
                end += 2
            else:
                break
        position = end + 1
        if start and kinds[start - 1] in (POINT, COMMA) and joined[start - 1] and not (start > 1 and joined[start - 2]):
            start -= 1  # .5
        if start and kinds[start - 1] == DASH and spaces[start - 1] < rules.minus:
            alone = start < 2 or kinds[start - 2] == MARK or spaces[start - 2] > rules.minus
            start -= alone
        runs.append((start, end + 1))
    return runs


def _too_wide(
    characters: Characters, line: list[int], links: NDArray[np.float32], rules: NumberRules
) -> NDArray[np.bool_]:
    """After which characters of the line a step is much wider than its others and poorly linked."""
    steps = _steps(characters, line)
    wide = np.zeros(len(line), bool)
    if len(steps) >= 2:
        wide[:-1] = (steps > rules.missing * _pitch(steps)) & (links[:-1] < rules.parting)
    return wide


def _steps(characters: Characters, line: list[int]) -> NDArray[np.float32]:
    """Distances from each character to the next, NaN where one of the two is no digit."""
    is_digit = characters.kinds[line] < DIGIT_KINDS
    steps = np.hypot(*np.diff(characters.centres[line], axis=0).T)
    if not (is_digit[1:] & is_digit[:-1]).any():
        return steps[:0]
    return np.where(is_digit[1:] & is_digit[:-1], steps, np.nan)


def _pitch(steps: NDArray[np.float32]) -> float:
    """The lower median: of two steps the shorter."""
    return float(np.nanpercentile(steps, 50, method="lower"))


def _is_digit(kinds: list[int], position: int) -> bool:
    return 0 <= position < len(kinds) and kinds[position] < DIGIT_KINDS


def _number(
    characters: Characters,
    line: list[int],
    gaps: NDArray[np.float32],
    start: int,
    end: int,
    size: tuple[int, int],
    rules: NumberRules,
) -> Number:
    members = line[start:end]
    parts = characters.take(np.array(members))
    corners = _corners(parts)
    steps = _steps(characters, members)
    margin = rules.border * float(np.median(parts.heights))
    inner = np.array(size[::-1]) - margin
    before = Beside(int(characters.kinds[line[start - 1]]), float(gaps[line[start - 1]])) if start else None
    after = Beside(int(characters.kinds[line[end]]), float(gaps[line[end - 1]])) if end < len(line) else None
    return Number(
        characters=parts,
        written="".join(KINDS[kind] for kind in parts.kinds),
        corners=corners,
        before=before,
        after=after,
        hole=len(steps) >= 2 and bool((steps > rules.missing * _pitch(steps)).any()),
        cut=bool(((corners < margin) | (corners > inner)).any()),
    )


def _corners(parts: Characters) -> NDArray[np.float32]:
    """The smallest rectangle along the line that holds the characters; the digits' centres give its direction."""
    along = np.array([np.cos(parts.angles).sum(), np.sin(parts.angles).sum()])
    digits = parts.centres[parts.kinds < DIGIT_KINDS]
    step = digits[-1] - digits[0]
    if np.hypot(*step) > np.median(parts.heights):  # over a shorter way the direction map is more exact
        along = step
    along = along / max(float(np.hypot(*along)), 1e-6)
    down = np.array([-along[1], along[0]])
    ends = parts.centres @ along
    left, right = (ends - parts.widths / 2).min(), (ends + parts.widths / 2).max()
    middles, halves = digits @ down, parts.heights[parts.kinds < DIGIT_KINDS] / 2
    top, bottom = (middles - halves).min(), (middles + halves).max()
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    return (corners @ np.stack([along, down])).astype(np.float32)
