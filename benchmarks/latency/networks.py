"""The networks that are compared: the Keras model of a training run where there is one, and ONNX files by precision."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.core.document import OURS
from edge_runtime import DigitModel
from train.core.run_folder import MODEL_FILE
from train.synthesis.strips import make_strips

from .runtimes import Strips

COMPARED_STRIPS: Final = 512
COMPARED_SEED: Final = 41_004
COMPARED: Final = f"{COMPARED_STRIPS} strips of validation digits, notebook recipe, seed {COMPARED_SEED}"
_NAMES: Final = ("edge", "notebook")  # run folders: the product's network, then the published one
_MODULES: Final = ("tensorflow", "tf2onnx", "onnx")  # what a training run is opened with


@dataclass(frozen=True)
class Network:
    """One network. name: its part in the comparison; source: its run folder's name, or ``package``.

    paths: ONNX files by precision; model: the Keras model and recipe: its training strips, where there is a run.
    """

    name: str
    source: str
    paths: Mapping[str, Path]
    model: Any = None
    recipe: str = ""

    @cached_property
    def files(self) -> dict[str, bytes]:
        """Contents of the ONNX files by precision."""
        return {precision: path.read_bytes() for precision, path in self.paths.items()}

    def facts(self) -> dict[str, Any]:
        """What the record says of it."""
        models = {precision: DigitModel(path) for precision, path in self.paths.items()}
        spec = models["fp32"].spec
        return {
            "run": self.source,
            "parameters": spec.training.get("parameters"),
            "files": {name: {"size_bytes": item.size_bytes, "sha256": item.sha256} for name, item in models.items()},
            "accuracy": {
                name: {key: figures[key] for key in ("strips", "heads_mean", "whole_string") if key in figures}
                for name, figures in spec.accuracy.get("evaluation", {}).items()
            },
        }

    def calibration(self) -> Strips:
        """The strips that our own export takes its ranges from, uint8 [N, 28, 140, 1]."""
        from export.data import CALIBRATION_COUNT, CALIBRATION_SEED

        strips, _ = make_strips(self.recipe, "train", CALIBRATION_COUNT, CALIBRATION_SEED)
        return np.ascontiguousarray(strips[..., None])


def open_networks(runs: Path) -> tuple[list[Network], list[str]]:
    """The networks of the run folders, and what is left out with the reason.

    Without its exported run, or without TensorFlow, the product's network is that of the package, in the runtimes that
    read ONNX files; the published one is left out then. Raises ``RunError`` where a run is not whole.
    """
    networks, left_out = [], []
    missing = [module for module in _MODULES if importlib.util.find_spec(module) is None]
    for name in _NAMES:
        if missing:
            reason = f"{', '.join(missing)} not installed"
        elif not (runs / name / MODEL_FILE).is_file():
            reason = f"no trained network in the run folder {name}; python -m train fit makes one"
        elif (network := _open_run(name, runs / name)) is not None:
            networks.append(network)
            continue
        else:
            reason = f"no export of this network in the run folder {name}; python -m export makes one"
        is_product = name == _NAMES[0]
        left_out.append(f"{name}{' in Keras, tf.function, XLA, LiteRT' if is_product else ''}: {reason}")
        if is_product:
            networks.append(Network(name, "package", {precision: DigitModel(precision).path for precision in OURS}))
    return networks, left_out


def compared_strips() -> Strips:
    """The strips that contenders must agree on and are timed with, uint8 [512, 28, 140, 1]; the same at every call."""
    strips, _ = make_strips("notebook", "validation", COMPARED_STRIPS, COMPARED_SEED)
    return np.ascontiguousarray(strips[..., None])


def _open_run(name: str, folder: Path) -> Network | None:
    """None where the exported files are missing, or were made of other weights."""
    from export import convert
    from export.pipeline import FP32_FILE, INT8_FILE
    from export.run_folder import open_run

    run = open_run(folder)
    paths = {"fp32": folder / "export" / FP32_FILE, "int8": folder / "export" / INT8_FILE}
    for path in paths.values():
        if not path.is_file() or DigitModel(path).spec.hashes.get("network") != run.network_sha256:
            return None
    return Network(name, folder.resolve().name, paths, convert.load_network(run.network_path), run.recipe)
