"""The run folder that training wrote: the network, how it was trained, and how well it read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge_runtime.core.errors import ModelError
from edge_runtime.recognition.strip import STRIP_VERSION
from train.core.errors import RunError
from train.core.run_folder import MODEL_FILE, read_json, read_lineage

from .graph import sha256

_DEFAULT_RECIPE: Final = "wild"


@dataclass(frozen=True)
class Run:
    """What the export takes from a run folder. ``config`` and ``evaluation`` are JSON documents.

    Where the run started from another's weights, that one's ``config`` is in this one's, under ``started_from``.
    """

    folder: Path
    config: Mapping[str, Any]
    evaluation: Mapping[str, Any]

    @property
    def network_path(self) -> Path:
        """The best weights, as Keras saved them."""
        return self.folder / MODEL_FILE

    @property
    def network_sha256(self) -> str:
        """Hash of the file that was exported."""
        return sha256(self.network_path.read_bytes())

    @property
    def recipe(self) -> str:
        """The recipe of the strips that the network was trained on."""
        return str(self.config.get("recipe", _DEFAULT_RECIPE))

    @property
    def calibration(self) -> dict[str, Any]:
        """Temperature and reject threshold, where the evaluation fitted them; else the contract's defaults hold."""
        fitted = {key: self.evaluation.get(key) for key in ("temperature", "reject_threshold")}
        return {key: value for key, value in fitted.items() if value is not None}


def open_run(folder: Path) -> Run:
    """Read a run folder.

    Raises ``RunError`` that names the file that is missing or broken and the command that makes it, or
    ``ModelError`` where the run's strips were of another version.
    """
    if not folder.is_dir():
        raise RunError(f"{folder}: no such run folder; train first, with python -m train fit --out {folder}")
    config = read_lineage(folder)
    evaluation = read_json(folder / "evaluation.json", f"python -m train evaluate {folder}")
    trained_on = config.get("strip_version", STRIP_VERSION)
    if trained_on != STRIP_VERSION:
        raise ModelError(
            f"{folder}: trained on strips of version {trained_on!r}, this runtime makes version {STRIP_VERSION}; "
            "train anew"
        )
    return Run(folder, portable(config), portable(evaluation))


def portable(value: Any) -> Any:
    """The document without the folders of the machine it was made on: of an absolute path the last part stays."""
    if isinstance(value, dict):
        return {key: portable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [portable(item) for item in value]
    if isinstance(value, str) and re.match(r"/[^/]|[A-Za-z]:\\|\\\\", value):
        return re.split(r"[/\\]", value.rstrip("/\\"))[-1]
    return value
