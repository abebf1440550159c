"""Every character of a drawing: its box, its kind, and the character that follows it in the same number or word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

KINDS: Final = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", ".", ",", ":", "-", "mark", "letter")
"""What a character can be; ``mark`` is every other sign, ``:`` is one character of two dots."""

POINT: Final = KINDS.index(".")
MARK: Final = KINDS.index("mark")
LETTER: Final = KINDS.index("letter")

_IS_LOW: Final = np.array([name in (".", ",", "-") for name in KINDS])
_LOW_HEIGHT: Final = 0.3  # of a point, heights of a digit
_KIND_OF: Final = {char: index for index, char in enumerate(KINDS[:MARK])} | {"·": POINT}
_JOINS: Final = ".,:·"  # stand inside a number, between two digits


def kind_of(char: str) -> int:
    """The index in ``KINDS`` of a character."""
    return LETTER if char.isalpha() else _KIND_OF.get(char, MARK)


def followers(text: str) -> list[int]:
    """For each character of ``text`` the place in ``text`` of the next one of its number or word, else -1.

    A number is a run of digits with single points, commas and colons between them, and with a minus or a point
    before it where nothing else stands there. Everything else parts: spaces, slashes, dashes between, other marks.
    """
    found = [-1] * len(text)
    for place in range(len(text) - 1):
        here, after = text[place], text[place + 1]
        before = text[place - 1] if place else " "
        if here.isalpha() and after.isalpha():
            found[place] = place + 1
        elif after.isdigit():
            starts = not (before.isalnum() or before in _JOINS + "-")
            inside = here in _JOINS and before.isdigit()
            if here.isdigit() or inside or (here in "-." and starts):
                found[place] = place + 1
        elif here.isdigit() and after in _JOINS and text[place + 2 : place + 3].isdigit():
            found[place] = place + 1
    return found


@dataclass(frozen=True, eq=False)
class Characters:
    """boxes: float32 [N, 5], kinds: uint8 [N], following: int32 [N], all as in ``Scene``."""

    boxes: NDArray[np.float32]
    kinds: NDArray[np.uint8]
    following: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.kinds)

    @classmethod
    def none(cls) -> Self:
        """No character at all."""
        return cls(np.zeros((0, 5), np.float32), np.zeros(0, np.uint8), np.zeros(0, np.int32))

    @classmethod
    def of(cls, boxes: Sequence[Sequence[float]], text: str) -> Self:
        """Of a text and the boxes of its characters that are not spaces."""
        places = [place for place, char in enumerate(text) if char != " "]
        if not places:
            return cls.none()
        index = {place: number for number, place in enumerate(places)}
        links = followers(text)
        return cls(
            np.array(boxes, np.float32),
            np.array([kind_of(text[place]) for place in places], np.uint8),
            np.array([index.get(links[place], -1) for place in places], np.int32),
        )

    @classmethod
    def joined(cls, parts: Sequence[Characters]) -> Characters:
        """Several groups as one; links stay inside the groups."""
        parts = [part for part in parts if len(part)]
        if len(parts) < 2:
            return parts[0] if parts else cls.none()
        starts = np.cumsum([0, *(len(part) for part in parts[:-1])])
        links = [
            np.where(part.following < 0, -1, part.following + start) for part, start in zip(parts, starts, strict=True)
        ]
        return cls(
            np.concatenate([part.boxes for part in parts]),
            np.concatenate([part.kinds for part in parts]),
            np.concatenate(links).astype(np.int32),
        )

    def chained(self) -> Characters:
        """The same characters as one number: each is followed by the next."""
        links = np.arange(1, len(self) + 1, dtype=np.int32)
        links[-1:] = -1
        return Characters(self.boxes, self.kinds, links)

    def moved(self, x: float, y: float) -> Characters:
        """Shifted by so many pixels."""
        boxes = self.boxes + np.array([x, y, 0, 0, 0], np.float32)
        return Characters(boxes, self.kinds, self.following)

    def scaled(self, factor: float) -> Characters:
        """Enlarged about the origin."""
        boxes = self.boxes * np.array([factor, factor, factor, factor, 1], np.float32)
        return Characters(boxes, self.kinds, self.following)

    def warped(self, matrix: NDArray[np.float64]) -> Characters:
        """As a homography [3, 3] shows them."""

        def through(points: NDArray[np.float64]) -> NDArray[np.float64]:
            moved = points @ matrix[:2, :2].T + matrix[:2, 2]
            return np.asarray(moved / (points @ matrix[2, :2] + matrix[2, 2])[..., None])

        return self.mapped(through)

    def mapped(self, through: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Characters:
        """As a map of points float64 [..., 2] moves them; the height is measured across the new reading direction."""
        if not len(self):
            return self
        x, y, height, width, angle = self.boxes.T.astype(np.float64)
        along = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        across = np.stack([-along[:, 1], along[:, 0]], axis=1)
        centre = np.stack([x, y], axis=1)
        half_w, half_h = width[:, None] / 2 * along, height[:, None] / 2 * across
        moved = through(np.stack([centre, centre - half_w, centre + half_w, centre - half_h, centre + half_h]))
        run, rise = moved[2] - moved[1], moved[4] - moved[3]
        length = np.maximum(np.hypot(*run.T), 1e-6)
        tall = np.abs(run[:, 0] * rise[:, 1] - run[:, 1] * rise[:, 0]) / length
        turned = np.arctan2(run[:, 1], run[:, 0]) % (2 * np.pi)
        boxes = np.stack([moved[0, :, 0], moved[0, :, 1], tall, length, turned], axis=1)
        return Characters(boxes.astype(np.float32), self.kinds, self.following)

    def own(self) -> Characters:
        """With the height of each one's own ink as far as the kind tells it: points and dashes are low."""
        boxes = self.boxes.copy()
        boxes[_IS_LOW[self.kinds], 2] *= _LOW_HEIGHT
        return Characters(boxes, self.kinds, self.following)

    def kept(self, mask: NDArray[np.bool_]) -> Characters:
        """Those of a bool [N] mask; a link to one that goes is cut."""
        places = np.cumsum(mask) - 1
        links = np.where((self.following >= 0) & mask[self.following], places[self.following], -1)
        return Characters(self.boxes[mask], self.kinds[mask], links[mask].astype(np.int32))

    def corners(self) -> NDArray[np.float32]:
        """The corners of all boxes, float32 [N, 4, 2], clockwise from the start of the line's top."""
        x, y, height, width, angle = self.boxes.T
        along = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (width / 2)[:, None]
        across = np.stack([-np.sin(angle), np.cos(angle)], axis=1) * (height / 2)[:, None]
        centre = np.stack([x, y], axis=1)
        corners = [centre - along - across, centre + along - across, centre + along + across, centre - along + across]
        return np.stack(corners, axis=1)
