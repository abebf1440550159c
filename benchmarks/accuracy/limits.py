"""``python -m benchmarks limits``: how small, how tilted, how long and how many numbers may be, and what signs become.

Printed numbers on even paper, drawn from one seed: what is lost here is lost because of the one thing that varies.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import click
import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime import DigitReader, Reading
from train.core.markdown import markdown_table
from train.datasets.glyph_bank import load_glyphs
from train.preview.samples import placed
from train.synthesis.writing import glyph_line

BEGIN: Final = "<!-- limits:begin, made by python -m benchmarks limits -->"
END: Final = "<!-- limits:end -->"
PICTURE: Final = (480, 640)  # height and width in pixels, as a webcam's
PAGE: Final = (1754, 1240)  # A4 at 150 dpi
STYLES: Final = ("serif", "sans", "mono")
HEIGHTS: Final = (6, 8, 10, 12, 16, 24, 48, 96, 192, 288, 384)  # pixels of a picture 480 high
TILTS: Final = (0, 10, 20, 30, 40, 45, 50, 60, 90, 180)  # degrees, counter-clockwise
LENGTHS: Final = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12)  # digits
PAGES: Final = (10, 20, 40, 60, 80, 120)  # numbers on a page
COMPANY: Final = ("12.5", "-42", "5,23", "02:15", "07/2026", "$19", "42%", "21°C", "230V", "72kg", "A12", "12A")
_INK: Final = 40.0
_PAPER: Final = 215.0
_NOISE: Final = 3.0  # standard deviation of the sensor's noise, grey levels

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Share:
    """Of the pictures of one setting: those read exactly, those with an accepted answer, those with a wrong one."""

    setting: str
    exact: float
    accepted: float
    wrong: float

    def cells(self) -> tuple[str, ...]:
        """One row of a table."""
        return self.setting, *(f"{value:.0%}" for value in (self.exact, self.accepted, self.wrong))


@click.command()
@click.option("--count", type=click.IntRange(1), default=60, show_default=True, help="Pictures of each setting.")
@click.option("--model", default="fp32", show_default=True, help="As for edge-digits read.")
@click.option(
    "--into",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"Also write the tables into this Markdown file, between '{BEGIN}' and '{END}'.",
)
def limits(count: int, model: str, into: Path | None) -> None:
    """How small, tilted, long and many printed numbers may be, and what becomes of signs and units.

    Example:
      python -m benchmarks limits --into docs/limits.md
    """
    tables = measure(DigitReader(model, threads=1), count)
    click.echo(tables, nl=False)
    if into is not None:
        into.write_text(between_marks(into.read_text("utf-8"), tables), "utf-8")


def measure(reader: DigitReader, count: int) -> str:
    """The tables as Markdown."""
    width = max(PICTURE)
    sweeps = (
        ("height of the digits", ((f"{h} px, {h / width:.1%} of the long side", (_fitting(h), h, 0.0)) for h in HEIGHTS)),
        ("tilt", ((f"{tilt}°", (4, 48, float(tilt))) for tilt in TILTS)),
        ("digits of a number", ((str(length), (length, 36, 0.0)) for length in LENGTHS)),
    )
    parts = []
    for title, settings in sweeps:
        rows = [shares(reader, name, count, *values).cells() for name, values in settings]
        parts.append(markdown_table((title, "read exactly", "accepted", "accepted and wrong"), rows))
    parts.append(markdown_table(("numbers on a page (A4, 150 dpi)", "found", "accepted"), page_rows(reader)))
    parts.append(markdown_table(("printed", "read", "accepted"), company_rows(reader)))
    return "\n".join(parts)


def shares(reader: DigitReader, setting: str, count: int, length: int, height: int, tilt: float) -> Share:
    """Numbers of so many digits, so high (pixels), tilted by degrees, one in the middle of each picture."""
    exact = accepted = wrong = 0
    for seed in range(count):
        rng = np.random.default_rng([length, height, int(tilt), seed])
        text = "".join(map(str, rng.integers(0, 10, length)))
        readings = reader.read(picture([(text, (PICTURE[1] / 2, PICTURE[0] / 2))], PICTURE, height, tilt, rng))
        given = [reading.text for reading in readings if reading.accepted]
        exact += [reading.text for reading in readings] == [text]
        accepted += bool(given)
        wrong += any(answer != text for answer in given)
    return Share(setting, exact / count, accepted / count, wrong / count)


def _fitting(height: int) -> int:
    """Four digits, or as many as stand side by side in the picture at this height."""
    return int(np.clip(0.8 * PICTURE[1] / height, 1, 4))


def page_rows(reader: DigitReader) -> Iterable[tuple[str, ...]]:
    """For each number of numbers: the share of them found in any order, and accepted."""
    for wanted in PAGES:
        rng = np.random.default_rng(wanted)
        columns = max(round(np.sqrt(wanted / 2)), 1)
        lines = -(-wanted // columns)
        texts = [str(rng.integers(100, 100_000)) for _ in range(wanted)]
        places = [
            (text, ((index % columns + 0.5) * PAGE[1] / columns, (index // columns + 0.5) * PAGE[0] / lines))
            for index, text in enumerate(texts)
        ]
        readings = reader.read(picture(places, PAGE, 30, 0.0, rng))
        yield str(wanted), *(f"{_common(texts, part) / wanted:.0%}" for part in (readings, _accepted(readings)))


def company_rows(reader: DigitReader) -> Iterable[tuple[str, ...]]:
    """What stands in the picture, what is read of it, and what of that is accepted."""
    for text in COMPANY:
        rng = np.random.default_rng(len(text))
        readings = reader.read(picture([(text, (PICTURE[1] / 2, PICTURE[0] / 2))], PICTURE, 48, 0.0, rng))
        yield f"`{text}`", *(
            " ".join(f"`{reading.text}`" for reading in part) or "-" for part in (readings, _accepted(readings))
        )


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
    left = [reading.text for reading in readings]
    found = 0
    for text in texts:
        if text in left:
            left.remove(text)
            found += 1
    return found


def between_marks(page: str, tables: str) -> str:
    """The page with other tables between its marks; ``click.ClickException`` where a mark is missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise click.ClickException(f"no line '{BEGIN}' with '{END}' after it; write both where the tables shall stand")
    return f"{before}{BEGIN}\n\n{tables}\n{END}{after}"


