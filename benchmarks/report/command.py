"""``python -m benchmarks all``: measure what can be measured, keep the rest, and write record, report and README."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from benchmarks.accuracy.command import measure as measure_accuracy
from benchmarks.core.blocks import replace_block
from benchmarks.core.document import REPOSITORY, write_document
from benchmarks.core.effort import FULL, QUICK, Effort
from benchmarks.core.options import DATA, FOLDER, Measure, Say, quick_option, runs_option, teller
from benchmarks.footprint.command import measure as measure_footprint
from benchmarks.latency.command import measure as measure_latency
from benchmarks.throughput.command import measure as measure_throughput
from edge_runtime import EdgeDigitsError
from edge_runtime.core import machine

from . import page, readme
from .record import PARTS, new_record, read_parts, slug

PUBLISHED: Final = REPOSITORY / "benchmarks"
README: Final = REPOSITORY / "README.md"
QUICK_OUT: Final = Path("runs/quick")
_MEASURES: Final[Mapping[str, Measure]] = {
    "latency": measure_latency,
    "throughput": measure_throughput,
    "footprint": measure_footprint,
}


@click.command("all")
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="Measure this part; may be given several times.")
@click.option("--data", type=DATA, multiple=True, help="Folder of labelled pictures; may be given several times.")
@click.option(
    "--take",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="Take the parts of this record, or the part that its own command wrote; without --only nothing is measured.",
)
@quick_option
@click.option("--out", type=FOLDER, help="For results/ and REPORT.md.  [default: benchmarks, runs/quick with --quick]")
@runs_option
def every(
    only: tuple[str, ...], data: tuple[Path, ...], take: tuple[Path, ...], quick: bool, out: Path | None, runs: Path
) -> None:
    """Measure every part that can be measured here, and write record, report, and README's table.

    The record is results/MACHINE.json. A part that is not measured now stays in it as it was, with its own date and
    commit. What is left out is named with its reason; a part that fails is named, and the exit code is 1.

    \b
    Examples:
      python -m benchmarks all --data pictures
      python -m benchmarks all --only latency --only footprint
      python -m benchmarks all --take benchmarks/results/MACHINE.json
    """  # noqa: D301 click reads the control character
    say = teller("all")
    folder = out or (QUICK_OUT if quick else PUBLISHED)
    taken = [read_parts(path) for path in take]
    # Records that are taken as they are keep their name: they need not be of this machine.
    name = take[0].name if take and not only else f"{slug(str(machine.processor()['name']))}.json"
    path = folder / "results" / name
    parts = read_parts(path) if path.exists() else {}
    for found in taken:
        parts |= found
    failed = False
    for part in only or (() if take else PARTS):
        try:
            parts[part] = _measured(part, QUICK if quick else FULL, runs, data, say)
        except LeftOutError as reason:
            say(f"{part}: left out: {reason}")
            failed |= bool(only)  # asked for by name
        except EdgeDigitsError as error:
            say(f"{part}: failed: {error}")
            failed = True
        else:
            write_document(path, new_record(parts))  # what is measured is safe when a later part fails
    _write_all(new_record(parts), name, folder, say)
    sys.exit(1 if failed else 0)


class LeftOutError(Exception):
    """A part cannot be measured here; the message says what is missing."""


def _measured(part: str, effort: Effort, runs: Path, data: tuple[Path, ...], say: Say) -> dict[str, Any]:
    if part in _MEASURES:
        try:
            return _MEASURES[part](effort, runs, say)
        except ImportError as error:
            raise LeftOutError(f"needs {error.name}; pip install 'edge-digits[benchmarks]'") from error
    if not data:
        raise LeftOutError("needs --data FOLDER with labelled pictures")
    return measure_accuracy(data, True, effort.first, say)[0]


def _write_all(record: dict[str, Any], name: str, folder: Path, say: Say) -> None:
    """Record (under ``name``) and report in the folder; README's table where it is the repository's own."""
    write_document(folder / "results" / name, record)
    (folder / "REPORT.md").write_text(page.render(record, name), "utf-8")
    written = [f"results/{name}", "REPORT.md"]
    if folder.resolve() == PUBLISHED:
        README.write_text(replace_block(README.read_text("utf-8"), readme.BLOCK, readme.render(record)), "utf-8")
        written.append("README.md")
    click.echo(folder / "REPORT.md")
    say(f"written: {', '.join(written)}")
