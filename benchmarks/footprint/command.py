"""``python -m benchmarks footprint``: what the runtime costs beside its speed, and what others cost.

The wheel's size, what an installation takes on disk, the way to the first reading, memory, and model files.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from benchmarks.accuracy.report import write_document
from benchmarks.core.dataset import find_samples
from benchmarks.core.options import json_out
from benchmarks.latency.report import head, load_warning
from edge_runtime import DependencyError, DigitModel
from edge_runtime.recognition.model_files import BUNDLED

from . import fresh as footprint_fresh
from . import installed as footprint_installed
from . import rivals as footprint_rivals
from .fresh import edge_digits, fresh_figures, start_in_turns
from .report import markdown, warnings

REPOSITORY: Final = Path(__file__).resolve().parents[2]
FRESH_PROCESSES: Final = 15
SAMPLE: Final = REPOSITORY / "samples" / "pencil.jpg"  # one that RapidOCR reads right as well
_WHEEL_SOURCES: Final = ("pyproject.toml", "README.md", "LICENSE")

Say = Callable[[str], None]


@click.command()
@json_out("footprint")
@click.option(
    "--processes",
    type=click.IntRange(1, 1000),
    default=FRESH_PROCESSES,
    show_default=True,
    help="Fresh processes of each program.",
)
@click.option("--wheel/--no-wheel", default=True, help="Build the wheel to weigh it; needs the package index.")
@click.option(
    "--notebook",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("runs/notebook"),
    show_default=True,
    help="Run of the published network, for TensorFlow and LiteRT.",
)
def footprint(out: Path, processes: int, wheel: bool, notebook: Path) -> None:
    """Size of the wheel, the installation and the models, and time and memory of a fresh process.

    Beside it the same of TensorFlow and LiteRT with the published network, and of RapidOCR, as far as they are
    installed in the interpreter that runs this; what is left out is named.

    \b
    Example:
      python -m benchmarks footprint --out runs/footprint.json
    """  # noqa: D301 click reads the control character

    def say(text: str) -> None:
        click.echo(f"footprint: {text}", err=True)

    document = measure(processes, wheel, notebook, say)
    write_document(out, document)
    click.echo(markdown(document), nl=False)
    say(f"written to {out}")


def measure(processes: int, wheel: bool, notebook: Path, say: Say) -> dict[str, Any]:
    """Everything the command measures, as a JSON-safe document.

    processes: fresh ones of each program; wheel: whether it is built; notebook: run folder of the published network.
    """
    busy = load_warning()
    (truth,) = (sample.truth for sample in find_samples([SAMPLE.parent]) if sample.path.name == SAMPLE.name)
    with tempfile.TemporaryDirectory() as scratch:
        rivals = footprint_rivals.prepare(Path(scratch), notebook, SAMPLE, truth, say)
        programs = [edge_digits(SAMPLE, truth), *rivals.programs]
        say(f"{len(programs)} programs, {processes} fresh processes each")
        starts = start_in_turns(programs, processes)
    wheel_size, wheel_reasons = _wheel(say) if wheel else (None, ["wheel: not asked for"])
    document = {
        **head(),
        "method": {"fresh": footprint_fresh.METHOD, "installed": footprint_installed.METHOD},
        "left_out": rivals.left_out + wheel_reasons,
        "wheel_bytes": wheel_size,
        "models": {f"edge-digits {name}": DigitModel(name).path.stat().st_size for name in BUNDLED} | rivals.models,
        "installed": footprint_installed.runtimes_bytes(
            [package for name, package in footprint_rivals.PACKAGES.items() if footprint_rivals.is_installed(name)]
        ),
        "fresh": [fresh_figures(program, begun) for program, begun in zip(programs, starts, strict=True)],
    }
    return {**document, "warnings": busy + warnings(document)}


def wheel_bytes(repository: Path = REPOSITORY) -> int:
    """Build the wheel from a copy of its sources and tell its size; needs the package index for the build's tools.

    Raises ``DependencyError`` where it cannot be built.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "source", Path(folder) / "wheel"
        source.mkdir()
        for name in _WHEEL_SOURCES:
            shutil.copy(repository / name, source)
        shutil.copytree(
            repository / "edge_runtime", source / "edge_runtime", ignore=shutil.ignore_patterns("__pycache__")
        )
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
        command += ["--wheel-dir", str(target), str(source)]
        built = subprocess.run(command, capture_output=True, text=True, check=False)
        if built.returncode != 0:
            raise DependencyError(f"the wheel cannot be built: {built.stderr.strip()}")
        (wheel,) = target.glob("*.whl")
        return wheel.stat().st_size


def _wheel(say: Say) -> tuple[int | None, list[str]]:
    """Its size; where it cannot be built (no package index), the reason."""
    say("building the wheel")
    try:
        return wheel_bytes(), []
    except DependencyError as error:
        say(str(error))
        return None, ["wheel: cannot be built here"]
