"""``edge-digits read``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

import edge_runtime
from edge_runtime.cli.shared.options import make_reader, max_megapixels_option, reader_options
from edge_runtime.cli.shared.output import Csv, JsonLines, RowWriter


class _Text:
    """One line a picture, for people; errors go to stderr."""

    def write(self, row: edge_runtime.Row) -> None:
        """Write one line."""
        if row.status == "error":
            click.echo(f"Error: {row.error}", err=True)
            return
        unsure = ", ".join(f"{item.text} at {item.confidence:.0%}" for item in row.readings if not item.accepted)
        words = [row.text] if row.text else []
        words += [f"(unsure: {unsure})"] if unsure else []
        click.echo(f"{row.path}: {' '.join(words) or '(no number)'}")


_WRITERS: dict[str, Callable[[], RowWriter]] = {
    "text": _Text,
    "json": lambda: JsonLines(sys.stdout),
    "csv": lambda: Csv(sys.stdout),
}


@click.command()
@click.argument("images", metavar="IMAGE...", nargs=-1, required=True)
@click.option(
    "--format",
    "format_",
    type=click.Choice(list(_WRITERS)),
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
@reader_options
@max_megapixels_option
@click.pass_context
def read(
    context: click.Context,
    images: tuple[str, ...],
    format_: str,
    show: Path | None,
    model: str | None,
    threads: int | None,
    min_confidence: float | None,
    max_megapixels: float,
) -> None:
    """Read the numbers in pictures, one line a picture.

    \b
    Examples:
      edge-digits read page.jpg
      edge-digits read *.png --format csv > numbers.csv
      edge-digits read page.jpg --show page-read.png
    """  # noqa: D301 click reads the control character
    if show and len(images) != 1:
        raise click.UsageError("--show draws on one picture; give a single IMAGE")
    if show and show.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise click.BadParameter(f"{show}: the name must end with .png or .jpg", param_hint="--show")
    if show and os.path.realpath(show) == os.path.realpath(images[0]):
        raise click.BadParameter(f"{show}: is the picture itself; give another name", param_hint="--show")
    reader = make_reader(model, threads, min_confidence, max_megapixels)
    writer = _WRITERS[format_]()
    failed = False
    for row in edge_runtime.read_files(images, reader):
        writer.write(row)
        failed |= row.status == "error"
        if show and row.status != "error":
            _draw(row, reader, show)
    context.exit(1 if failed else 0)


def _draw(row: edge_runtime.Row, reader: edge_runtime.DigitReader, show: Path) -> None:
    from edge_runtime.images.annotate import draw_readings, save_picture
    from edge_runtime.images.load import load_picture

    picture = load_picture(row.path, max_megapixels=reader.max_megapixels)
    save_picture(show, draw_readings(picture.pixels, row.readings, scale=1 / picture.scale))
