"""Ways to damage a picture file: bits flipped, cut off, headers that lie, bombs that claim far too much."""

from __future__ import annotations

import functools
import random
import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

HEADER_BYTES: Final = 96  # where most formats keep their sizes and offsets
_EXTREMES: Final = (0, 1, 0x7F, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_SIZES: Final = (0, 1, 2, 159, 161, 1_000, 4_000, 16_383, 65_535, 1_000_000, 0x7FFFFFFF, 0xFFFFFFFF)
_BOMB_BYTES: Final = 64 * 1024 * 1024  # what a chunk unpacks to
_BOMB_SIDE: Final = 5_000  # pixels; such a picture is within the limit and is really decoded

Mutation = Callable[[bytes, random.Random], bytes]


def flip_bits(data: bytes, chance: random.Random) -> bytes:
    """1 to 16 bits anywhere."""
    return _flip(data, chance, len(data), chance.randint(1, 16))


def flip_header_bits(data: bytes, chance: random.Random) -> bytes:
    """1 to 4 bits in the first 96 bytes."""
    return _flip(data, chance, min(len(data), HEADER_BYTES), chance.randint(1, 4))


def truncate(data: bytes, chance: random.Random) -> bytes:
    """Cut off anywhere, at the very start too."""
    return data[: chance.randrange(len(data))]


def overwrite(data: bytes, chance: random.Random) -> bytes:
    """A run of zeros, of 0xFF or of random bytes over a part."""
    start = chance.randrange(len(data))
    length = chance.randint(1, max(1, len(data) // 4))
    filling = chance.choice([bytes(length), b"\xff" * length, chance.randbytes(length)])
    return (data[:start] + filling + data[start + length :])[: max(len(data), 1)]


def rearrange(data: bytes, chance: random.Random) -> bytes:
    """A part left out, doubled, or put in where it does not belong."""
    first, second = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    part = data[first:second]
    place = chance.randrange(len(data) + 1)
    return chance.choice([data[:first] + data[second:], data[:second] + data[first:], data[:place] + part])


def lie_about_size(data: bytes, chance: random.Random) -> bytes:
    """Another width and height where the format keeps them; elsewhere an extreme number in the header."""
    width, height = chance.choice(_SIZES), chance.choice(_SIZES)
    for signature, lie in _LIES.items():
        if data.startswith(signature):
            return lie(data, width, height)
    return lie_anywhere(data, chance)


def lie_anywhere(data: bytes, chance: random.Random) -> bytes:
    """An extreme number of 1, 2 or 4 bytes in the header, in either byte order."""
    size, code = chance.choice([(1, "B"), (2, "H"), (4, "I")])
    number = struct.pack(chance.choice("<>") + code, chance.choice(_EXTREMES) & (256**size - 1))
    place = chance.randrange(max(1, min(len(data), HEADER_BYTES) - size))
    return data[:place] + number + data[place + size :]


def bomb(data: bytes, chance: random.Random) -> bytes:
    """A few kilobytes that claim or unpack to far more; what the given file was does not matter."""
    return chance.choice(_bombs())(chance)


MUTATIONS: Final[Mapping[str, tuple[Mutation, int]]] = {
    "bit flips": (flip_bits, 250),
    "header bit flips": (flip_header_bits, 200),
    "truncation": (truncate, 150),
    "overwritten": (overwrite, 100),
    "rearranged": (rearrange, 100),
    "size that lies": (lie_about_size, 100),
    "header that lies": (lie_anywhere, 95),
    "bomb": (bomb, 5),
}
"""By name: what is done, and how many of a thousand files it is done to."""


def mutated(files: Mapping[str, bytes], count: int, seed: int) -> Iterator[tuple[str, str, bytes]]:
    """(name of the mutation, name of the file, damaged content), the same for the same seed."""
    chance = random.Random(seed)
    kinds: Sequence[str] = list(MUTATIONS)
    weights = [weight for _, weight in MUTATIONS.values()]
    names = list(files)
    for index in range(count):
        (kind,) = chance.choices(kinds, weights)
        name = names[index % len(names)]
        yield kind, name, MUTATIONS[kind][0](files[name], chance)


def _flip(data: bytes, chance: random.Random, within: int, count: int) -> bytes:
    changed = bytearray(data)
    for _ in range(count):
        changed[chance.randrange(within)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def png_chunk(name: bytes, content: bytes) -> bytes:
    """A chunk with its length and a checksum that is right."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, packed: bytes, *more: bytes) -> bytes:
    """A grey PNG file of any claimed size, with these packed pixels and further chunks before them."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"".join([b"\x89PNG\r\n\x1a\n", header, *more, png_chunk(b"IDAT", packed), png_chunk(b"IEND", b"")])


@functools.cache
def _packed(count: int) -> bytes:
    return zlib.compress(bytes(count), 9)


def _bombs() -> list[Callable[[random.Random], bytes]]:
    nothing = _packed(100)
    return [
        lambda chance: png(60_000, 60_000, nothing),
        lambda chance: png(0xFFFFFFF, 1, nothing),
        lambda chance: png(_BOMB_SIDE, _BOMB_SIDE, _packed((_BOMB_SIDE + 1) * _BOMB_SIDE)),
        lambda chance: png(64, 64, _packed(_BOMB_BYTES)),
        lambda chance: png(64, 64, nothing, png_chunk(b"zTXt", b"a\0\0" + _packed(_BOMB_BYTES))),
        lambda chance: png(64, 64, nothing, png_chunk(b"iCCP", b"a\0\0" + _packed(_BOMB_BYTES))),
        lambda chance: b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0, 0, 0) + b"," + bytes(9) + b"\x02\0;",
        lambda chance: b"P5 99999 99999 255\n" + bytes(64),
        lambda chance: b"P5 9000 9000 255\n" + bytes(64),
        lambda chance: b"P1 9999999999999999999999 1\n" + b"1",
        lambda chance: b"BM" + struct.pack("<IIIIiiHHIIiiII", 99, 0, 54, 40, 2**31 - 1, -(2**31), 1, 24, *[0] * 6),
        lambda chance: b"II*\0" + struct.pack("<IHHHIII", 8, 1, 256, 4, 1, 2**32 - 1, 8),
    ]


def _lie_png(data: bytes, width: int, height: int) -> bytes:
    header = struct.pack(">II", width, height) + data[24:29]
    return data[:8] + png_chunk(b"IHDR", header) + data[33:]


def _lie_jpeg(data: bytes, width: int, height: int) -> bytes:
    found = re.search(rb"\xff[\xc0-\xc2]\0.\x08", data, re.DOTALL)
    if found is None:
        return data[:2]
    size = struct.pack(">HH", height & 0xFFFF, width & 0xFFFF)
    return data[: found.end()] + size + data[found.end() + 4 :]


def _lie_bmp(data: bytes, width: int, height: int) -> bytes:
    return data[:18] + struct.pack("<II", width, height) + data[26:]


def _lie_gif(data: bytes, width: int, height: int) -> bytes:
    return data[:6] + struct.pack("<HH", width & 0xFFFF, height & 0xFFFF) + data[10:]


def _lie_webp(data: bytes, width: int, height: int) -> bytes:
    place = 24 if data[12:16] == b"VP8X" else 26
    return data[:place] + struct.pack("<HH", width & 0xFFFF, height & 0xFFFF) + data[place + 4 :]


def _lie_tiff(data: bytes, width: int, height: int) -> bytes:
    directory = struct.unpack_from("<I", data, 4)[0]
    changed = bytearray(data)
    for entry in range(directory + 2, len(data) - 11, 12):
        tag, kind = struct.unpack_from("<HH", data, entry)
        if tag in (256, 257) and kind in (3, 4):
            struct.pack_into("<HHII", changed, entry, tag, 4, 1, width if tag == 256 else height)
    return bytes(changed)


def _lie_pnm(data: bytes, width: int, height: int) -> bytes:
    return re.sub(rb"^(P\d)\s+\d+\s+\d+", rb"\1 %d %d" % (width, height), data, count=1)


_LIES: Final[Mapping[bytes, Callable[[bytes, int, int], bytes]]] = {
    b"\x89PNG": _lie_png,
    b"\xff\xd8": _lie_jpeg,
    b"BM": _lie_bmp,
    b"GIF": _lie_gif,
    b"RIFF": _lie_webp,
    b"II*\0": _lie_tiff,
    **{b"P%d" % digit: _lie_pnm for digit in range(1, 7)},
}
