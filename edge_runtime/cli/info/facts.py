"""What ``edge-digits info`` tells: this machine, the models, and which one is used; all of it JSON-safe."""

from __future__ import annotations

import os
from typing import Any, Final

import edge_runtime
from edge_runtime.core import machine
from edge_runtime.recognition import contract
from edge_runtime.recognition.model_files import BUNDLED

VARIABLES: Final = ("EDGE_DIGITS_MODEL", "EDGE_DIGITS_THREADS", "EDGE_DIGITS_PROVIDERS", "ORT_DISABLE_TELEMETRY")
"""Environment variables that change how numbers are read, or what ONNX Runtime does beside it."""

_CARDS: Final = {"fp32": "MODEL_CARD.md", "int8": "MODEL_CARD.md", "second-look": "MODEL_CARD-second-look.md"}


def all_facts() -> dict[str, Any]:
    """Everything, with the models of the package and the one in use; ``error`` stands for what cannot be opened."""
    environment = {name: os.environ[name] for name in VARIABLES if name in os.environ}  # before we set one ourselves
    in_use = edge_runtime.DigitModel()
    models = [*map(edge_runtime.DigitModel, BUNDLED), *([] if in_use.bundled else [in_use])]
    return {
        "edge-digits": edge_runtime.__version__,
        "versions": machine.versions(),
        "processor": machine.processor(),
        "contract": _contract(),
        "models": {model.name: _facts_or_error(model) for model in models},
        "auto": {"model": edge_runtime.DigitModel("auto").name, "reason": _reason()},
        "in use": in_use.name,
        "environment": environment,
        "model card": _summary(),
    }


def model_facts(model: edge_runtime.DigitModel) -> dict[str, Any]:
    """What a model's file says of itself; raises ``ModelError`` or ``DependencyError`` where it cannot be opened."""
    spec = model.spec
    return {
        "file": model.path.name,
        "bytes": model.size_bytes,
        "sha256": model.sha256,
        "name": spec.name,
        "strip version": spec.strip_version,
        "temperature": spec.temperature,
        "reject threshold": spec.reject_threshold,
        "accuracy": dict(spec.accuracy),
        # The runs that it started from, and versions, are in the model file and its card.
        "training": {key: value for key, value in spec.training.items() if not isinstance(value, dict)},
    }


def model_card(model: edge_runtime.DigitModel) -> str | None:
    """The card of a model of the package, as Markdown; None for other models, and where the card is missing."""
    if not model.bundled:
        return None
    try:
        return model.path.with_name(_CARDS[model.name]).read_text("utf-8").strip()
    except OSError:
        return None


def _facts_or_error(model: edge_runtime.DigitModel) -> dict[str, Any]:
    try:
        return model_facts(model)
    except (edge_runtime.ModelError, edge_runtime.OptionError, edge_runtime.DependencyError) as error:
        return {"error": str(error)}


def _contract() -> dict[str, Any]:
    strip = f"{contract.INPUT_NAME}: uint8 [N, {contract.STRIP_HEIGHT}, {contract.STRIP_WIDTH}, 1], ink bright on dark"
    heads = f"{contract.OUTPUT_NAMES[0]} to {contract.OUTPUT_NAMES[-1]}: float32 [N, {contract.CLASSES}]"
    classes = f"0-9 and {contract.BLANK} = blank, padded on the left"
    return {"version": contract.CONTRACT_VERSION, "input": strip, "outputs": heads, "classes": classes}


def _reason() -> str:
    """Why ``auto`` takes the model that it takes."""
    if machine.multiplies_bytes():
        return "this processor has dot products of 8-bit numbers, with which int8 is faster"
    return "this processor has no dot products of 8-bit numbers that the system tells of, so fp32 is faster"


def _summary() -> str:
    """The card's head: all before its second heading."""
    card = model_card(edge_runtime.DigitModel("fp32"))
    if card is None:
        return "none in the package"
    title, _, rest = card.partition("\n")
    return " ".join(f"{title.lstrip('# ')}: {rest.partition(chr(10) + '#')[0]}".split())
