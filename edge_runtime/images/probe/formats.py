"""What a picture file claims to be, read from its first bytes without decoding it.

The size of a picture is known, and can be refused, before a decoder allocates memory for it. A kind
that is not parsed here is not decoded at all.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from .avif import BRANDS, read_avif
from .header import Header
from .tiff import exif_orientation, read_tiff

KINDS: Final = "PNG, JPEG, BMP, GIF, WebP, TIFF, AVIF, PBM/PGM/PPM, PDF (pip install pypdfium2)"

_JPEG_FILL: Final = re.compile(rb"\xff+")
_MOST_PARTS: Final = 1_000_000  # of a file that are walked through; one made of nothing but parts is no picture


def read_header(data: bytes) -> Header | None:
    """The header of a picture file; None when it is of another kind or damaged."""
    for place, signature, parse in _PARSERS:
        if data.startswith(signature, place):
            try:
                return parse(data)
            except (struct.error, IndexError, ValueError):
                return None
    return None


def other_kind(data: bytes) -> str | None:
    """The name of a kind of file that is known but not read; None for all others."""
    return next((name for place, signature, name in _NOT_READ if data.startswith(signature, place)), None)


def _png(data: bytes) -> Header | None:
    """Every chunk must lie within the file: decoders allocate what a chunk claims, up to 4 GB."""
    if data[12:16] != b"IHDR":
        return None
    width, height, bits, colour_type = struct.unpack(">IIBB", data[16:26])
    alpha, frames, orientation = colour_type in (4, 6), 1, 1
    place = 8
    for _ in range(_MOST_PARTS):
        length, name = struct.unpack_from(">I4s", data, place)
        start = place + 8
        place += 12 + length
        if place > len(data):
            return None
        if name == b"IEND" or place == len(data):
            return Header("PNG", width, height, alpha, bits, frames=max(frames, 1), orientation=orientation)
        if name == b"tRNS":
            alpha = True
        elif name == b"acTL":
            frames = struct.unpack_from(">I", data, start)[0]
        elif name == b"eXIf":
            orientation = exif_orientation(data[start : start + length])
    return None


def _jpeg(data: bytes) -> Header | None:
    place, orientation = 2, 1
    for _ in range(_MOST_PARTS):
        place = data.index(b"\xff", place)  # decoders skip rubbish between segments, so does this
        fill = _JPEG_FILL.match(data, place)
        place = fill.end() if fill else place
        marker = data[place]
        place += 1
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:  # markers without content
            continue
        if marker in (0xD9, 0xDA):  # end or pixels before any frame header
            return None
        length = struct.unpack_from(">H", data, place)[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width, components = struct.unpack_from(">HHB", data, place + 3)
            return Header("JPEG", width, height, cmyk=components == 4, orientation=orientation)
        if marker == 0xE1 and data.startswith(b"Exif\0\0", place + 2):
            orientation = exif_orientation(data[place + 2 : place + length])
        place += length
    return None


def _gif(data: bytes) -> Header:
    width, height = struct.unpack_from("<HH", data, 6)
    return Header("GIF", width, height, alpha=True, frames=max(_gif_frames(data), 1))


def _gif_frames(data: bytes) -> int:
    """Pictures in the file, as far as it is walked; blocks as in GIF89a (CompuServe, 1990)."""
    frames, parts = 0, 0
    place = 13 + _palette_bytes(data[10])
    while place < len(data) - 10 and data[place] in (0x21, 0x2C) and parts < _MOST_PARTS:
        if data[place] == 0x2C:
            frames += 1
            place += 11 + _palette_bytes(data[place + 9])
        else:
            place += 2
        parts += 1
        while place < len(data) and data[place] and parts < _MOST_PARTS:
            place += 1 + data[place]
            parts += 1
        place += 1
    return frames


def _palette_bytes(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


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
        frames, orientation = 0, 1
        for name, content in islice(_riff_chunks(data, 12), _MOST_PARTS):
            frames += name == b"ANMF"
            orientation = exif_orientation(content) if name == b"EXIF" else orientation
        alpha = bool(data[20] & 0x10)
        return Header("WebP", width, height, alpha, frames=max(frames, 1), orientation=orientation)
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return Header("WebP", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, alpha=bool(bits >> 28 & 1))
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return Header("WebP", width & 0x3FFF, height & 0x3FFF)
    return None


def _riff_chunks(data: bytes, place: int) -> Iterator[tuple[bytes, bytes]]:
    while place + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, place)
        yield name, data[place + 8 : place + 8 + length] if name == b"EXIF" else b""
        place += 8 + length + length % 2


def _pnm(data: bytes) -> Header:
    """Numbers after the signature, between them white space and comments up to the line's end."""
    lines = [line.split(b"#", 1)[0] for line in data[2:4096].split(b"\n")]
    words = b" ".join(lines).split(maxsplit=3)[:3]
    has_maximum = data[1:2] not in (b"1", b"4")
    numbers = words if has_maximum else words[:2]
    if not all(len(word) < 11 and word.isdigit() for word in numbers):
        raise ValueError("no size")
    return Header("PBM/PGM/PPM", int(words[0]), int(words[1]), bits=16 if has_maximum and int(words[2]) > 255 else 8)


_PARSERS: Final[tuple[tuple[int, bytes, Callable[[bytes], Header | None]], ...]] = (
    (0, b"\x89PNG\r\n\x1a\n", _png),
    (0, b"\xff\xd8\xff", _jpeg),
    (0, b"GIF87a", _gif),
    (0, b"GIF89a", _gif),
    (0, b"BM", _bmp),
    (0, b"RIFF", _webp),
    (0, b"II*\0", read_tiff),
    (0, b"MM\0*", read_tiff),
    *((4, b"ftyp" + brand, read_avif) for brand in BRANDS),
    *((0, b"P%d" % digit, _pnm) for digit in range(1, 7)),
)

_NOT_READ: Final = (
    (4, b"ftyphei", "a HEIC picture"),
    (4, b"ftypmif1", "a HEIC picture"),
    (4, b"ftyp", "a video"),
    (4, b"jP  ", "a JPEG 2000 picture"),
    (0, b"\xff\x0a", "a JPEG XL picture"),
    (4, b"JXL ", "a JPEG XL picture"),
    (0, b"8BPS", "a Photoshop document"),
    (0, b"<svg", "an SVG drawing"),
    (0, b"<?xml", "an XML document"),
    (0, b"PK\3\4", "a ZIP archive"),
    (0, b"II+\0", "a BigTIFF picture"),
    (0, b"MM\0+", "a BigTIFF picture"),
)
