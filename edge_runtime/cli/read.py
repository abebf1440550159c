"""``edge-digits read``."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

import edge_runtime
from edge_runtime.batch.tables import Csv, JsonLines
from edge_runtime.cli.shared.options import file_options, make_reader
from edge_runtime.cli.shared.output import RowWriter, StdoutRows, refuse_existing
from edge_runtime.core.percent import percent
from edge_runtime.images.choice import Page, PageChoice

STDIN: Final = "-"


class _Text:
    """One line a picture, for people; errors go to stderr."""

    def write(self, row: edge_runtime.Row) -> None:
        if row.status == "error":
            click.echo(f"Error: {row.error}", err=True)
            return
        unsure = ", ".join(f"{item.text} at {percent(item.confidence)}" for item in row.readings if not item.accepted)
        words = [row.text] if row.text else []
        words += [f"(unsure: {unsure})"] if unsure else []
        click.echo(f"{row.path}: {' '.join(words) or '(no number)'}")
        pages = re.search(r"first of \d+ pages", row.note)
        if pages:
            click.echo(f"{row.path}: {pages[0]}; --pages all reads the others", err=True)


@click.command()
@click.argument("images", metavar="IMAGE...", nargs=-1, required=True)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="Form of a row.",
)
@click.option(
    "--show",
    metavar="PICTURE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a copy of the (single) picture with boxes, readings and confidences, as .png or .jpg.",
)
@click.option("--overwrite", is_flag=True, help="Replace the file of --show if it exists.")
@file_options
@click.pass_context
def read(
    context: click.Context,
    images: tuple[str, ...],
    format_: str,
    csv: Csv | None,
    show: Path | None,
    overwrite: bool,
    choice: PageChoice,
    **reader_settings: Any,
) -> None:
    """Read the numbers in pictures, one line a picture; IMAGE - is standard input.

    What is named here and is no picture is an error; batch takes a whole folder.

    \b
    Examples:
      edge-digits read samples/two.jpg
      edge-digits read *.png --format csv > numbers.csv
      edge-digits read samples/two.jpg --show two-read.png
      edge-digits read scan.pdf --pages all
      curl -s http://camera/snapshot.jpg | edge-digits read -
    """  # noqa: D301 click reads the control character
    if csv and format_ != "csv":
        raise click.UsageError("--long and --excel shape CSV; add --format csv")
    if show:
        _check_show(show, images, choice, overwrite)
    reader = make_reader(**reader_settings)
    writer: RowWriter = _Text()
    if format_ != "text":
        writer = StdoutRows((csv or Csv()) if format_ == "csv" else JsonLines())
    context.exit(1 if _read_all(_pages(images, choice), reader, choice, writer, show) else 0)


def _read_all(
    pages: Iterator[Page], reader: edge_runtime.DigitReader, choice: PageChoice, writer: RowWriter, show: Path | None
) -> bool:
    """Write a row for each page, and draw it where that is asked for; whether one failed."""
    from edge_runtime.batch.run import read_page  # needs OpenCV, and --help must not

    failed = False
    for page in pages:
        trace = edge_runtime.Trace() if show else None
        row = read_page(page, reader, choice.dpi, trace)
        writer.write(row)
        failed |= row.status == "error"
        if show and trace and row.status != "error":
            _draw(trace, row, show)
    return failed


def _check_show(show: Path, images: tuple[str, ...], choice: PageChoice, overwrite: bool) -> None:
    if len(images) != 1 or not (choice.pages or "1").isdigit():
        raise click.UsageError("--show draws on one picture; give a single IMAGE, and of a document a single page")
    if show.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise click.BadParameter(f"{show}: the name must end with .png or .jpg", param_hint="--show")
    if os.path.realpath(show) == os.path.realpath(images[0]):
        raise click.BadParameter(f"{show}: is the picture itself; give another name", param_hint="--show")
    if not overwrite:
        refuse_existing(show)


def _pages(images: tuple[str, ...], choice: PageChoice) -> Iterator[Page]:
    """What to read, with the bytes of standard input in place of its name."""
    from edge_runtime.images.pages import find_pages  # needs OpenCV, and --help must not

    return find_pages((_stdin() if name == STDIN else Page(name) for name in images), choice)


def _stdin() -> Page:
    from edge_runtime.images.load import MAX_FILE_BYTES

    if sys.stdin is None:  # closed by whoever started us
        return Page(STDIN, error="standard input: is closed; pipe a picture into it, or name a file")
    data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        return Page(STDIN, error=f"standard input: larger than {MAX_FILE_BYTES // 2**20} MB; reduce the picture first")
    return Page(STDIN, data=data)


def _draw(trace: edge_runtime.Trace, row: edge_runtime.Row, show: Path) -> None:
    from edge_runtime.images.annotate import draw_readings, save_picture

    assert trace.pixels is not None  # the picture was read
    save_picture(show, draw_readings(trace.pixels, row.readings, scale=1 / trace.scale))
