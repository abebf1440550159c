"""``python -m benchmarks footprint``: what the runtime costs beside its speed, and what others cost."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from benchmarks.core.dataset import timed_sample
from benchmarks.core.document import REPOSITORY, head, load_warning
from benchmarks.core.effort import Effort
from benchmarks.core.options import Say
from edge_runtime import DependencyError, DigitModel
from edge_runtime.recognition.model_files import BUNDLED

from . import fresh, installed, peers
from .report import warnings

_WHEEL_SOURCES: Final = ("pyproject.toml", "README.md", "LICENSE")


def measure(effort: Effort, runs: Path, say: Say) -> dict[str, Any]:
    """Size of the wheel, the installation and the models, and time and memory of a fresh process.

    Beside it the same of TensorFlow and LiteRT with the published network, and of RapidOCR, as far as they are
    installed in the interpreter that runs this; what is left out is named.
    """
    busy = load_warning()
    sample = timed_sample()
    with tempfile.TemporaryDirectory() as scratch:
        others = peers.prepare(Path(scratch), runs / "notebook", sample, say)
        programs = [fresh.edge_digits(sample.path, sample.truth), *others.programs]
        say(f"{len(programs)} programs, {effort.processes} fresh processes each")
        starts = fresh.start_in_turns(programs, effort.processes)
    rows = [fresh.figures(program, begun) for program, begun in zip(programs, starts, strict=True)]
    wheel_size, wheel_reasons = _wheel(say) if effort.wheel else (None, ["wheel: not asked for"])
    return {
        **head("footprint"),
        "method": {"fresh": fresh.METHOD, "installed": installed.METHOD},
        "left_out": others.left_out + wheel_reasons,
        "wheel_bytes": wheel_size,
        "models": {f"edge-digits {name}": DigitModel(name).path.stat().st_size for name in BUNDLED} | others.models,
        "installed": installed.runtimes_bytes(
            [package for name, package in peers.PACKAGES.items() if peers.is_installed(name)]
        ),
        "fresh": rows,
        "warnings": busy + warnings(rows),
    }


def _wheel(say: Say) -> tuple[int | None, list[str]]:
    """Its size; where it cannot be built (no package index), the reason."""
    say("building the wheel")
    try:
        return _wheel_bytes(), []
    except DependencyError as error:
        say(str(error))
        return None, ["wheel: cannot be built here"]


def _wheel_bytes() -> int:
    """Build the wheel from a copy of its sources; needs the package index for the build's tools."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "source", Path(folder) / "wheel"
        source.mkdir()
        for name in _WHEEL_SOURCES:
            shutil.copy(REPOSITORY / name, source)
        unwanted = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / "edge_runtime", source / "edge_runtime", ignore=unwanted)
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
        command += ["--wheel-dir", str(target), str(source)]
        built = subprocess.run(command, capture_output=True, text=True, check=False)
        if built.returncode != 0:
            raise DependencyError(f"the wheel cannot be built: {built.stderr.strip()}")
        (wheel,) = target.glob("*.whl")
        return wheel.stat().st_size
