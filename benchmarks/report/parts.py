"""The parts of the record, each measured by the function that its own command calls, in two sizes."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from benchmarks.latency.command import Effort

from .record import read_document

Say = Callable[[str], None]


class LeftOutError(Exception):
    """A part cannot be measured here; the message says what is missing."""


@dataclass(frozen=True)
class Size:
    """How much is measured. throughput_seconds: for each comparison; limit_s: for one whole folder.

    files: in a folder; growth: numbers of strips; processes: fresh ones of each program.
    leave_out: parts that take too long for this size.
    """

    latency: Effort
    throughput_seconds: float
    files: int
    growth: tuple[int, ...]
    limit_s: float
    processes: int
    wheel: bool
    leave_out: tuple[str, ...] = ()


FULL: Final = Size(
    latency=Effort(seconds=30),
    throughput_seconds=20,
    files=10_000,
    growth=(100, 1_000, 10_000, 100_000),
    limit_s=450,
    processes=15,
    wheel=True,
)
QUICK: Final = Size(
    latency=Effort(seconds=3, batches=(1,), compared=64, fewest_turns=5),
    throughput_seconds=2,
    files=100,
    growth=(50, 500),
    limit_s=15,
    processes=1,
    wheel=False,
    leave_out=("architectures", "quantisation", "accuracy"),
)


def resized(size: Size, files: int) -> Size:
    """The size with so many files in the folders of the throughput, and at most ten times as many strips."""
    growth = tuple(count for count in size.growth if count <= 10 * files) or (files,)
    return replace(size, files=files, growth=growth)


@dataclass(frozen=True)
class Sources:
    """runs: the folder of training runs and of earlier results; data: folders of labelled pictures."""

    runs: Path
    data: Sequence[Path] = ()

    @property
    def edge(self) -> Path:
        """Run of the product's network."""
        return self.runs / "edge"

    @property
    def notebook(self) -> Path:
        """Run of the published network."""
        return self.runs / "notebook"


def measure_part(name: str, sources: Sources, size: Size, say: Say) -> dict[str, Any]:
    """Measure one part, a JSON-safe document.

    Raises ``LeftOutError`` where something that it needs is not here, ``EdgeDigitsError`` where measuring fails.
    """
    if name in size.leave_out:
        raise LeftOutError("not in a quick run")
    return _MEASURES[name](sources, size, say)


def _latency(sources: Sources, size: Size, say: Say) -> dict[str, Any]:
    from benchmarks.latency.command import measure

    _need("tensorflow", "tf2onnx", "onnx")
    _need_runs(sources.edge, sources.notebook)
    runs = {"edge": sources.edge, "notebook": sources.notebook}
    return measure(runs, size.latency, say)


def _throughput(sources: Sources, size: Size, say: Say) -> dict[str, Any]:
    from benchmarks.throughput import command as throughput

    _need("scipy")  # the pictures are drawn with it
    return throughput.measure(
        sources.runs / "throughput",
        size.files,
        size.growth,
        size.throughput_seconds,
        size.limit_s,
        sources.notebook,
        say,
    )


def _footprint(sources: Sources, size: Size, say: Say) -> dict[str, Any]:
    from benchmarks.footprint import command as footprint

    _need("scipy")
    return footprint.measure(size.processes, size.wheel, sources.notebook, say)


def _accuracy(sources: Sources, size: Size, say: Say) -> dict[str, Any]:
    from benchmarks.accuracy import candidates, report
    from benchmarks.accuracy import command as accuracy
    from benchmarks.core import dataset as labelled

    if not sources.data:
        raise LeftOutError("needs --data FOLDER with labelled pictures")
    readers = candidates.ours() + candidates.installed_peers()
    samples = labelled.find_samples(list(sources.data))
    say(f"{len(samples)} pictures, {', '.join(reader.name for reader in readers)}")
    results = accuracy.read_all(readers, samples)
    return report.document(accuracy.all_figures(results), readers, results)


def _architectures(sources: Sources, size: Size, say: Say) -> dict[str, Any]:
    from benchmarks.candidates import architectures

    _need("tensorflow", "tf2onnx", "onnx")
    folder = sources.runs / "architectures"
    missing = architectures.unfinished(folder)
    if missing:
        raise LeftOutError(f"no finished run of {', '.join(missing)} in {folder}; python -m benchmarks architectures")
    return architectures.compare(architectures.STRIPS, architectures.SEED, folder, say)


def _quantisation(sources: Sources, size: Size, say: Say) -> dict[str, Any]:
    from benchmarks.candidates import quantisation

    _need("tensorflow", "tf2onnx", "onnx")
    _need_runs(sources.edge)
    say("ways to use 8 bits")
    return quantisation.compare(sources.edge)


def _faults(sources: Sources, size: Size, say: Say) -> dict[str, Any]:
    path = sources.runs / "faults.json"
    if not path.is_file():
        raise LeftOutError(f"{path} is not there; python -m benchmarks faults --out {path}")
    return read_document(path)


def _need(*modules: str) -> None:
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        raise LeftOutError(f"needs {', '.join(missing)}; pip install 'edge-digits[train,export]'")


def _need_runs(*folders: Path) -> None:
    from train.core.run_folder import MODEL_FILE

    missing = [str(folder) for folder in folders if not (folder / MODEL_FILE).is_file()]
    if missing:
        raise LeftOutError(f"no trained network in {' and '.join(missing)}; python -m train fit")


_MEASURES: Final[dict[str, Callable[[Sources, Size, Say], dict[str, Any]]]] = {
    "latency": _latency,
    "throughput": _throughput,
    "footprint": _footprint,
    "accuracy": _accuracy,
    "architectures": _architectures,
    "quantisation": _quantisation,
    "faults": _faults,
}
