"""The record: every published figure of one machine, in one JSON file, part by part.

A part is the document of one command of ``python -m benchmarks``, with its own machine, versions, commit and date, so
that one part can be measured anew while the others stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.core.document import OURS, Document, read_document
from edge_runtime import DigitModel, ModelError

FORMAT: Final = 3
PARTS: Final = ("accuracy", "latency", "throughput", "footprint")
_ORIGIN: Final = ("part", "measured", "machine", "versions", "package_models")  # what every part must say of itself
_NOT_PUBLISHED: Final = ("pictures",)  # answers to single pictures
_NOT_OF_A_MACHINE: Final = ("system",)


def slug(processor: str) -> str:
    """A processor's name as a file name: ``"AMD EPYC 7B13"`` -> ``"amd-epyc-7b13"``."""
    return re.sub(r"[^a-z0-9]+", "-", processor.lower()).strip("-") or "unknown"


def read_parts(path: Path) -> dict[str, dict[str, Any]]:
    """The parts of a record, or the one that a command of ``python -m benchmarks`` wrote; ``ModelError`` otherwise."""
    document = read_document(path)
    if document.get("part") in PARTS:
        return {document["part"]: document}
    if document.get("format") != FORMAT or not isinstance(document.get("parts"), dict):
        raise ModelError(f"{path}: neither a record of format {FORMAT} nor the document of one of {', '.join(PARTS)}")
    return dict(document["parts"])


def new_record(parts: Mapping[str, Document]) -> dict[str, Any]:
    """These parts, and what the package's models say of themselves; ``ModelError`` where a part lacks its origin."""
    models = {name: DigitModel(name) for name in OURS}
    return {
        "format": FORMAT,
        "models": {
            name: {
                "size_bytes": model.size_bytes,
                "sha256": model.sha256,
                "parameters": model.spec.training.get("parameters"),
                "accuracy": dict(model.spec.accuracy),
            }
            for name, model in models.items()
        },
        "parts": {name: _published(name, parts[name]) for name in PARTS if name in parts},
    }


def stale_models(record: Document, name: str) -> list[str]:
    """The package's models of which a part measured another version; its figures are history."""
    part = record["parts"][name]
    measured = part["package_models"]
    if name == "latency":
        measured = {precision: facts["sha256"] for precision, facts in part["networks"]["edge"]["files"].items()}
    return [
        model for model, facts in record["models"].items() if measured.get(model, facts["sha256"]) != facts["sha256"]
    ]


def _published(name: str, part: Document) -> dict[str, Any]:
    missing = [key for key in _ORIGIN if key not in part]
    if missing or part["part"] != name:
        raise ModelError(f"part {name} of the record lacks {missing or 'its name'}; measure it: python -m benchmarks")
    machine = {key: value for key, value in part["machine"].items() if key not in _NOT_OF_A_MACHINE}
    return {**{key: value for key, value in part.items() if key not in _NOT_PUBLISHED}, "machine": machine}
