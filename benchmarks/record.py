"""``python -m benchmarks record``: the measured figures that are published, in one file, and README's tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from edge_runtime import DigitModel, ModelError, __version__, machine

from . import footprint
from .candidates import OURS
from .readme import FIGURES, README, render, replace_block
from .report import write_document

_JSON_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_ACCURACY_KEYS: Final = (
    "folder",
    "reader",
    "numbers",
    "empties",
    "exact",
    "digit_accuracy",
    "coverage",
    "error",
    "false_answers",
    "median_ms",
)
_LATENCY_KEYS: Final = (
    "network",
    "runtime",
    "precision",
    "threads",
    "batch",
    "calls",
    "p50_us",
    "p90_us",
    "p99_us",
    "unstable",
    "against_keras_predict",
    "against_onnx_fp32",
)


@click.command()
@click.option("--accuracy", type=_JSON_FILE, required=True, help="accuracy.json of python -m benchmarks accuracy.")
@click.option("--latency", type=_JSON_FILE, required=True, help="The file of python -m benchmarks latency.")
def record(accuracy: Path, latency: Path) -> None:
    """Gather the figures into benchmarks/results/figures.json and write README's tables from it.

    Both files must have been measured with the models in the package. The wheel is built and fresh processes are
    started for what remains. Of the pictures nothing but counts is kept.

    \b
    Example:
      python -m benchmarks record --accuracy runs/accuracy/accuracy.json --latency runs/latency.json
    """  # noqa: D301 click reads the control character
    models = {name: DigitModel(name) for name in OURS}
    measured_accuracy, measured_latency = _read(accuracy), _read(latency)
    check_models(models, measured_accuracy, measured_latency)
    click.echo("record: fresh processes, wheel", err=True)
    figures = gather(models, measured_accuracy, measured_latency)
    figures["footprint"] = {"first_reading": asdict(footprint.first_reading()), "wheel_bytes": footprint.wheel_bytes()}
    write_document(FIGURES, figures)
    block = render(figures)
    README.write_text(replace_block(README.read_text("utf-8"), block), "utf-8")
    click.echo(block, nl=False)
    click.echo(f"record: written to {FIGURES.name} and {README.name}", err=True)


def check_models(models: Mapping[str, DigitModel], accuracy: Mapping[str, Any], latency: Mapping[str, Any]) -> None:
    """Raise ``ModelError`` where a file was measured with other models than those of the package."""
    measured = {
        "accuracy": {name: accuracy["readers"].get(name, {}).get("sha256") for name in models},
        "latency": {name: latency["networks"]["edge"]["files"].get(name, {}).get("sha256") for name in models},
    }
    for command, hashes in measured.items():
        for name, model in models.items():
            if hashes[name] != model.sha256:
                raise ModelError(
                    f"{command} was measured with {name} of sha256 {hashes[name]}, the package has {model.sha256}; "
                    f"run python -m benchmarks {command} again"
                )


def gather(models: Mapping[str, DigitModel], accuracy: Mapping[str, Any], latency: Mapping[str, Any]) -> dict[str, Any]:
    """The figures without names of pictures, texts, or folders of the machine."""
    return {
        "recorded": datetime.now(UTC).isoformat(timespec="seconds"),
        "edge_digits": __version__,
        "machine": {key: value for key, value in machine.processor().items() if key != "system"},
        "measured": {"accuracy": accuracy["measured"], "latency": latency["measured"]},
        "versions": latency["versions"],
        "models": {name: _model_figures(model) for name, model in models.items()},
        "readers": {
            name: {key: description[key] for key in ("version", "settings") if key in description}
            for name, description in accuracy["readers"].items()
            if name not in models
        },
        "pictures": [{key: row[key] for key in _ACCURACY_KEYS} for row in accuracy["figures"]],
        "networks": latency["networks"],
        "latency": [{key: row[key] for key in _LATENCY_KEYS} for row in latency["latency"]],
        "product": latency["product"],
        "limit": latency["limit"],
        "method": latency["method"],
        "warnings": latency["warnings"],
    }


def _model_figures(model: DigitModel) -> dict[str, Any]:
    spec = model.spec
    return {
        "size_bytes": model.size_bytes,
        "sha256": model.sha256,
        "parameters": spec.training.get("parameters"),
        "temperature": spec.temperature,
        "reject_threshold": spec.reject_threshold,
        "accuracy": dict(spec.accuracy),
    }


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: cannot be read as JSON ({error}); run python -m benchmarks again") from error
    if not isinstance(document, dict):
        raise ModelError(
            f"{path}: a JSON {type(document).__name__}, expected the object that python -m benchmarks wrote"
        )
    return document
