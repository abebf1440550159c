"""``edge-digits batch``."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

import edge_runtime
from edge_runtime.batch.claim import claimed
from edge_runtime.batch.resume import RowPlaces, skip_done
from edge_runtime.cli.shared.options import make_reader, max_megapixels_option, reader_options
from edge_runtime.cli.shared.output import open_rows
from edge_runtime.cli.shared.signals import terminable

if TYPE_CHECKING:
    from edge_runtime.batch.report import ReportBuilder


@click.command()
@click.argument("folder", metavar="FOLDER", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--output",
    metavar="FILE.jsonl|.csv",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for the rows.  [default: JSON Lines to stdout]",
)
@click.option("--resume", is_flag=True, help="Go on with FILE: read what is new or has changed, keep the other rows.")
@click.option(
    "--report",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Also write a page, DIR/index.html: counts, and the least certain pictures first.",
)
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes that read.")
@reader_options
@max_megapixels_option
@click.pass_context
def batch(
    context: click.Context,
    folder: Path,
    output: Path | None,
    resume: bool,
    report: Path | None,
    workers: int,
    model: str | None,
    threads: int | None,
    min_confidence: float | None,
    max_megapixels: float,
) -> None:
    """Read every file below a folder, one row a file, in natural order.

    A row has: path; status (read, unsure, empty or error); text (the accepted readings in reading
    order, joined by one space); confidence; readings (all of them, accepted or not); error; note
    (what was done to the picture, such as "first of 3 pages"); ms; size and mtime_ns of the file.
    A file that is broken or no picture is a row with status error, and the exit code is 1.
    Files whose name begins with a dot are left out.

    Rows are written as they come; a .csv is named FILE.part until it is complete. After a kill, a
    full disk or an interruption, --resume goes on where the run ended; on a complete FILE it reads
    what is new or has changed. It does not ask by which model a row was made, and keeps the rows of
    files that are gone. While it goes on, the rows of the runs before are in FILE.earlier.
    Without --resume everything is read anew. Pictures of an earlier report below FOLDER are read like
    all others: let --report name a place elsewhere. SIGTERM ends as Ctrl-C does.

    \b
    Examples:
      edge-digits batch scans --output numbers.csv --workers 4
      edge-digits batch scans --output numbers.csv --resume --report look
      edge-digits batch crops --output rows.jsonl --min-confidence 0
    """  # noqa: D301 click reads the control character
    if output and output.suffix.lower() not in (".jsonl", ".csv"):
        raise click.BadParameter(f"{output}: the name must end with .jsonl or .csv", param_hint="--output")
    if resume and not output:
        raise click.UsageError("--resume goes on with a file of rows; name it with --output")
    if report and report.resolve() == folder.resolve():
        raise click.BadParameter(f"{report}: is the folder that is read; choose another", param_hint="--report")
    reader = make_reader(model, threads, min_confidence, max_megapixels)
    if report:
        report.mkdir(parents=True, exist_ok=True)  # better refused now than after the last picture
    places = RowPlaces(output) if output else None
    leave_out = [*(places.all if places else ()), *([report] if report else [])]
    tally = _Tally(folder, report)
    try:
        with terminable(), claimed(places.lock) if places else nullcontext():
            items = tally.counting_kept(_items(folder, leave_out, places, resume))
            with open_rows(places) as writer, _progress(folder, leave_out) as advance:
                for row in edge_runtime.read_files(items, reader, workers):
                    writer.write(row)
                    tally.add(row)
                    advance()
    except KeyboardInterrupt:
        hint = "; go on with --resume" if places else ""
        click.echo(f"interrupted after {tally.summary(places.part if places else None)}{hint}", err=True)
        context.exit(1)
    click.echo(tally.summary(output), err=True)
    page = tally.write_report(reader.max_megapixels)
    if page:
        click.echo(f"report: {page}", err=True)
    context.exit(1 if tally.counts["error"] else 0)


def _items(
    folder: Path, leave_out: list[Path], places: RowPlaces | None, resume: bool
) -> Iterator[str | edge_runtime.Row]:
    """The files to read: all below the folder but our own output; with ``resume`` rows for what is done."""
    paths = edge_runtime.find_files(folder, leave_out)
    if places and resume:
        return skip_done(paths, places.take_up(folder))
    if places:
        places.begin_anew()
    return iter(paths)


class _Tally:
    """What is counted while rows are written, for the last line and the report."""

    def __init__(self, folder: Path, report: Path | None) -> None:
        self.counts: Counter[str] = Counter()
        self.kept = 0
        self._folder = folder
        self._report = report
        self._builder = _report_builder() if report else None

    def counting_kept(self, items: Iterator[str | edge_runtime.Row]) -> Iterator[str | edge_runtime.Row]:
        for item in items:
            self.kept += isinstance(item, edge_runtime.Row)
            yield item

    def add(self, row: edge_runtime.Row) -> None:
        self.counts[row.status] += 1
        if self._builder:
            self._builder.add(row)

    def write_report(self, max_megapixels: float) -> Path | None:
        """The page that was written."""
        if self._builder is None or self._report is None:
            return None
        try:
            return self._builder.write(self._report, title=str(self._folder), max_megapixels=max_megapixels)
        except OSError as error:
            raise edge_runtime.OutputError(
                f"{self._report}: report not written ({error.strerror}); the rows are complete"
            ) from error

    def summary(self, output: Path | None) -> str:
        each = ", ".join(f"{self.counts[status]} {status}" for status in ("read", "unsure", "empty", "error"))
        kept = f" ({self.kept} of them from before)" if self.kept else ""
        return f"{self.counts.total()} files: {each}{kept}{f' -> {output}' if output else ''}"


def _report_builder() -> ReportBuilder:
    from edge_runtime.batch.report import ReportBuilder  # needs OpenCV, and --help must not

    return ReportBuilder()


@contextmanager
def _progress(folder: Path, leave_out: list[Path]) -> Iterator[Callable[[], None]]:
    """A bar on stderr when that is a terminal; files are counted for it first."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    total = sum(1 for _ in edge_runtime.find_files(folder, leave_out))
    with click.progressbar(length=total, file=sys.stderr, show_pos=True) as bar:
        yield lambda: bar.update(1)
