"""The header of an AVIF file: boxes of the ISO base media format (ISO/IEC 14496-12, and 23008-12 for pictures)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from .header import Header

BRANDS: Final = (b"avif", b"avis")
_MOST_BOXES: Final = 100_000  # side by side; a file of more is no picture
_ALPHA: Final = b"alpha"  # ends the names of the kinds of auxiliary pictures that hold transparency
# Exif orientation after irot's quarter turns against the clock, and with imir's flip after that, axis 0 and 1.
_TURNED: Final = {
    (0, None): 1, (1, None): 8, (2, None): 3, (3, None): 6,
    (0, 0): 4, (1, 0): 5, (2, 0): 2, (3, 0): 7,
    (0, 1): 2, (1, 1): 7, (2, 1): 4, (3, 1): 5,
}  # fmt: skip


def read_avif(data: bytes) -> Header | None:
    """The largest picture that the properties tell of: thumbnails and tiles are smaller than the whole."""
    if data[8:12] not in BRANDS:
        return None
    sizes: list[tuple[int, int]] = []
    alpha, bits, quarters = False, 8, 0
    axis: int | None = None
    for name, content in _properties(data):
        if name == b"ispe":
            sizes.append(struct.unpack_from(">II", content, 4))
        elif name == b"auxC":
            alpha |= _ALPHA in content
        elif name == b"irot":
            quarters = content[0] & 3
        elif name == b"imir":
            axis = content[0] & 1
        elif name == b"pixi":
            bits = max([bits, *content[5 : 5 + content[4]]])
    if not sizes:
        return None
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    frames = 2 if data[8:12] == b"avis" else 1
    return Header("AVIF", width, height, alpha, bits, frames=frames, orientation=_TURNED[quarters, axis])


def _properties(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The boxes in meta/iprp/ipco, of each the first."""
    for name, version_bytes in ((b"meta", 4), (b"iprp", 0), (b"ipco", 0)):
        _, content = next(_boxes(data, name), (name, b""))
        data = content[version_bytes:]
    return _boxes(data)


def _boxes(data: bytes, wanted: bytes | None = None) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of the boxes side by side in ``data``; one that does not end in it is the last."""
    place = 0
    for _ in range(_MOST_BOXES):
        if place + 8 > len(data):
            return
        size, name = struct.unpack_from(">I4s", data, place)
        first = place + 8
        if size == 1:
            size = struct.unpack_from(">Q", data, first)[0]
            first += 8
        end = len(data) if size == 0 else place + size
        if end < first:
            return
        if wanted in (None, name):
            yield name, data[first:end]
        place = end
