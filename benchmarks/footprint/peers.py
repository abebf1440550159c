"""Other runtimes and readers beside the product in the footprint, as far as they are installed here."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.core.dataset import Sample
from benchmarks.core.options import Say
from benchmarks.latency.runtimes import LITERT, litert_models
from edge_runtime.recognition.contract import decode_classes

from . import fresh
from .fresh import Program
from .installed import package_bytes

TENSORFLOW: Final = "TensorFlow"
RAPIDOCR: Final = "RapidOCR"
PACKAGES: Final = {TENSORFLOW: "tensorflow", LITERT: "ai-edge-litert", RAPIDOCR: "rapidocr-onnxruntime"}
_MODULES: Final = {TENSORFLOW: "tensorflow", LITERT: "ai_edge_litert", RAPIDOCR: "rapidocr_onnxruntime"}
_STRIP_SEED: Final = 62_001
_CALIBRATION_STRIPS: Final = 100  # size and speed of an int8 file do not depend on the ranges in it


@dataclass
class Peers:
    """programs: ready to start; models: bytes by name; left_out: what does not take part, with the reason."""

    programs: list[Program] = field(default_factory=list)
    models: dict[str, int] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def prepare(scratch: Path, notebook: Path, sample: Sample, say: Say) -> Peers:
    """Programs and models of all that is installed.

    scratch: a folder for files that the programs read; notebook: run folder of the published network; sample: for
    whole readers.
    """
    from train.synthesis.strips import make_strips

    peers = Peers(left_out=[f"{name}: not installed" for name in PACKAGES if not is_installed(name)])
    strips, labels = make_strips("notebook", "validation", 1, _STRIP_SEED)
    strip, digits = scratch / "strip.npy", decode_classes(labels[0].tolist())
    np.save(strip, strips[0])
    peers.programs.append(fresh.edge_digits_strip(strip, digits))
    _add_networks(peers, scratch, notebook, strip, digits, say)
    if is_installed(RAPIDOCR):
        peers.programs.append(fresh.rapidocr(sample.path, sample.truth))
        peers.models[f"{RAPIDOCR}, its three models"] = package_bytes(distribution(PACKAGES[RAPIDOCR]), ".onnx")
    return peers


def is_installed(name: str) -> bool:
    """One of ``PACKAGES``, in this interpreter."""
    return importlib.util.find_spec(_MODULES[name]) is not None


def _add_networks(peers: Peers, scratch: Path, notebook: Path, strip: Path, digits: str, say: Say) -> None:
    """The published network in Keras and LiteRT; its files are made anew, without the optimizer's state."""
    if not is_installed(TENSORFLOW):
        if is_installed(LITERT):
            peers.left_out.append(f"{LITERT}: needs TensorFlow to convert the network")
        return
    from train.core.run_folder import MODEL_FILE
    from train.model.network import load
    from train.synthesis.strips import make_strips

    if not (notebook / MODEL_FILE).is_file():
        peers.left_out.append(f"{TENSORFLOW}, {LITERT}: no trained network in the run folder; python -m train fit")
        return
    say("the published network as Keras file")
    model: Any = load(notebook)
    run = scratch / "notebook"
    run.mkdir()
    model.save(run / MODEL_FILE)
    peers.programs.append(fresh.keras_predict(strip, digits, run))
    peers.models["notebook, Keras"] = (run / MODEL_FILE).stat().st_size
    if not is_installed(LITERT):
        return
    say("the published network as LiteRT files")
    calibration, _ = make_strips("notebook", "train", _CALIBRATION_STRIPS, _STRIP_SEED)
    for precision, content in litert_models(model, np.ascontiguousarray(calibration[..., None])).items():
        path = scratch / f"notebook-{precision}.tflite"
        path.write_bytes(content)
        peers.programs.append(fresh.litert(strip, digits, precision, path))
        peers.models[f"notebook, LiteRT {precision}"] = len(content)
