"""``python -m benchmarks all``: measure what there is, keep the rest, and write record, charts, report and README."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from benchmarks.accuracy.report import write_document
from edge_runtime import EdgeDigitsError
from edge_runtime.core import machine

from . import page, readme
from .charts import draw_charts
from .parts import FULL, QUICK, LeftOutError, Size, Sources, measure_part, resized
from .record import PARTS, new_record, package_models, published, read_document, read_record, slug

REPOSITORY: Final = Path(__file__).resolve().parents[2]
PUBLISHED: Final = REPOSITORY / "benchmarks"
README: Final = REPOSITORY / "README.md"
QUICK_OUT: Final = Path("runs/quick")
_FOLDER: Final = click.Path(file_okay=False, path_type=Path)
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


class _Names(click.ParamType):
    """Names of parts with commas between them."""

    name = "parts"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> tuple[str, ...]:
        names = tuple(name.strip() for name in value.split(",")) if isinstance(value, str) else tuple(value)
        unknown = [name for name in names if name not in PARTS]
        if unknown:
            self.fail(f"no part is called {', '.join(map(repr, unknown))}; there are {', '.join(PARTS)}")
        return names


@click.command("all")
@click.option("--only", type=_Names(), default=None, help=f"Measure these alone, of {','.join(PARTS)}.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="Folder of labelled pictures for the accuracy; may be given several times. Without it accuracy is left out.",
)
@click.option(
    "--take",
    metavar="PART=FILE",
    multiple=True,
    help="Take a part from the file that its own command wrote; without --only nothing is measured then.",
)
@click.option("--from", "source", type=_FILE, default=None, help="Measure nothing: write everything from this record.")
@click.option("--quick", is_flag=True, help="Two minutes instead of twenty, figures less sure, written to runs/quick.")
@click.option(
    "--files",
    type=click.IntRange(1),
    default=None,
    help=f"In the folders of the throughput, {FULL.files:,} unless given; where that takes too long, fewer.",
)
@click.option(
    "--out",
    type=_FOLDER,
    default=None,
    help="Folder for results/, charts/ and REPORT.md, benchmarks/ unless given; README is written for that one only.",
)
@click.option("--runs", type=_FOLDER, default=Path("runs"), show_default=True, help="Where the training runs are.")
def every(
    only: tuple[str, ...] | None,
    data: tuple[Path, ...],
    take: tuple[str, ...],
    source: Path | None,
    quick: bool,
    files: int | None,
    out: Path | None,
    runs: Path,
) -> None:
    """Measure every part that can be measured here, and write record, charts, report, and README's tables.

    The record is results/MACHINE.json. A part that is not measured now stays in it as it was, with its own date and
    commit. What is left out is named with its reason; a part that fails is named, and the exit code is 1.

    \b
    Examples:
      python -m benchmarks all --data pictures
      python -m benchmarks all --only latency,footprint
      python -m benchmarks all --from benchmarks/results/MACHINE.json
    """  # noqa: D301 click reads the control character
    if source is not None and (only or data or take or quick or files):
        raise click.UsageError("--from measures nothing; leave --only, --data, --take, --files and --quick away")
    if source is not None and out is None and source.resolve().parent != PUBLISHED / "results":
        raise click.UsageError(f"{source} is not a record of {PUBLISHED / 'results'}: say with --out where to write")
    folder = out or (QUICK_OUT if quick else PUBLISHED)
    if source is not None:
        write_all(read_record(source), source.name, folder)
        return
    path = folder / "results" / f"{slug(str(machine.processor()['name']))}.json"
    kept = read_record(path) if path.exists() else None
    taken = taken_parts(take)
    sources = Sources(runs, data)
    size = QUICK if quick else FULL
    size = size if files is None else resized(size, files)
    wanted = [name for name in (only or (() if take else PARTS)) if name not in taken]
    failed = False
    record = new_record(package_models(), kept, taken)
    for name in wanted:
        part, has_failed = _measure(name, sources, size)
        failed |= has_failed or (part is None and only is not None)
        if part is not None:
            record = new_record(package_models(), record, {name: part})
            write_document(path, record)  # what has been measured is safe when a later part fails
    write_all(record, path.name, folder)
    sys.exit(1 if failed else 0)


def write_all(record: Mapping[str, Any], name: str, folder: Path) -> None:
    """Record (under ``name``), charts and report in the folder; README's tables where it is the repository's own."""
    write_document(folder / "results" / name, record)
    draw_charts(record, folder / "charts")
    (folder / "REPORT.md").write_text(page.render(record, name), "utf-8")
    written = [f"results/{name}", "charts", "REPORT.md"]
    if folder.resolve() == PUBLISHED:
        README.write_text(readme.replace_block(README.read_text("utf-8"), readme.render(record)), "utf-8")
        written.append("README.md")
    click.echo(folder / "REPORT.md")
    _say(f"written: {', '.join(written)}")


def taken_parts(take: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Parts by name from ``PART=FILE``; ``ModelError`` where a file has not what a part needs."""
    parts = {}
    for item in take:
        name, _, file = item.partition("=")
        if name not in PARTS or not file:
            raise click.BadParameter(f"{item!r}: expected PART=FILE, PART of {', '.join(PARTS)}", param_hint="--take")
        parts[name] = published(read_document(Path(file)))
    return parts


def _measure(name: str, sources: Sources, size: Size) -> tuple[dict[str, Any] | None, bool]:
    """A part and whether it failed; None with the reason on stderr where it is left out."""
    try:
        return measure_part(name, sources, size, lambda text: _say(f"{name}: {text}")), False
    except LeftOutError as reason:
        _say(f"{name}: left out: {reason}")
        return None, False
    except EdgeDigitsError as error:
        _say(f"{name}: failed: {error}")
        return None, True


def _say(text: str) -> None:
    click.echo(f"all: {text}", err=True)
