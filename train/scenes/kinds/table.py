"""Which kinds there are and how often each is drawn: mend a kind in its module, its share here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from train.scenes.canvas.drawing import Drawing
from train.scenes.canvas.wish import Wish

from . import nothing
from .devices import counters, dials, displays, fronts
from .paper import forms, pages, prints, tags, tickets, written
from .signs import cloth, plates, screens


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
    "number_alone": Kind(prints.number_alone, 10),
    "words": Kind(prints.words, 7),
    "rows": Kind(prints.rows, 5),
    "expiry": Kind(tags.expiry, 4),
    "price_tag": Kind(tags.price_tag, 4),
    "note": Kind(written.note, 12),
    "board": Kind(written.board, 1.5),
    "cheque": Kind(tickets.cheque, 3),
    "ticket": Kind(tickets.ticket, 3),
    "receipt": Kind(tickets.receipt, 2),
    "stub": Kind(tickets.stub, 1),
    "serial": Kind(tickets.serial, 1),
    "boxes": Kind(forms.boxes, 3),
    "puzzle": Kind(forms.puzzle, 3),
    "keypad": Kind(forms.keypad, 2),
    "led": Kind(displays.led, 5),
    "lcd": Kind(displays.lcd, 8),
    "matrix": Kind(displays.matrix, 3),
    "counter": Kind(counters.counter, 8),
    "front": Kind(fronts.front, 6),
    "dial": Kind(dials.dial, 1.5),
    "scale": Kind(dials.scale, 1),
    "licence_plate": Kind(plates.licence_plate, 3),
    "container": Kind(plates.container, 1.5),
    "room_sign": Kind(plates.room_sign, 3),
    "stencil": Kind(plates.stencil, 1.5),
    "card": Kind(plates.card, 2),
    "bib": Kind(cloth.bib, 2.5),
    "jersey": Kind(cloth.jersey, 1.5),
    "game": Kind(screens.game, 3, screen=True),
    "scoreboard": Kind(screens.scoreboard, 2, screen=True),
    "app": Kind(screens.app, 2, screen=True, whole=True),
    "captcha": Kind(screens.captcha, 2, screen=True),
    "text_page": Kind(pages.text_page, 5, whole=True),
    "table": Kind(pages.table, 4, whole=True),
    "numbers_page": Kind(pages.numbers_page, 2.5, whole=True),
    "photograph": Kind(nothing.photograph, 3.5, whole=True, empty=True),
    "bare": Kind(nothing.bare, 1.5, whole=True, empty=True),
    "shapes": Kind(nothing.shapes, 2, whole=True, empty=True),
    "doodle": Kind(nothing.doodle, 2, whole=True, empty=True),
    "dice": Kind(nothing.dice, 1.5, whole=True, empty=True),
    "tiles": Kind(nothing.tiles, 1.5, whole=True, empty=True),
}


def pick_kind(rng: np.random.Generator, *, things: bool = False) -> str:
    """The name of a kind by its share; ``things``: one that can lie in a scene."""
    names, shares = _THINGS if things else _ALL
    return names[int(np.searchsorted(shares, rng.random() * shares[-1], side="right"))]


def _shares(names: list[str]) -> tuple[list[str], np.ndarray]:
    return names, np.cumsum([TABLE[name].share for name in names])


_ALL: Final = _shares(list(TABLE))
_THINGS: Final = _shares([name for name, kind in TABLE.items() if not kind.whole])
