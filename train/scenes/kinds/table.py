"""Which kinds there are and how often each is drawn: mend a kind here, or its share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..canvas.drawing import Drawing
from ..canvas.wish import Wish
from . import counters, displays, nothing, pages, prints, written


@dataclass(frozen=True)
class Kind:
    """draw: makes the picture; share: how often, against the others; screen: comes from a file, not a camera.

    whole: fills a picture and is no thing that lies in a scene. empty: has no character.
    """

    draw: Callable[[np.random.Generator, Wish], Drawing]
    share: float
    screen: bool = False
    whole: bool = False
    empty: bool = False


TABLE: Final = {
    "number_alone": Kind(prints.number_alone, 14),
    "rows": Kind(prints.rows, 7),
    "expiry": Kind(prints.expiry, 4),
    "price_tag": Kind(prints.price_tag, 4),
    "note": Kind(written.note, 14),
    "board": Kind(written.board, 2),
    "led": Kind(displays.led, 5),
    "lcd": Kind(displays.lcd, 7),
    "matrix": Kind(displays.matrix, 3),
    "counter": Kind(counters.counter, 8),
    "text_page": Kind(pages.text_page, 5, whole=True),
    "table": Kind(pages.table, 5, whole=True),
    "numbers_page": Kind(pages.numbers_page, 3, whole=True),
    "photograph": Kind(nothing.photograph, 3, whole=True, empty=True),
    "bare": Kind(nothing.bare, 1.5, whole=True, empty=True),
    "shapes": Kind(nothing.shapes, 2, whole=True, empty=True),
    "doodle": Kind(nothing.doodle, 2, whole=True, empty=True),
    "dice": Kind(nothing.dice, 1.5, whole=True, empty=True),
    "tiles": Kind(nothing.tiles, 1.5, whole=True, empty=True),
}


def pick_kind(rng: np.random.Generator, *, things: bool = False) -> str:
    """The name of a kind by its share; ``things``: one that can lie in a scene."""
    names = [name for name, kind in TABLE.items() if not (things and kind.whole)]
    shares = np.cumsum([TABLE[name].share for name in names])
    return names[int(np.searchsorted(shares, rng.random() * shares[-1], side="right"))]
