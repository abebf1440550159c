"""What a picture file claims to be, read from its first bytes without decoding it.

The size of a picture is known, and can be refused, before a decoder allocates memory for it. A kind
that is not parsed here is not decoded at all.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

KINDS: Final = "PNG, JPEG, BMP, GIF, WebP, TIFF, PBM/PGM/PPM"

# Tags of TIFF 6.0 (Adobe, 1992), section 8; photometric 2 is RGB.
_TIFF_WIDTH, _TIFF_HEIGHT, _TIFF_PHOTOMETRIC, _TIFF_SAMPLES = 256, 257, 262, 277


@dataclass(frozen=True)
class Header:
    """kind: as in ``KINDS``; width, height: pixels as stored; alpha: it may have transparent parts."""

    kind: str
    width: int
    height: int
    alpha: bool = False


def read_header(data: bytes) -> Header | None:
    """The header of a picture file; None when it is of another kind or damaged."""
    for signature, parse in _PARSERS:
        if data.startswith(signature):
            try:
                return parse(data)
            except (struct.error, IndexError, ValueError):
                return None
    return None


def _png(data: bytes) -> Header | None:
    """Every chunk must lie within the file: decoders allocate what a chunk claims, up to 4 GB."""
    if data[12:16] != b"IHDR":
        return None
    width, height, _, colour_type = struct.unpack(">IIBB", data[16:26])
    alpha = colour_type in (4, 6)
    place = 8
    while place < len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        place += 12 + length
        if place > len(data):
            return None
        if name == b"IEND":
            break
        alpha |= name == b"tRNS"
    return Header("PNG", width, height, alpha)


def _jpeg(data: bytes) -> Header | None:
    place = 2
    while True:
        place = data.index(b"\xff", place)  # decoders skip rubbish between segments, so does this
        while data[place] == 0xFF:
            place += 1
        marker = data[place]
        place += 1
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:  # markers without content
            continue
        if marker in (0xD9, 0xDA):  # end or pixels before any frame header
            return None
        length = struct.unpack_from(">H", data, place)[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, place + 3)
            return Header("JPEG", width, height)
        place += length


def _gif(data: bytes) -> Header:
    width, height = struct.unpack_from("<HH", data, 6)
    return Header("GIF", width, height, alpha=True)


def _bmp(data: bytes) -> Header:
    size = struct.unpack_from("<I", data, 14)[0]
    width, height = struct.unpack_from("<HH" if size == 12 else "<ii", data, 18)
    return Header("BMP", abs(width), abs(height))  # a negative height means that rows run from the top


def _webp(data: bytes) -> Header | None:
    kind = data[12:16]
    if data[8:12] != b"WEBP":
        return None
    if kind == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        return Header("WebP", width, height, alpha=bool(data[20] & 0x10))
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return Header("WebP", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, alpha=bool(bits >> 28 & 1))
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return Header("WebP", width & 0x3FFF, height & 0x3FFF)
    return None


def _tiff(data: bytes) -> Header | None:
    order = "<" if data[:2] == b"II" else ">"
    directory = struct.unpack_from(order + "I", data, 4)[0]
    count = struct.unpack_from(order + "H", data, directory)[0]
    tags = {}
    for entry in range(directory + 2, directory + 2 + 12 * count, 12):
        tag, kind, _, value = struct.unpack_from(order + "HHII", data, entry)
        is_short = kind == 3
        tags[tag] = struct.unpack_from(order + "H", data, entry + 8)[0] if is_short else value
    if _TIFF_WIDTH not in tags or _TIFF_HEIGHT not in tags:
        return None
    alpha = tags.get(_TIFF_PHOTOMETRIC) == 2 and tags.get(_TIFF_SAMPLES) == 4
    return Header("TIFF", tags[_TIFF_WIDTH], tags[_TIFF_HEIGHT], alpha)


def _pnm(data: bytes) -> Header:
    """Two numbers after the signature, between them white space and comments up to the line's end."""
    lines = [line.split(b"#", 1)[0] for line in data[2:4096].split(b"\n")]
    width, height = (int(word) for word in b" ".join(lines).split()[:2])
    if width < 0 or height < 0:
        raise ValueError("negative size")
    return Header("PBM/PGM/PPM", width, height)


_PARSERS: Final[tuple[tuple[bytes, Callable[[bytes], Header | None]], ...]] = (
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"\xff\xd8\xff", _jpeg),
    (b"GIF87a", _gif),
    (b"GIF89a", _gif),
    (b"BM", _bmp),
    (b"RIFF", _webp),
    (b"II*\0", _tiff),
    (b"MM\0*", _tiff),
    *((b"P%d" % digit, _pnm) for digit in range(1, 7)),
)
