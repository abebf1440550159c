"""``Header``: what a picture file claims to be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Header:
    """What stands in a file before its pixels.

    kind: as in ``headers.KINDS``.
    width, height: pixels as stored, before any turning.
    alpha: it may have transparent parts.
    bits: of one sample; what has more than 8 is brought to 8 after decoding.
    cmyk: the colours are those of a printing press.
    frames: pages or frames, at least 1; only the first is read.
    orientation: as in Exif, 1 (upright) to 8; what remains to be done after decoding.
    tile_pixels: of a tile, where the picture comes in tiles; decoders set memory aside for one, however small the
        picture is.
    """

    kind: str
    width: int
    height: int
    alpha: bool = False
    bits: int = 8
    cmyk: bool = False
    frames: int = 1
    orientation: int = 1
    tile_pixels: int = 0
