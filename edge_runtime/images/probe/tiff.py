"""TIFF directories: the header of a TIFF file, and the orientation in the Exif block of the other kinds.

Tags and types are those of TIFF 6.0 (Adobe, 1992), sections 2 and 8.
"""

from __future__ import annotations

import struct
from typing import Final

from .header import Header

_WIDTH: Final = 256
_HEIGHT: Final = 257
_BITS: Final = 258
_PHOTOMETRIC: Final = 262  # 2 is RGB, 5 is CMYK
_ORIENTATION: Final = 274
_SAMPLES: Final = 277
_TILE_WIDTH: Final = 322
_TILE_HEIGHT: Final = 323
_BYTE, _SHORT, _LONG = 1, 3, 4
_ORDERS: Final = {b"II*\0": "<", b"MM\0*": ">"}
_MAX_PAGES: Final = 10_000


def read_tiff(data: bytes) -> Header | None:
    """The header of the first page. OpenCV turns TIFF pictures itself, so there is nothing left to turn."""
    order = _ORDERS[data[:4]]
    tags = _directory(data, order, struct.unpack_from(order + "I", data, 4)[0])
    if _WIDTH not in tags or _HEIGHT not in tags:
        return None
    return Header(
        "TIFF",
        tags[_WIDTH],
        tags[_HEIGHT],
        alpha=tags.get(_PHOTOMETRIC) == 2 and tags.get(_SAMPLES) == 4,
        bits=tags.get(_BITS, 1),
        cmyk=tags.get(_PHOTOMETRIC) == 5,
        frames=max(len(_directories(data, order)), 1),
        tile_pixels=tags.get(_TILE_WIDTH, 0) * tags.get(_TILE_HEIGHT, 0),
    )


def count_pages(data: bytes) -> int:
    """How many pages a TIFF file has; 0 for what is none, or is damaged before the first page."""
    order = _ORDERS.get(data[:4])
    try:
        return len(_directories(data, order)) if order else 0
    except struct.error:
        return 0


def from_page(data: bytes, number: int) -> bytes:
    """The same TIFF file, beginning with page ``number`` (from 1): decoders take the first page that they meet."""
    order = _ORDERS[data[:4]]
    return data[:4] + struct.pack(order + "I", _directories(data, order)[number - 1]) + data[8:]


def exif_orientation(block: bytes) -> int:
    """The orientation that an Exif block tells, 1 to 8; 1 where it tells none."""
    block = block.removeprefix(b"Exif\0\0")
    order = _ORDERS.get(block[:4])
    if order is None:
        return 1
    try:
        tags = _directory(block, order, struct.unpack_from(order + "I", block, 4)[0])
    except struct.error:
        return 1
    orientation = tags.get(_ORIENTATION, 1)
    return orientation if 1 <= orientation <= 8 else 1


def _directory(data: bytes, order: str, place: int) -> dict[int, int]:
    """The first value of each whole-number tag."""
    count = struct.unpack_from(order + "H", data, place)[0]
    tags: dict[int, int] = {}
    for entry in range(place + 2, place + 2 + 12 * count, 12):
        tag, kind, number = struct.unpack_from(order + "HHI", data, entry)
        value = _first_value(data, order, kind, number, entry + 8)
        if value is not None:
            tags[tag] = max(value, tags.get(tag, 0))  # decoders differ in which of two counts
    return tags


def _first_value(data: bytes, order: str, kind: int, number: int, place: int) -> int | None:
    if kind == _SHORT and number > 2:  # four bytes hold no more than two: here stands where they are
        place = struct.unpack_from(order + "I", data, place)[0]
        if place + 2 > len(data):
            return None
    form = {_BYTE: "B", _SHORT: "H", _LONG: "I"}.get(kind)
    return None if form is None else int(struct.unpack_from(order + form, data, place)[0])


def _directories(data: bytes, order: str) -> list[int]:
    """Where the directory of each page begins; a cycle in the page chain ends the list."""
    places: dict[int, None] = {}
    place = struct.unpack_from(order + "I", data, 4)[0]
    while place and place not in places and place + 2 <= len(data) and len(places) < _MAX_PAGES:
        places[place] = None
        end = place + 2 + 12 * struct.unpack_from(order + "H", data, place)[0]
        place = struct.unpack_from(order + "I", data, end)[0] if end + 4 <= len(data) else 0
    return list(places)
