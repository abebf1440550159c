"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

import edge_runtime

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


def make_reader(
    model: str | None, threads: int | None, min_confidence: float | None, max_megapixels: float = 100.0
) -> edge_runtime.DigitReader:
    """A reader whose model has been opened, so that what is wrong with it is said before any work begins."""
    reader = edge_runtime.DigitReader(
        model, threads=threads, min_confidence=min_confidence, max_megapixels=max_megapixels
    )
    _ = reader.spec
    return reader
