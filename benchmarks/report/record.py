"""The record: every published figure of one machine, in one JSON file, part by part.

A part is what one command of ``python -m benchmarks`` measured, with its own machine, versions, commit and date, so
that one part can be measured anew while the others stay.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.accuracy.candidates import OURS
from edge_runtime import DigitModel, ModelError

FORMAT: Final = 2
PARTS: Final = ("latency", "throughput", "footprint", "accuracy", "architectures", "quantisation", "faults")
_ORIGIN: Final = ("measured", "machine", "versions")  # what every part must say of itself
_OF_RUNS: Final = ("architectures", "quantisation")  # parts that measure networks of run folders, not the package

Record = Mapping[str, Any]


def slug(processor: str) -> str:
    """A processor's name as a file name: ``"AMD EPYC 7B13"`` -> ``"amd-epyc-7b13"``."""
    return re.sub(r"[^a-z0-9]+", "-", processor.lower()).strip("-") or "unknown"


def read_record(path: Path) -> dict[str, Any]:
    """A record; ``ModelError`` where the file is none, or of another format."""
    document = read_document(path)
    if document.get("format") != FORMAT or not isinstance(document.get("parts"), dict):
        raise ModelError(f"{path}: not a record of format {FORMAT}; python -m benchmarks all writes one")
    return document


def read_document(path: Path) -> dict[str, Any]:
    """A JSON object; ``ModelError`` where the file has none."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: cannot be read as JSON ({error}); run python -m benchmarks again") from error
    if not isinstance(document, dict):
        raise ModelError(
            f"{path}: a JSON {type(document).__name__}, expected the object that python -m benchmarks wrote"
        )
    return document


def new_record(models: Mapping[str, DigitModel], kept: Record | None, parts: Record) -> dict[str, Any]:
    """A record of the package's models with the measured parts; a part that was not measured is taken from ``kept``."""
    old = kept["parts"] if kept else {}
    both = {name: published(parts[name]) if name in parts else old.get(name) for name in PARTS}
    return {
        "format": FORMAT,
        "models": {name: model_figures(model) for name, model in models.items()},
        "parts": {name: part for name, part in both.items() if part is not None},
    }


def package_models() -> dict[str, DigitModel]:
    """The models in the package by name."""
    return {name: DigitModel(name) for name in OURS}


def model_figures(model: DigitModel) -> dict[str, Any]:
    """What a model file says of itself."""
    spec = model.spec
    return {
        "size_bytes": model.size_bytes,
        "sha256": model.sha256,
        "parameters": spec.training.get("parameters"),
        "temperature": spec.temperature,
        "reject_threshold": spec.reject_threshold,
        "accuracy": dict(spec.accuracy),
    }


def published(part: Mapping[str, Any]) -> dict[str, Any]:
    """A command's document without single pictures, and without the name of the machine's system."""
    missing = [key for key in _ORIGIN if key not in part]
    if missing:
        raise ModelError(f"a part of the record lacks {missing}; measure it with python -m benchmarks")
    machine = {key: value for key, value in part["machine"].items() if key != "system"}
    return {**{key: value for key, value in part.items() if key != "pictures"}, "machine": machine}


def stale_models(record: Record, name: str) -> list[str]:
    """The models of the package that a part was measured with in another version; such figures are history."""
    if name in _OF_RUNS:
        return []
    measured = measured_hashes(name, record["parts"][name])
    return [
        model for model, facts in record["models"].items() if measured.get(model, facts["sha256"]) != facts["sha256"]
    ]


def measured_hashes(name: str, part: Mapping[str, Any]) -> dict[str, str]:
    """sha256 of the models that a part was measured with, by model; what is not known is left out."""
    if name == "accuracy":
        return {reader: facts["sha256"] for reader, facts in part["readers"].items() if "sha256" in facts}
    if name == "latency":
        return {precision: facts["sha256"] for precision, facts in part["networks"]["edge"]["files"].items()}
    return dict(part.get("package_models", {}))
