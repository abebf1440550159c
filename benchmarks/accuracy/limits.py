"""``python -m benchmarks limits``: how small, how tilted, how long and how many numbers may be, and what signs become.

Printed numbers on even paper, drawn from one seed: what is lost here is lost because of the one thing that varies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import click
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.core.blocks import replace_block
from benchmarks.core.document import REPOSITORY
from edge_runtime import DigitReader, Reading
from train.core.markdown import markdown_table
from train.datasets.glyph_bank import load_glyphs
from train.preview.samples import placed
from train.synthesis.typesetting import glyph_line

ENOUGH: Final = 0.9  # share of pictures read exactly, from which on the summary says that something is read
MOST_TILT: Final = 90  # degrees; beyond, digits turn into others
PICTURE: Final = (480, 640)  # height and width in pixels, as a webcam's
MIDDLE: Final = (PICTURE[1] / 2, PICTURE[0] / 2)
PAGE: Final = (1754, 1240)  # A4 at 150 dpi
STYLES: Final = ("serif", "sans", "mono")
HEIGHTS: Final = (6, 8, 10, 12, 16, 24, 48, 96, 192, 288, 384)  # pixels of a picture 480 high
TILTS: Final = (0, 10, 20, 30, 40, 45, 50, 60, 90, 180)  # degrees, counter-clockwise
LENGTHS: Final = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12)  # digits
PAGES: Final = (10, 20, 40, 60, 80, 120)  # numbers on a page
COMPANY: Final = ("12.5", "-42", "5,23", "02:15", "07/2026", "$19", "42%", "21°C", "230V", "72kg", "A12", "12A")
_HEIGHT: Final = "height of the digits"
_TILT: Final = "tilt, counter-clockwise"
_LENGTH: Final = "digits of a number"
_INK: Final = 40.0
_PAPER: Final = 215.0
_NOISE: Final = 3.0  # standard deviation of the sensor's noise, grey levels

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Share:
    """Of the pictures of one setting: those read exactly, those with an accepted answer, those with a wrong one.

    value: the setting as a number, in the unit of its sweep (pixels, degrees, digits).
    """

    setting: str
    value: float
    exact: float
    accepted: float
    wrong: float


@click.command()
@click.option("--count", type=click.IntRange(1), default=60, show_default=True, help="Pictures of each setting.")
@click.option("--write", is_flag=True, help="Also write the tables into docs/limits.md and the summary into README.md.")
def limits(count: int, write: bool) -> None:
    """How small, tilted, long and many printed numbers may be, and what becomes of signs and units.

    Example:
      python -m benchmarks limits --write
    """
    reader = DigitReader("fp32", threads=1)
    sweeps = {
        _HEIGHT: [shares(reader, _share_of_side(h), h, count, _fitting(h), h, 0) for h in HEIGHTS],
        _TILT: [shares(reader, f"{tilt}°", tilt, count, 4, 48, tilt) for tilt in TILTS],
        _LENGTH: [shares(reader, str(length), length, count, length, 36, 0) for length in LENGTHS],
    }
    pages = [page_shares(reader, wanted) for wanted in PAGES]
    tables = "\n".join(
        [
            *(_sweep_table(title, rows) for title, rows in sweeps.items()),
            markdown_table(
                ("numbers on a page (A4, 150 dpi)", "found", "accepted", "accepted and wrong"),
                [(str(page[0]), *(f"{share:.0%}" for share in page[1:])) for page in pages],
            ),
            markdown_table(("printed", "read", "accepted"), [company(reader, text) for text in COMPANY]),
        ]
    )
    click.echo(tables, nl=False)
    if write:
        for page, name, text in (
            ("docs/limits.md", "limits", tables),
            ("README.md", "summary", summary(sweeps, pages)),
        ):
            path = REPOSITORY / page
            path.write_text(replace_block(path.read_text("utf-8"), name, text), "utf-8")


def summary(sweeps: Mapping[str, Sequence[Share]], pages: Sequence[tuple[int, float, float, float]]) -> str:
    """The same in four lines for README: the first or last setting of each sweep that is read often enough."""
    small = _reaching(sweeps[_HEIGHT])
    tilts = [share for share in sweeps[_TILT] if share.value <= MOST_TILT]
    tilt, length = _reaching(tilts[::-1]), _reaching(sweeps[_LENGTH][::-1])
    most = max(wanted for wanted, found, *_ in pages if found >= ENOUGH)
    worst, found, *_ = pages[-1]
    return (
        "Printed and clean, one thing varied at a time:\n\n"
        f"- **Height** of the digits: from {small.value / max(PICTURE):.1%} of the picture's long side on "
        f"({small.value:.0f} pixels of {max(PICTURE)}), {small.exact:.0%} are read exactly.\n"
        f"- **Tilt**: up to {tilt.value:.0f}°, {tilt.exact:.0%}. Turned further, numbers are lost or read wrongly.\n"
        f"- **Length**: up to {length.value:.0f} digits, {length.exact:.0%}.\n"
        f"- **Numbers a page**: up to {most}; of {worst} on one page {found:.0%} are found.\n"
    )


def shares(reader: DigitReader, setting: str, value: float, count: int, length: int, height: int, tilt: float) -> Share:
    """Numbers of so many digits, so high (pixels), tilted by degrees, one in the middle of each picture."""
    exact = accepted = wrong = 0
    for seed in range(count):
        rng = np.random.default_rng([length, height, int(tilt), seed])
        text = "".join(map(str, rng.integers(0, 10, length)))
        readings = reader.read(picture([(text, MIDDLE)], PICTURE, height, tilt, rng))
        given = [reading.text for reading in readings if reading.accepted]
        exact += [reading.text for reading in readings] == [text]
        accepted += bool(given)
        wrong += any(answer != text for answer in given)
    return Share(setting, value, exact / count, accepted / count, wrong / count)


def _sweep_table(title: str, rows: Sequence[Share]) -> str:
    cells = [(row.setting, *(f"{share:.0%}" for share in (row.exact, row.accepted, row.wrong))) for row in rows]
    return markdown_table((title, "read exactly", "accepted", "accepted and wrong"), cells)


def _share_of_side(height: int) -> str:
    return f"{height} px, {height / max(PICTURE):.1%} of the long side"


def _fitting(height: int) -> int:
    """Four digits, or as many as stand side by side in the picture at this height."""
    return int(np.clip(0.8 * PICTURE[1] / height, 1, 4))


def _reaching(rows: Sequence[Share]) -> Share:
    return next(share for share in rows if share.exact >= ENOUGH)


def page_shares(reader: DigitReader, wanted: int) -> tuple[int, float, float, float]:
    """So many numbers on one page: the shares of them that are found, in any order, that are accepted and right,
    and of accepted answers that are none of them.
    """
    rng = np.random.default_rng(wanted)
    columns = max(round(np.sqrt(wanted / 2)), 1)
    lines = -(-wanted // columns)
    texts = [str(rng.integers(100, 100_000)) for _ in range(wanted)]
    places = [
        (text, ((index % columns + 0.5) * PAGE[1] / columns, (index // columns + 0.5) * PAGE[0] / lines))
        for index, text in enumerate(texts)
    ]
    readings = reader.read(picture(places, PAGE, 30, 0.0, rng))
    accepted = _accepted(readings)
    right = _common(texts, accepted)
    return wanted, _common(texts, readings) / wanted, right / wanted, (len(accepted) - right) / wanted


def company(reader: DigitReader, text: str) -> list[str]:
    """What stands in the picture, what is read of it, and what of that is accepted, as cells of a table."""
    readings = reader.read(picture([(text, MIDDLE)], PICTURE, 48, 0.0, np.random.default_rng(len(text))))
    found = (" ".join(reading.text for reading in part) for part in (readings, _accepted(readings)))
    return [f"`{part}`" if part else "-" for part in (text, *found)]


def picture(
    texts: Sequence[tuple[str, tuple[float, float]]],
    shape: tuple[int, int],
    height: float,
    tilt: float,
    rng: np.random.Generator,
) -> Picture:
    """Printed texts about their centres (x, y), ``height`` pixels high, uint8 [H, W, 3]."""
    bank = load_glyphs()
    ink = np.zeros((*shape, 1), np.float32)
    for text, centre in texts:
        line = glyph_line(text, rng, bank, int(rng.choice(_faces())))
        ink = np.maximum(ink, placed(line, shape, centre, height, tilt))
    soft = cv2.GaussianBlur(_PAPER - (_PAPER - _INK) * ink, (0, 0), 0.7)[..., None]
    return np.clip(soft + rng.normal(0, _NOISE, (*shape, 3)), 0, 255).astype(np.uint8)


@cache
def _faces() -> NDArray[np.int64]:
    bank = load_glyphs()
    return np.concatenate([bank.faces_of(style) for style in STYLES])


def _accepted(readings: Iterable[Reading]) -> list[Reading]:
    return [reading for reading in readings if reading.accepted]


def _common(texts: Sequence[str], readings: Iterable[Reading]) -> int:
    """How many of the texts are among the readings; each reading counts once."""
    return (Counter(texts) & Counter(reading.text for reading in readings)).total()
