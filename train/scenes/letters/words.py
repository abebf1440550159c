"""Words of no language, and some of many, with the letters that people write."""

from __future__ import annotations

from typing import Final

import numpy as np

from .chance import pick

_ONSETS: Final = (
    "b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z", "st", "tr", "pl", "ch",
    "sh", "th", "br", "gr", "cl", "sp", "qu", "sch", "kr", "", "", "x", "y", "gl", "bl",
)  # fmt: skip
_VOWELS: Final = ("a", "e", "i", "o", "u", "ea", "ou", "ie", "ai", "ee", "y", "oo", "au", "io")
_CODAS: Final = ("", "", "", "", "n", "r", "s", "t", "l", "m", "nd", "ng", "ck", "st", "rt", "ll", "x", "tz", "d", "g")
_COMMON: Final = (
    "the", "and", "of", "to", "in", "is", "it", "for", "on", "was", "his", "with", "that", "as", "be", "by", "at",
    "und", "der", "die", "das", "ein", "ist", "la", "le", "el", "de",
    "les", "des", "una", "por", "OPEN", "STOP", "EXIT",
    "SALE",
    "NEW", "ON", "OFF", "MENU", "OK", "START", "PLAY", "MADE", "ONLY", "SIZE", "Litres", "GALLONS", "LITRES",
    "km", "kWh", "mmHg", "Model", "Type", "Made", "Please", "Total", "I", "a", "O", "S", "B", "Z", "l", "G", "oil",
    "Is", "go", "lie", "SOS", "BIG", "loll", "bill", "Ziel", "Gold", "TOOL", "ill", "Oslo", "Aqua", "Box",
)  # fmt: skip
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def word(rng: np.random.Generator, least: int = 1, most: int = 9, *, upper: bool | None = None) -> str:
    """One word of ``least`` to ``most`` letters; upper: all capitals, or as it comes."""
    length = int(rng.integers(least, most + 1))
    chance = rng.random()
    if chance < 0.12:
        found = pick(rng, _COMMON)
    elif chance < 0.3 or length < 3:
        found = "".join(_LETTERS[int(index)] for index in rng.integers(0, 26, length))
    else:
        found = ""
        while len(found) < length:
            for table in (_ONSETS, _VOWELS, _CODAS):
                found += pick(rng, table)
    found = found[:most]
    while len(found) < least:
        found += _LETTERS[int(rng.integers(26))].lower()
    if upper:
        return found.upper()
    case = rng.random()
    return (
        found.lower() if case < 0.45 else found.capitalize() if case < 0.7 else found.upper() if case < 0.95 else found
    )
