"""``edge-digits batch``."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import edge_runtime
from edge_runtime.batch.resume import RowFile, part_files
from edge_runtime.batch.rows import STATUSES
from edge_runtime.batch.tables import Csv, JsonLines
from edge_runtime.cli.shared.options import file_options, make_reader
from edge_runtime.cli.shared.output import StdoutRows, form_for, refuse_existing
from edge_runtime.cli.shared.signals import terminable
from edge_runtime.images.choice import Page, PageChoice

if TYPE_CHECKING:
    from edge_runtime.batch.report import ReportBuilder


@click.command()
@click.argument("folder", metavar="FOLDER", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for the rows: .jsonl, .csv or .parquet.  [default: JSON Lines to stdout]",
)
@click.option("--resume", is_flag=True, help="Resume FILE: read what is new or has changed, keep the other rows.")
@click.option(
    "--overwrite",
    is_flag=True,
    help="Replace FILE if it exists, and read everything anew; --report may replace any page.",
)
@click.option(
    "--pattern",
    "patterns",
    metavar="GLOB",
    multiple=True,
    help="Read only files that fit, such as '*.jpg' or '2024/*.png'; may be given several times.",
)
@click.option(
    "--report",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Also write a page, DIR/index.html: counts, and the least certain pictures first.",
)
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes that read.")
@file_options
@click.pass_context
def batch(
    context: click.Context,
    folder: Path,
    output: Path | None,
    resume: bool,
    overwrite: bool,
    patterns: tuple[str, ...],
    csv: Csv | None,
    choice: PageChoice,
    report: Path | None,
    workers: int,
    **reader_settings: Any,
) -> None:
    """Read every file below a folder, one row a file, in natural order.

    A row has: path; status (read, unsure, empty or error); text (the accepted readings in reading
    order, joined by one space); confidence; readings (all of them, accepted or not; not in .csv);
    error; note (what was done to the picture, such as "first of 3 pages"); ms; size and mtime_ns of
    the file. With --pages each page of a document has a row, scan.pdf#page=3. A file that is broken
    or no picture is a row with status error, and the exit code is 1. Files whose name begins with a
    dot are left out.

    FILE is there when the run is complete; until then its rows are in FILE.part, as JSON Lines. After
    a kill, a full disk or an interruption, --resume begins where the run ended; on a complete FILE
    it reads what is new or has changed. It does not check by which model a row was made. Rows of files
    that it does not meet any more stay, at the end. SIGTERM ends as Ctrl-C does.

    \b
    Examples:
      edge-digits batch scans --output numbers.csv --workers 4
      edge-digits batch scans --output numbers.csv --resume --report check
      edge-digits batch crops --output rows.jsonl --pattern '*.jpg' --pattern '*.png'
      edge-digits batch forms --output rows.parquet --pages all
    """  # noqa: D301 click reads the control character
    form = form_for(output, csv)
    _check_output(output, resume, overwrite)
    if report:
        _check_report(report, folder, overwrite)
    reader = make_reader(**reader_settings)
    if report:
        report.mkdir(parents=True, exist_ok=True)  # better refused now than after the last picture
    leave_out = [*([output, *part_files(output)] if output else []), *([report] if report else [])]
    pictures = _Pictures(folder, leave_out, patterns, choice)
    tally = _Tally(folder, report)
    rows = RowFile(output, form, str(folder) if resume else None) if output else StdoutRows(JsonLines())
    try:
        with terminable(), rows, pictures.progress(tally):
            left = rows.left_to_read(pictures.pages(), kept=tally.keep)
            for row in edge_runtime.read_files(left, reader, workers, dpi=choice.dpi):
                rows.write(row)
                tally.add(row)
            rows.finish()
    except KeyboardInterrupt:
        click.echo(tally.interrupted(output), err=True)
        context.exit(1)
    click.echo(tally.summary(output), err=True)
    pictures.refuse_none(tally)
    page = tally.write_report(reader.max_megapixels, choice.dpi)
    if page:
        click.echo(f"report: {page}", err=True)
    context.exit(1 if tally.counts["error"] else 0)


def _check_output(output: Path | None, resume: bool, overwrite: bool) -> None:
    if output is None and (resume or overwrite):
        raise click.UsageError("--resume and --overwrite need a file of rows; name it with --output")
    if resume and overwrite:
        raise click.UsageError("--resume keeps the file that --overwrite replaces; choose one of them")
    if output and not (resume or overwrite):
        for path in (output, part_files(output)[0]):
            refuse_existing(path, "resume it by --resume, replace it by --overwrite, or name another file")


def _check_report(report: Path, folder: Path, overwrite: bool) -> None:
    from edge_runtime.batch.report import foreign_page  # needs OpenCV, and --help must not

    if report.resolve() == folder.resolve():
        raise click.BadParameter(f"{report}: is the folder that is read; choose another", param_hint="--report")
    page = None if overwrite else foreign_page(report)
    if page:
        refuse_existing(
            page, "it is no report of batch: name another folder with --report, or replace it by --overwrite"
        )


class _Pictures:
    """What there is to read: all below the folder that fits, but our own output."""

    def __init__(self, folder: Path, leave_out: list[Path], patterns: tuple[str, ...], choice: PageChoice) -> None:
        self._folder, self._patterns = folder, patterns
        self._files = lambda: edge_runtime.find_files(folder, leave_out, patterns)
        self._choice = choice

    def pages(self) -> Iterator[Page]:
        from edge_runtime.images.pages import find_pages  # needs OpenCV, and --help must not

        return find_pages(self._files(), self._choice)

    def refuse_none(self, tally: _Tally) -> None:
        """``ImageError`` where patterns chose nothing; an empty folder is no error."""
        if self._patterns and not tally.counts:
            wanted = " or ".join(self._patterns)
            raise edge_runtime.ImageError(f"{self._folder}: no file below it fits {wanted}; check --pattern")

    @contextmanager
    def progress(self, tally: _Tally) -> Iterator[None]:
        """A bar on stderr when that is a terminal; pictures are counted for it first."""
        if not sys.stderr.isatty():
            yield
            return
        with click.progressbar(length=sum(1 for _ in self.pages()), file=sys.stderr, show_pos=True) as bar:
            tally.advance = lambda: bar.update(1)
            yield


class _Tally:
    """What is counted while rows are written, for the last line and the report."""

    def __init__(self, folder: Path, report: Path | None) -> None:
        self.counts: Counter[str] = Counter()
        self.advance: Callable[[], None] = lambda: None
        self._kept = 0
        self._folder = folder
        self._report = report
        self._builder: ReportBuilder | None = None
        if report:
            from edge_runtime.batch.report import ReportBuilder  # needs OpenCV, and --help must not

            self._builder = ReportBuilder()

    def keep(self, row: edge_runtime.Row) -> None:
        """Count a row of an earlier run."""
        self._kept += 1
        self.add(row)

    def add(self, row: edge_runtime.Row) -> None:
        self.counts[row.status] += 1
        self.advance()
        if self._builder:
            self._builder.add(row)

    def interrupted(self, output: Path | None) -> str:
        """The last line of a run that a signal ended, with what to do next."""
        part = part_files(output)[0] if output else None
        if part is None or not part.exists():  # rows went to stdout, or the signal came after the last row
            return f"interrupted after {self.summary(output)}"
        return f"interrupted after {self.summary(part)}; continue with --resume"

    def write_report(self, max_megapixels: float, dpi: float) -> Path | None:
        """The page that was written."""
        if self._builder is None or self._report is None:
            return None
        from edge_runtime.images.pages import load_page

        try:
            return self._builder.write(
                self._report, title=str(self._folder), load=lambda name: load_page(Page.of(name), dpi, max_megapixels)
            )
        except OSError as error:
            raise edge_runtime.OutputError(
                f"{self._report}: report not written ({error.strerror}); the rows are complete"
            ) from error

    def summary(self, output: Path | None) -> str:
        each = ", ".join(f"{self.counts[status]} {status}" for status in STATUSES)
        kept = f" ({self._kept} of them from before)" if self._kept else ""
        return f"{self.counts.total()} files: {each}{kept}{f' -> {output}' if output else ''}"
