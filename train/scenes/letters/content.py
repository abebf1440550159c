"""What is written: numbers in the company that they keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from .chance import happens, pick
from .words import word

UNITS: Final = (
    "km", "kWh", "kg", "g", "V", "°C", "%", "%", "%", "°C", "°", "cm", "mm", "m", "L", "ml", "W", "kW", "A", "mA",
    "Hz", "kHz", "h", "min",
    "s", "lb", "oz", "psi", "bar", "mmHg", "mmol/L", "mg", "MB", "GB", "m3", "ft", "in", "x", "pcs", "St", "°", "°F",
    "km/h", "mph", "t", "ha", "dB", "rpm", "cal", "kcal", "kJ", "gal", "K", "N", "Pa", "EUR", "USD", "Kc", "zl",
)  # fmt: skip
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC", "Mai", "Okt")
_LABELS: Final = (
    "EXP", "MFG", "MFD", "LOT", "BATCH", "No.", "Nr.", "TOTAL", "Total", "SCORE", "LEVEL", "TEL", "Tel.", "Fax", "ID",
    "ROOM",
    "Room", "Gate", "Bus", "Line", "Platz", "Seat", "Page", "p.", "Vol.", "Art.", "Size", "Gr.", "REF", "SN",
    "S/N", "Qty", "Price", "Preis", "Sum", "Date", "Datum", "Time", "Zeit", "Temp", "SYS", "DIA", "PULSE", "ODO",
    "N", "No", "Class", "Flat", "Apt", "Block", "Stage", "HP", "MP", "LV", "Coins", "LIVES", "Round", "Set", "Lap",
)  # fmt: skip
_ADVANCE: Final = 0.6  # of a character, heights of a digit
_LOOSE: Final = 1.5  # texts may have to be reduced to that part of their height
_CURRENCY: Final = "$€£"


def digits(rng: np.random.Generator, least: int = 1, most: int = 5) -> str:
    """So many digits, any may be 0; now and then round, or all alike."""
    count = int(rng.integers(least, most + 1))
    chance = rng.random()
    if chance < 0.05:
        return str(int(rng.integers(10))) * count
    found = f"{int(rng.integers(10**count)):0{count}d}"
    if chance < 0.13:
        keep = int(rng.integers(1, count + 1))
        found = found[:keep] + "0" * (count - keep)
    return found


def within(rng: np.random.Generator, make: Callable[[np.random.Generator], str], columns: float, least: int = 1) -> str:
    """A text of ``make`` that is not much wider than so many heights of a digit; plain digits where none comes."""
    most = max(int(columns * _LOOSE / _ADVANCE), 1)
    for _ in range(4):
        text = make(rng)
        if len(text) <= most:
            return text
    return digits(rng, min(least, most), most)


def short(rng: np.random.Generator) -> str:
    """A number of a few digits without anything."""
    return digits(rng, 1, 3)


def plain(rng: np.random.Generator) -> str:
    """A number without anything, seldom a long one."""
    return digits(rng, 6, 12) if rng.random() < 0.12 else digits(rng, 1, 5)


def decimal(rng: np.random.Generator) -> str:
    """With a point or comma, sometimes thousands and a sign."""
    mark = ".,"[int(rng.random() < 0.4)]
    whole = digits(rng, 1, 4)
    if rng.random() < 0.15:
        other = "," if mark == "." else "."
        whole = digits(rng, 1, 3) + other + digits(rng, 3, 3)
    sign = "-" if rng.random() < 0.15 else "+" if rng.random() < 0.05 else ""
    return f"{sign}{whole}{mark}{digits(rng, 1, 3)}"


def signed(rng: np.random.Generator) -> str:
    """With a sign before it."""
    body = decimal(rng).lstrip("+-") if rng.random() < 0.4 else plain(rng)
    return pick(rng, ("-", "-", "+", "- ")) + body


def measure(rng: np.random.Generator) -> str:
    """With its unit, close to it or apart."""
    number = decimal(rng) if rng.random() < 0.5 else plain(rng)
    return number + (" " if rng.random() < 0.4 else "") + pick(rng, UNITS)


def price(rng: np.random.Generator) -> str:
    """With a currency before or after it."""
    number = digits(rng, 1, 4) + (".,"[int(rng.random() < 0.4)] + digits(rng, 2, 2) if rng.random() < 0.75 else "")
    sign = pick(rng, _CURRENCY)
    gap = " " if rng.random() < 0.3 else ""
    if rng.random() < 0.1:
        return number + ",-"
    return sign + gap + number if rng.random() < 0.6 else number + gap + sign


def date(rng: np.random.Generator) -> str:
    """In one of the usual orders."""
    day, month, year = int(rng.integers(1, 32)), int(rng.integers(1, 13)), int(rng.integers(1950, 2040))
    style = rng.random()
    if style < 0.25:
        return f"{day} {pick(rng, _MONTHS)} {year}"
    mark = pick(rng, "./-") if style < 0.9 else " "
    if rng.random() < 0.2:
        return f"{year}{mark}{month:02d}{mark}{day:02d}"
    short_year = rng.random() < 0.3
    return f"{day:02d}{mark}{month:02d}{mark}{year % 100 if short_year else year:02d}"


def clock(rng: np.random.Generator) -> str:
    """A time of day or of a stopwatch."""
    parts = [f"{int(rng.integers(0, 24))}" if rng.random() < 0.5 else f"{int(rng.integers(0, 100)):02d}"]
    parts += [f"{int(rng.integers(0, 60)):02d}" for _ in range(1 if rng.random() < 0.6 else 2)]
    text = ":".join(parts)
    if rng.random() < 0.25:
        text += "." + digits(rng, 1, 3)
    return text + (pick(rng, [" h", " AM", "pm", " Uhr"]) if rng.random() < 0.2 else "")


def span(rng: np.random.Generator) -> str:
    """A range, a fraction, a score, a product: two numbers with something between."""
    mark = pick(rng, ["-", " - ", "/", "/", " x ", "x", "+", "=", " / ", ":", "~"])
    mark = mark if mark != "~" else "-"
    return short(rng) + mark + short(rng)


def phone(rng: np.random.Generator) -> str:
    """Groups of digits with spaces, dashes, brackets."""
    gap = pick(rng, " -/.")
    groups = [digits(rng, 2, 4) for _ in range(int(rng.integers(2, 5)))]
    head = pick(rng, ["", "+", "(", "#", "No. "])
    if head == "(":
        groups[0] += ")"
    return head + gap.join(groups)


def code(rng: np.random.Generator) -> str:
    """Letters beside digits: plates, seats, articles, containers."""
    parts = []
    for _ in range(int(rng.integers(2, 4))):
        letters = word(rng, 1, 3, upper=True)
        parts.append(letters if rng.random() < 0.45 else digits(rng, 1, 4))
    return ("" if rng.random() < 0.5 else " -"[int(rng.random() < 0.3)]).join(parts)


def bracketed(rng: np.random.Generator) -> str:
    """In brackets, with a hash, a dot behind: notes, lists, seeds."""
    form = pick(rng, ["({})", "{})", "#{}", "{}.", "{}%", "{}°", "'{}", "{}'", '{}"', "({}", "={}", "{}=", "*{}"])
    return form.replace("*", "").format(plain(rng))


def marked(rng: np.random.Generator) -> str:
    """Signs alone or on both sides of a number: each may be taken for a digit."""
    before, after = pick(rng, "/$#+-=(€£'\""), pick(rng, "%°/)+-=€$'\"")
    if happens(rng, 0.3):
        return before + after if happens(rng, 0.4) else before
    return (before if happens(rng, 0.6) else "") + digits(rng, 1, 4) + after


def labelled(rng: np.random.Generator) -> str:
    """A word before the number."""
    label = pick(rng, _LABELS) if rng.random() < 0.7 else word(rng, 2, 7)
    return label + pick(rng, [" ", ": ", ":", " : ", "", " = "]) + company(rng, simple=True)


def sentence(rng: np.random.Generator) -> str:
    """Words, of which some are numbers."""
    count = int(rng.integers(2, 6))
    parts = [company(rng, simple=True) if rng.random() < 0.3 else word(rng, 1, 9) for _ in range(count)]
    return " ".join(parts) + (".,"[int(rng.random() < 0.3)] if rng.random() < 0.4 else "")


_SIMPLE: Final[tuple[tuple[Callable[[np.random.Generator], str], float], ...]] = (
    (plain, 0.24), (decimal, 0.12), (measure, 0.14), (price, 0.1), (date, 0.08),
    (clock, 0.06), (span, 0.07), (code, 0.05), (bracketed, 0.06), (signed, 0.04), (marked, 0.04),
)  # fmt: skip
_ALL: Final = (*((kind, share * 0.8) for kind, share in _SIMPLE), (phone, 0.04), (labelled, 0.1), (sentence, 0.06))
_SHARES: Final = {
    simple: np.cumsum([share for _, share in table]) / sum(share for _, share in table)
    for simple, table in ((True, _SIMPLE), (False, _ALL))
}


def company(rng: np.random.Generator, *, simple: bool = False) -> str:
    """A number with whatever stands beside it; ``simple`` leaves out what is made of others."""
    kind = int(np.searchsorted(_SHARES[simple], rng.random(), side="right"))
    return (_SIMPLE if simple else _ALL)[kind][0](rng)
