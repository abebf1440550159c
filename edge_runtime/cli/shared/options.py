"""Options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

import edge_runtime
from edge_runtime.batch.tables import Csv
from edge_runtime.images.choice import DPI, MAX_PAGES, PageChoice

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--model",
        metavar="auto|fp32|int8|PATH",
        help="Model of the package or an .onnx file; auto: what is faster.  [default: $EDGE_DIGITS_MODEL or auto]",
    ),
    click.option(
        "--threads",
        type=click.IntRange(1, 64),
        help="Processor threads of the network.  [default: $EDGE_DIGITS_THREADS or 1]",
    ),
    click.option(
        "--min-confidence",
        type=click.FloatRange(0, 1),
        help="Accept readings from this confidence on; 0 accepts everything.  [default: the model's own]",
    ),
)


def reader_options(command: Command) -> Command:
    """Add --model, --threads and --min-confidence."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def max_megapixels_option(command: Command) -> Command:
    """Add --max-megapixels."""
    return click.option(
        "--max-megapixels",
        type=click.FloatRange(0, min_open=True),
        default=100.0,
        show_default=True,
        help="Refuse pictures that claim more pixels, before decoding them.",
    )(command)


def csv_options(command: Command) -> Command:
    """Add --long and --excel; the command gets ``csv``: a ``Csv``, or None where neither is given."""

    @click.option("--long", is_flag=True, help="CSV: one line a number, with the corners of its box.")
    @click.option("--excel", is_flag=True, help="CSV that Excel and LibreOffice open as it is meant: 007 stays 007.")
    @functools.wraps(command)
    def with_csv(*arguments: Any, long: bool, excel: bool, **options: Any) -> Any:
        return command(*arguments, csv=Csv(long, excel) if long or excel else None, **options)

    return with_csv  # type: ignore[return-value]


def page_options(command: Command) -> Command:
    """Add --pages, --dpi and --max-pages; the command gets ``choice``, a ``PageChoice``."""

    @click.option(
        "--pages",
        metavar="all|N|N-M",
        help="Pages of a PDF, or of a TIFF of several, each in a row of its own.  [default: the first]",
    )
    @click.option(
        "--dpi",
        type=click.FloatRange(10, 2400),
        default=DPI,
        show_default=True,
        help="Dots an inch at which a PDF is drawn.",
    )
    @click.option(
        "--max-pages",
        type=click.IntRange(1),
        default=MAX_PAGES,
        show_default=True,
        help="Refuse a document of which more pages are chosen.",
    )
    @functools.wraps(command)
    def with_choice(*arguments: Any, pages: str | None, dpi: float, max_pages: int, **options: Any) -> Any:
        try:
            choice = PageChoice(pages, dpi, max_pages)
        except edge_runtime.OptionError as error:
            raise click.BadParameter(str(error), param_hint="--pages") from error
        return command(*arguments, choice=choice, **options)

    return with_choice  # type: ignore[return-value]


def make_reader(
    model: str | None, threads: int | None, min_confidence: float | None, max_megapixels: float = 100.0
) -> edge_runtime.DigitReader:
    """A reader whose model has been opened, so that what is wrong with it is said before any work begins."""
    reader = edge_runtime.DigitReader(
        model, threads=threads, min_confidence=min_confidence, max_megapixels=max_megapixels
    )
    _ = reader.spec
    return reader
