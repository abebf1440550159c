"""``python -m benchmarks faults``: what a device in a cupboard meets, done to the runtime on purpose."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
import cv2

from benchmarks.accuracy.report import write_document
from benchmarks.core.options import json_out
from benchmarks.latency import report as latency_report
from tests.robustness.outcome import Outcome, Say

from . import (
    camera as faults_camera,
)
from . import (
    disk as faults_disk,
)
from . import (
    files as faults_files,
)
from . import (
    frames as faults_frames,
)
from . import (
    fuzz as faults_fuzz,
)
from . import (
    kills as faults_kills,
)
from . import (
    models as faults_models,
)
from . import (
    processor as faults_processor,
)
from . import (
    sharing as faults_sharing,
)

TESTS: Final[Mapping[str, Callable[[bool, Say], Outcome]]] = {
    "files": faults_files.run,
    "kills": faults_kills.run,
    "camera": faults_camera.run,
    "frames": faults_frames.run,
    "disk": faults_disk.run,
    "models": faults_models.run,
    "sharing": faults_sharing.run,
    "processor": faults_processor.run,
    "fuzz": faults_fuzz.run,
}


@click.command()
@click.option("--only", metavar="NAME", multiple=True, type=click.Choice(list(TESTS)), help="These alone.")
@click.option("--quick", is_flag=True, help="Few files, kills and frames, in about a minute.")
@json_out("faults")
def faults(only: tuple[str, ...], quick: bool, out: Path) -> None:
    """Damaged files, kill -9, lost cameras, endless videos, full disks, altered models, many threads, little processor.

    Every test says what was done and what was not as it must be; the exit code is 1 where one fails. All of them take
    about ten minutes on two processors.

    \b
    Examples:
      python -m benchmarks faults --quick
      python -m benchmarks faults --only kills --only camera
    """
    with _silent_libraries():
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


@contextmanager
def _silent_libraries() -> Iterator[None]:
    """What they have to say about damaged pictures and lost cameras, by the hundred, is in our own messages."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    ours = logging.getLogger("edge_runtime")
    before, before_ours = cv2.utils.logging.getLogLevel(), ours.level
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    ours.setLevel(logging.ERROR)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(before)
        ours.setLevel(before_ours)
