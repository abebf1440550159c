"""The networks that are compared, each from its training run: the Keras model, its ONNX files, its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge_runtime import DigitModel
from export import convert
from export.card import card_file, write_card
from export.data import CALIBRATION_COUNT, CALIBRATION_SEED
from export.graph import sha256
from export.install import write
from export.pipeline import FP32_FILE, INT8_FILE, export
from export.run_folder import Run, open_run
from train.synthesis.strips import make_strips

from .runtimes import Strips

COMPARED_STRIPS: Final = 512
COMPARED_SEED: Final = 41_004
COMPARED: Final = f"{COMPARED_STRIPS} strips of validation digits, notebook recipe, seed {COMPARED_SEED}"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Network:
    """One network. name: its part in the comparison, ``edge`` or ``notebook``; paths: its ONNX files by precision."""

    name: str
    run: Run
    model: Any
    paths: Mapping[str, Path]

    @cached_property
    def files(self) -> dict[str, bytes]:
        """Contents of the ONNX files by precision."""
        return {precision: path.read_bytes() for precision, path in self.paths.items()}

    def facts(self) -> dict[str, Any]:
        """What the record says of it."""
        sets = self.run.evaluation.get("sets", {})
        return {
            "run": self.run.folder.resolve().name,
            "parameters": int(self.model.count_params()),
            "files": {
                precision: {"size_bytes": len(content), "sha256": sha256(content)}
                for precision, content in self.files.items()
            },
            "accuracy": {
                name: {key: figures[key] for key in ("strips", "heads_mean", "whole_string") if key in figures}
                for name, figures in sets.items()
            },
        }

    def calibration(self) -> Strips:
        """The strips that our own export takes its ranges from, uint8 [N, 28, 140, 1]."""
        strips, _ = make_strips(self.run.recipe, "train", CALIBRATION_COUNT, CALIBRATION_SEED)
        return np.ascontiguousarray(strips[..., None])


def open_network(name: str, folder: Path, say: Say) -> Network:
    """Open a run folder. Files that ``python -m export`` left there are taken, others are exported now.

    Raises ``ModelError`` where the run is not whole or its export does not pass the gates.
    """
    run = open_run(folder)
    paths = _exported(run)
    if not paths:
        say(f"{name}: no export of this network in {run.folder / 'export'} yet, exporting")
        made = export(run, say)
        write(run.folder / "export", made.files, card_file(made), write_card(made))
        paths = _exported(run)
    return Network(name, run, convert.load_network(run.network_path), paths)


def compared_strips() -> Strips:
    """The strips that contenders must agree on and are timed with, uint8 [512, 28, 140, 1]; the same at every call."""
    strips, _ = make_strips("notebook", "validation", COMPARED_STRIPS, COMPARED_SEED)
    return np.ascontiguousarray(strips[..., None])


def _exported(run: Run) -> dict[str, Path]:
    """The run's ONNX files by precision; none where one is missing or was made of other weights."""
    paths = {"fp32": run.folder / "export" / FP32_FILE, "int8": run.folder / "export" / INT8_FILE}
    is_current = [path.is_file() and _network_sha256(path) == run.network_sha256 for path in paths.values()]
    return paths if all(is_current) else {}


def _network_sha256(path: Path) -> str | None:
    return DigitModel(path).spec.hashes.get("network")
