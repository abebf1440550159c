"""Options that several commands share, and how options that belong together become one value."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, Final

import click

import edge_runtime
from edge_runtime.batch.tables import Csv
from edge_runtime.images.choice import DPI, MAX_PAGES, PageChoice

Command = Callable[..., Any]
Option = Callable[[Command], Command]


def with_options(*options: Option) -> Option:
    """Add these options to a command, in this order."""

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def grouped(name: str, build: Callable[..., Any], *options: Option, param_hint: str | None = None) -> Option:
    """Add options that belong together; the command gets what ``build`` makes of them, as ``name``.

    build: its parameters have the options' names. An ``OptionError`` of it is wrong usage, of ``param_hint`` if given.
    """
    names = list(inspect.signature(build).parameters)

    def add(command: Command) -> Command:
        @functools.wraps(command)
        def with_value(*arguments: Any, **values: Any) -> Any:
            own = {key: values.pop(key) for key in names}
            try:
                value = build(**own)
            except edge_runtime.OptionError as error:
                if param_hint:
                    raise click.BadParameter(str(error), param_hint=param_hint) from error
                raise click.UsageError(str(error)) from error
            return command(*arguments, **values, **{name: value})

        return with_options(*options)(with_value)

    return add


def _csv(long: bool, excel: bool) -> Csv | None:
    return Csv(long, excel) if long or excel else None


threads_option: Final = click.option(
    "--threads",
    type=click.IntRange(1, 64),
    help="Processor threads of the network.  [default: $EDGE_DIGITS_THREADS or 1]",
)
reader_options: Final = with_options(
    click.option(
        "--model",
        metavar="auto|fp32|int8|PATH",
        help="Model of the package or an .onnx file; auto: what is faster.  [default: $EDGE_DIGITS_MODEL or auto]",
    ),
    threads_option,
    click.option(
        "--min-confidence",
        type=click.FloatRange(0, 1),
        help="Accept readings from this confidence on; 0 accepts everything. A value switches off the two rules that "
        "refuse what only looks like a digit.  [default: the model's own, with the rules]",
    ),
)
max_megapixels_option: Final = click.option(
    "--max-megapixels",
    type=click.FloatRange(0, min_open=True),
    default=100.0,
    show_default=True,
    help="Refuse pictures that claim more pixels, before decoding them.",
)
csv_options: Final = grouped(
    "csv",
    _csv,
    click.option("--long", is_flag=True, help="CSV: one line a number, with the corners of its box."),
    click.option("--excel", is_flag=True, help="CSV that Excel and LibreOffice open as it is meant: 007 stays 007."),
)
page_options: Final = grouped(
    "choice",
    PageChoice,
    click.option(
        "--pages",
        metavar="all|N|N-M",
        help="Pages of a PDF, or of a TIFF of several, each in a row of its own.  [default: the first]",
    ),
    click.option(
        "--dpi",
        type=click.FloatRange(10, 2400),
        default=DPI,
        show_default=True,
        help="Dots an inch at which a PDF is drawn.",
    ),
    click.option(
        "--max-pages",
        type=click.IntRange(1),
        default=MAX_PAGES,
        show_default=True,
        help="Refuse a document of which more pages are chosen.",
    ),
    param_hint="--pages",
)

file_options: Final = with_options(csv_options, page_options, reader_options, max_megapixels_option)
"""What ``read`` and ``batch`` share."""


def make_reader(
    model: str | None, threads: int | None, min_confidence: float | None, max_megapixels: float = 100.0
) -> edge_runtime.DigitReader:
    """A reader whose model has been opened, so that what is wrong with it is said before any work begins."""
    reader = edge_runtime.DigitReader(
        model, threads=threads, min_confidence=min_confidence, max_megapixels=max_megapixels
    )
    _ = reader.spec
    return reader
