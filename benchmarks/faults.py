"""``python -m benchmarks faults``: what a device in a cupboard meets, done to the runtime on purpose."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import click

from . import faults_disk, faults_files, faults_kills, latency_report
from .faults_outcome import Outcome, Say
from .report import write_document

DEFAULT_OUT: Final = Path("runs/faults.json")

TESTS: Final[Mapping[str, Callable[[bool, Say], Outcome]]] = {
    "files": faults_files.run,
    "kills": faults_kills.run,
    "disk": faults_disk.run,
}


@click.command()
@click.option("--only", metavar="NAME", multiple=True, type=click.Choice(list(TESTS)), help="These alone.")
@click.option("--quick", is_flag=True, help="Few files and kills, in about a minute.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), default=DEFAULT_OUT, show_default=True, help="JSON file."
)
def faults(only: tuple[str, ...], quick: bool, out: Path) -> None:
    """Damaged picture files, kill -9 in the middle of batches, full disks; the exit code is 1 where one test fails.

    Example:
      python -m benchmarks faults --only kills
    """
    document = run(only or tuple(TESTS), quick, lambda text: click.echo(f"faults: {text}", err=True))
    write_document(out, document)
    for test in document["tests"]:
        counts = ", ".join(f"{name} {value}" for name, value in test["counts"].items())
        click.echo(f"{test['name']}: {'passed' if test['passed'] else 'FAILED'} in {test['seconds']} s ({counts})")
        for line in (*test["wrong"], *(f"left out: {reason}" for reason in test["left_out"])):
            click.echo(f"  {line}")
    click.echo(f"faults: written to {out}", err=True)
    sys.exit(0 if all(test["passed"] for test in document["tests"]) else 1)


def run(names: tuple[str, ...], quick: bool, say: Say) -> dict[str, Any]:
    """The tests one after the other; a JSON-safe document."""
    tests = []
    for name in names:
        begin = time.perf_counter()
        outcome = TESTS[name](quick, say)
        tests.append(outcome.as_dict(name, time.perf_counter() - begin))
    return {**latency_report.head(), "quick": quick, "tests": tests}
