"""Ways to damage a picture file: bits flipped, cut off, headers that lie, bombs that claim far too much."""

from __future__ import annotations

import functools
import random
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from .pictures import PAGE_HW

HEADER_BYTES: Final = 96  # where most formats keep their sizes and offsets
_EXTREMES: Final = (0, 1, 0x7F, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_SIZE_FORMS: Final = {
    ">II": PAGE_HW[::-1],  # PNG, JPEG 2000
    "<II": PAGE_HW[::-1],  # BMP
    "<HH": PAGE_HW[::-1],  # GIF, WebP
    ">HH": PAGE_HW,  # JPEG
}
_SIZES: Final = (0, 1, 2, 159, 161, 1_000, 4_000, 16_383, 65_535, 1_000_000, 0x7FFFFFFF, 0xFFFFFFFF)
_BOMB_BYTES: Final = 64 * 1024 * 1024  # what a chunk unpacks to
_BOMB_SIDE: Final = 5_000  # pixels; such a picture is within the limit and is really decoded

Mutation = Callable[[bytes, random.Random], bytes]


def flip_bits(data: bytes, chance: random.Random, within: int | None = None) -> bytes:
    """1 to 16 bits anywhere, or in the first so many bytes."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 16)):
        changed[chance.randrange(min(len(data), within or len(data)))] ^= 1 << chance.randrange(8)
    return bytes(changed)


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
    """Another width and height wherever the page's stand; an extreme number in the header where they stand nowhere."""
    height, width = PAGE_HW
    size = (chance.choice(_SIZES), chance.choice(_SIZES))
    changed = data.replace(b"%d %d" % (width, height), b"%d %d" % size)  # PNM
    for form, order in _SIZE_FORMS.items():
        most = 256 ** (struct.calcsize(form) // 2) - 1
        changed = changed.replace(struct.pack(form, *order), struct.pack(form, size[0] & most, size[1] & most))
    if changed == data:
        return lie_anywhere(data, chance)
    if data.startswith(b"\x89PNG"):
        return changed[:8] + png_chunk(b"IHDR", changed[16:29]) + changed[33:]
    return changed


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
    "header bit flips": (lambda data, chance: flip_bits(data, chance, HEADER_BYTES), 200),
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
