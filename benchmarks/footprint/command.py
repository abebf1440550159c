"""``python -m benchmarks footprint``: what the runtime costs beside its speed, and what others cost.

The wheel's size, what an installation takes on disk, the way to the first reading, memory, and model files.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from benchmarks.core.dataset import find_samples
from benchmarks.core.document import REPOSITORY, head, load_warning
from benchmarks.core.options import Say, deliver, json_out, notebook_run, teller
from edge_runtime import DependencyError, DigitModel
from edge_runtime.recognition.model_files import BUNDLED

from . import fresh, installed, peers
from .report import markdown, warnings

FRESH_PROCESSES: Final = 15
SAMPLE: Final = REPOSITORY / "samples" / "pencil.jpg"  # one that RapidOCR reads right as well
_WHEEL_SOURCES: Final = ("pyproject.toml", "README.md", "LICENSE")


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
@notebook_run()
def footprint(out: Path, processes: int, wheel: bool, notebook: Path) -> None:
    """Size of the wheel, the installation and the models, and time and memory of a fresh process.

    Beside it the same of TensorFlow and LiteRT with the published network, and of RapidOCR, as far as they are
    installed in the interpreter that runs this; what is left out is named.

    \b
    Example:
      python -m benchmarks footprint --out runs/footprint.json
    """  # noqa: D301 click reads the control character
    say = teller("footprint")
    document = measure(processes, wheel, notebook, say)
    deliver(document, markdown(document), out, say)


def measure(processes: int, wheel: bool, notebook: Path, say: Say) -> dict[str, Any]:
    """Everything the command measures, as a JSON-safe document.

    processes: fresh ones of each program; wheel: whether it is built; notebook: run folder of the published network.
    """
    busy = load_warning()
    (truth,) = (sample.truth for sample in find_samples([SAMPLE.parent]) if sample.path.name == SAMPLE.name)
    with tempfile.TemporaryDirectory() as scratch:
        others = peers.prepare(Path(scratch), notebook, SAMPLE, truth, say)
        programs = [fresh.edge_digits(SAMPLE, truth), *others.programs]
        say(f"{len(programs)} programs, {processes} fresh processes each")
        starts = fresh.start_in_turns(programs, processes)
    rows = [fresh.fresh_figures(program, begun) for program, begun in zip(programs, starts, strict=True)]
    wheel_size, wheel_reasons = _wheel(say) if wheel else (None, ["wheel: not asked for"])
    return {
        **head("footprint"),
        "method": {"fresh": fresh.METHOD, "installed": installed.METHOD},
        "left_out": others.left_out + wheel_reasons,
        "wheel_bytes": wheel_size,
        "models": {f"edge-digits {name}": DigitModel(name).path.stat().st_size for name in BUNDLED} | others.models,
        "installed": installed.runtimes_bytes(
            [package for name, package in peers.PACKAGES.items() if peers.is_installed(name)]
        ),
        "fresh": [asdict(row) for row in rows],
        "warnings": busy + warnings(rows),
    }


def wheel_bytes(repository: Path = REPOSITORY) -> int:
    """Build the wheel from a copy of its sources and tell its size; needs the package index for the build's tools.

    Raises ``DependencyError`` where it cannot be built.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "source", Path(folder) / "wheel"
        source.mkdir()
        for name in _WHEEL_SOURCES:
            shutil.copy(repository / name, source)
        unwanted = shutil.ignore_patterns("__pycache__")
        shutil.copytree(repository / "edge_runtime", source / "edge_runtime", ignore=unwanted)
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
