"""``edge-digits batch``."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

import edge_runtime

from .options import make_reader, max_megapixels_option, reader_options
from .output import open_rows, unfinished_name


@click.command()
@click.argument("folder", metavar="FOLDER", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--output",
    metavar="FILE.jsonl|.csv",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for the rows.  [default: JSON Lines to stdout]",
)
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes that read.")
@reader_options
@max_megapixels_option
@click.pass_context
def batch(
    context: click.Context,
    folder: Path,
    output: Path | None,
    workers: int,
    model: str | None,
    threads: int | None,
    min_confidence: float | None,
    max_megapixels: float,
) -> None:
    """Read every file below a folder, one row a file, in natural order.

    A row has: path; status (read, unsure, empty or error); text (the accepted readings in reading
    order, joined by one space); confidence; readings (all of them, accepted or not); error; ms.
    A file that is broken or no picture is a row with status error, and the exit code is 1.
    Files whose name begins with a dot are left out.

    \b
    Examples:
      edge-digits batch scans --output numbers.csv --workers 4
      edge-digits batch crops --output rows.jsonl --min-confidence 0
    """  # noqa: D301 click reads the control character
    if output and output.suffix.lower() not in (".jsonl", ".csv"):
        raise click.BadParameter(f"{output}: the name must end with .jsonl or .csv", param_hint="--output")
    reader = make_reader(model, threads, min_confidence, max_megapixels)
    counts: Counter[str] = Counter()
    try:
        with open_rows(output) as writer, _progress(folder, output) as advance:
            for row in edge_runtime.read_files(_inputs(folder, output), reader, workers):
                writer.write(row)
                counts[row.status] += 1
                advance()
    except KeyboardInterrupt:
        click.echo(f"interrupted after {_summary(counts, output and unfinished_name(output))}", err=True)
        context.exit(1)
    click.echo(_summary(counts, output), err=True)
    context.exit(1 if counts["error"] else 0)


def _inputs(folder: Path, output: Path | None) -> Iterator[str]:
    """The files to read: all below the folder but our own output."""
    own = {os.path.realpath(path) for path in (output, output and unfinished_name(output)) if path}
    return (path for path in edge_runtime.find_files(folder) if not own or os.path.realpath(path) not in own)


@contextmanager
def _progress(folder: Path, output: Path | None) -> Iterator[Callable[[], None]]:
    """A bar on stderr when that is a terminal; files are counted for it first."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    total = sum(1 for _ in _inputs(folder, output))
    with click.progressbar(length=total, file=sys.stderr, show_pos=True) as bar:
        yield lambda: bar.update(1)


def _summary(counts: Counter[str], output: Path | None) -> str:
    each = ", ".join(f"{counts[status]} {status}" for status in ("read", "unsure", "empty", "error"))
    return f"{counts.total()} files: {each}{f' -> {output}' if output else ''}"
