"""``python -m benchmarks all``: measure what can be measured, keep the rest, and write record, report and README."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import click

from benchmarks.accuracy import command as accuracy
from benchmarks.core.blocks import replace_block
from benchmarks.core.document import REPOSITORY, write_document
from benchmarks.core.options import DATA, FOLDER, Say, teller
from benchmarks.footprint import command as footprint
from benchmarks.latency import command as latency
from benchmarks.throughput import command as throughput
from edge_runtime import EdgeDigitsError
from edge_runtime.core import machine

from . import page, readme
from .record import PARTS, new_record, package_models, read_parts, slug

PUBLISHED: Final = REPOSITORY / "benchmarks"
README: Final = REPOSITORY / "README.md"
QUICK_OUT: Final = Path("runs/quick")


@dataclass(frozen=True)
class Size:
    """How much is measured.

    first: pictures of each labelled folder, all where None; seconds: for each comparison of folders; files: in a
    folder; growth: numbers of strips; limit_s: for one whole folder; processes: fresh ones of each program.
    """

    first: int | None = None
    latency: latency.Effort = field(default_factory=lambda: latency.Effort(seconds=30))
    seconds: float = 20
    files: int = throughput.COUNT
    growth: tuple[int, ...] = throughput.GROWTH
    limit_s: float = 450
    processes: int = footprint.FRESH_PROCESSES
    wheel: bool = True


FULL: Final = Size()
QUICK: Final = Size(
    first=5,
    latency=latency.Effort(seconds=3, batches=(1,), compared=64, fewest_turns=5),
    seconds=2,
    files=100,
    growth=(50, 500),
    limit_s=15,
    processes=1,
    wheel=False,
)


@click.command("all")
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="Measure this part; may be given several times.")
@click.option(
    "--data",
    type=DATA,
    multiple=True,
    help="Folder of labelled pictures for the accuracy; may be given several times. Without it accuracy is left out.",
)
@click.option(
    "--take",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="Take the parts of this record, or the part that its own command wrote; without --only nothing is measured.",
)
@click.option("--quick", is_flag=True, help="Two minutes instead of twenty, figures less sure, written to runs/quick.")
@click.option(
    "--out",
    type=FOLDER,
    default=None,
    help="Folder for results/ and REPORT.md, benchmarks/ unless given; README is written for that one only.",
)
@click.option("--runs", type=FOLDER, default=Path("runs"), show_default=True, help="Folder of the training runs.")
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
    models = package_models()
    failed = False
    for part in only or (() if take else PARTS):
        try:
            parts[part] = _MEASURES[part](QUICK if quick else FULL, runs, data, say)
        except LeftOutError as reason:
            say(f"{part}: left out: {reason}")
            failed |= bool(only)  # asked for by name
        except EdgeDigitsError as error:
            say(f"{part}: failed: {error}")
            failed = True
        else:
            write_document(path, new_record(models, parts))  # what is measured is safe when a later part fails
    write_all(new_record(models, parts), name, folder, say)
    sys.exit(1 if failed else 0)


def write_all(record: dict[str, Any], name: str, folder: Path, say: Say) -> None:
    """Record (under ``name``) and report in the folder; README's table where it is the repository's own."""
    write_document(folder / "results" / name, record)
    (folder / "REPORT.md").write_text(page.render(record, name), "utf-8")
    written = [f"results/{name}", "REPORT.md"]
    if folder.resolve() == PUBLISHED:
        README.write_text(replace_block(README.read_text("utf-8"), readme.BLOCK, readme.render(record)), "utf-8")
        written.append("README.md")
    click.echo(folder / "REPORT.md")
    say(f"written: {', '.join(written)}")


class LeftOutError(Exception):
    """A part cannot be measured here; the message says what is missing."""


def _accuracy(size: Size, runs: Path, data: tuple[Path, ...], say: Say) -> dict[str, Any]:
    if not data:
        raise LeftOutError("needs --data FOLDER with labelled pictures")
    return accuracy.measure(data, True, size.first, say)[0]


def _latency(size: Size, runs: Path, data: tuple[Path, ...], say: Say) -> dict[str, Any]:
    _need("scipy", "onnx")
    return latency.measure({"edge": runs / "edge", "notebook": runs / "notebook"}, size.latency, say)


def _throughput(size: Size, runs: Path, data: tuple[Path, ...], say: Say) -> dict[str, Any]:
    _need("scipy")  # the pictures are drawn with it
    cache, notebook = runs / "throughput", runs / "notebook"
    return throughput.measure(cache, size.files, size.growth, size.seconds, size.limit_s, notebook, say)


def _footprint(size: Size, runs: Path, data: tuple[Path, ...], say: Say) -> dict[str, Any]:
    _need("scipy")
    return footprint.measure(size.processes, size.wheel, runs / "notebook", say)


def _need(*modules: str) -> None:
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        raise LeftOutError(f"needs {', '.join(missing)}; pip install 'edge-digits[benchmarks]'")


_MEASURES: Final[dict[str, Callable[[Size, Path, tuple[Path, ...], Say], dict[str, Any]]]] = {
    "accuracy": _accuracy,
    "latency": _latency,
    "throughput": _throughput,
    "footprint": _footprint,
}
