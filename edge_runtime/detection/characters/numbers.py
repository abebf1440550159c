"""Lines of characters -> numbers: what belongs to a number, what parts two, and what stands beside one.

A number is a run of digits with the points, commas and colons between them, and the minus before it. A letter or mark
is not part of it. A slash or other mark, a dash between digits, a space that the link map does not bridge, and a
space far wider than the other spaces of the line part numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, hypot, sin

import numpy as np

from edge_runtime.core.types import Quad

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
    box: its four corners as one reads it.
    before, after: what stands beside it on its line, None for nothing.
    hole: a step between two digits is so wide that a character may be missing. cut: it touches the picture's border.
    """

    characters: Characters
    written: str
    box: Quad
    before: Beside | None
    after: Beside | None
    hole: bool
    cut: bool

    @property
    def text(self) -> str:
        """Its digits alone."""
        return "".join(character for character in self.written if character.isdecimal())


@dataclass(frozen=True)
class _Glyph:
    """One character of a line in plain numbers, which a loop over few of them reads faster than arrays.

    joined: the next one belongs to it. gap: space to the next one in heights. step: distance to the next one if both
    are digits, else 0.
    """

    index: int
    kind: int
    x: float
    y: float
    height: float
    width: float
    angle: float
    joined: bool
    gap: float
    step: float


def find_numbers(characters: Characters, size: tuple[int, int], rules: NumberRules = RULES) -> list[Number]:
    """The numbers that the characters of a picture of ``size`` (height, width) form; in no order."""
    following, gaps = neighbours(characters)
    is_digit = characters.kinds < DIGIT_KINDS
    steps = np.hypot(*(characters.centres[following] - characters.centres).T) * (is_digit & is_digit[following])
    links = characters.links
    joined = (links >= rules.link) | ((gaps < rules.touching) & (links >= rules.touching_link))
    joined &= following >= 0
    shape = (characters.centres, characters.heights, characters.widths, characters.angles)
    table = np.column_stack([*shape, gaps, np.where(following >= 0, steps, 0), links]).tolist()
    kinds, flags = characters.kinds.tolist(), joined.tolist()
    numbers = []
    for line in chains(following):
        limit = rules.missing * _pitch([table[index][6] for index in line])
        glyphs = []
        for index in line:
            x, y, height, width, angle, gap, step, link = table[index]
            is_joined = flags[index] and (step < limit or link >= rules.parting)
            glyphs.append(_Glyph(index, kinds[index], x, y, height, width, angle, is_joined, gap, step))
        for start, end in _runs(glyphs, rules):
            numbers.append(_number(characters, glyphs, start, end, size, rules))
    return numbers


def _pitch(steps: list[float]) -> float:
    """The usual step between digits, the lower median; endless where there are fewer than two."""
    between_digits = sorted(step for step in steps if step)
    return between_digits[(len(between_digits) - 1) // 2] if len(between_digits) > 1 else float("inf")


def _runs(glyphs: list[_Glyph], rules: NumberRules) -> list[tuple[int, int]]:
    """Where each number of a line starts and ends."""
    runs = []
    position = 0
    while position < len(glyphs):
        if not _is_digit(glyphs, position):
            position += 1
            continue
        start = end = position
        while glyphs[end].joined and (_is_digit(glyphs, end + 1) or _is_separator(glyphs, end + 1)):
            end += 1 if _is_digit(glyphs, end + 1) else 2
        position = end + 1
        if start and glyphs[start - 1].joined and glyphs[start - 1].kind in (POINT, COMMA):
            start -= not (start > 1 and glyphs[start - 2].joined)  # .5
        if start and glyphs[start - 1].kind == DASH and glyphs[start - 1].gap < rules.minus:
            start -= start < 2 or glyphs[start - 2].kind == MARK or glyphs[start - 2].gap > rules.minus
        runs.append((start, end + 1))
    return runs


def _is_digit(glyphs: list[_Glyph], position: int) -> bool:
    return position < len(glyphs) and glyphs[position].kind < DIGIT_KINDS


def _is_separator(glyphs: list[_Glyph], position: int) -> bool:
    """A point, comma or colon to which the digit after it belongs."""
    glyph = glyphs[position]
    return glyph.kind in _SEPARATORS and glyph.joined and _is_digit(glyphs, position + 1)


def _number(
    characters: Characters, line: list[_Glyph], start: int, end: int, size: tuple[int, int], rules: NumberRules
) -> Number:
    glyphs = line[start:end]
    box = _box(glyphs)
    margin = rules.border * max(glyph.height for glyph in glyphs)
    steps = [glyph.step for glyph in glyphs[:-1]]
    before, after = line[start - 1] if start else None, line[end] if end < len(line) else None
    return Number(
        characters=characters.take(np.array([glyph.index for glyph in glyphs])),
        written="".join(KINDS[glyph.kind] for glyph in glyphs),
        box=box,
        before=Beside(before.kind, before.gap) if before else None,
        after=Beside(after.kind, glyphs[-1].gap) if after else None,
        hole=max(steps, default=0) > rules.missing * _pitch(steps),
        cut=any(not (margin <= x <= size[1] - margin and margin <= y <= size[0] - margin) for x, y in box),
    )


def _box(glyphs: list[_Glyph]) -> Quad:
    """The smallest rectangle along the line that holds the characters; the digits' centres give its direction."""
    digits = [glyph for glyph in glyphs if glyph.kind < DIGIT_KINDS]
    first, last = digits[0], digits[-1]
    along_x, along_y = last.x - first.x, last.y - first.y
    if hypot(along_x, along_y) < first.height:  # over so short a way the direction map is more exact
        along_x, along_y = sum(cos(glyph.angle) for glyph in digits), sum(sin(glyph.angle) for glyph in digits)
    length = max(hypot(along_x, along_y), 1e-6)
    along_x, along_y = along_x / length, along_y / length
    ends = [(glyph.x * along_x + glyph.y * along_y, glyph.width / 2) for glyph in glyphs]
    sides = [(glyph.y * along_x - glyph.x * along_y, glyph.height / 2) for glyph in digits]
    left, right = min(middle - half for middle, half in ends), max(middle + half for middle, half in ends)
    top, bottom = min(middle - half for middle, half in sides), max(middle + half for middle, half in sides)
    places = ((left, top), (right, top), (right, bottom), (left, bottom))
    # Quads count from the middle of the first pixel, characters from its edge.
    return Quad(*((u * along_x - v * along_y - 0.5, u * along_y + v * along_x - 0.5) for u, v in places))
