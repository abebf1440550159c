"""The JSON document that a benchmark writes, and what each begins with: when, with what, of which commit, and where."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from edge_runtime import DigitModel, ModelError, __version__
from edge_runtime.core import machine

Document = Mapping[str, Any]
"""JSON-safe; names carry units."""

OURS: Final = ("fp32", "int8")  # the package's models that are measured
REPOSITORY: Final = Path(__file__).resolve().parents[2]
_PACKAGES: Final = ("tensorflow", "keras", "onnx", "openvino", "ai-edge-litert", "rapidocr-onnxruntime")
_BUSY: Final = 0.5  # load of the system for each processor before the run, from which on it is called busy


def head(part: str) -> dict[str, Any]:
    """What every document begins with. part: the benchmark's name."""
    return {
        "part": part,
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "edge_digits": __version__,
        "commit": commit(),
        "package_models": {name: DigitModel(name).sha256 for name in OURS},
        "machine": machine.processor(),
        "versions": machine.versions() | machine.installed_versions(_PACKAGES),
    }


def commit() -> str | None:
    """The working copy's commit, with ``+changes`` where the product differs from it; None outside of git."""
    git = ["git", "-C", str(REPOSITORY)]
    commands = [[*git, "rev-parse", "--short", "HEAD"], [*git, "status", "--porcelain", "--", "edge_runtime"]]
    try:
        name, changes = (
            subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.strip()
            for command in commands
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return f"{name}+changes" if changes else name


def load_warning() -> list[str]:
    """A warning where the system is busy already; to be asked before the measurement."""
    if not hasattr(os, "getloadavg"):
        return []
    load, processors = os.getloadavg()[0], machine.processor()["processors"]
    if load <= _BUSY * processors:
        return []
    return [f"the machine was busy before the run: load {load:.1f} on {processors} processors; times are too long"]


def machine_line(document: Document) -> str:
    """Processor and number of processors of the machine that a document was measured on."""
    processor = document["machine"]
    return f"{processor['name']}, {processor['processors']} processors"


def paragraphs(document: Document, parts: Iterable[str]) -> str:
    """A document's tables, then what was left out and warned of; empty parts are skipped."""
    remarks = [
        "".join(f"left out: {reason}\n" for reason in document["left_out"]),
        "".join(f"warning: {warning}\n" for warning in document["warnings"]),
    ]
    return "\n".join(part for part in (*parts, *remarks) if part)


def write_document(path: Path, document: Document) -> None:
    """Write a JSON document, and make its folder where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n", "utf-8")


def read_document(path: Path) -> dict[str, Any]:
    """A JSON object; ``ModelError`` where the file has none."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: cannot be read as JSON ({error}); run python -m benchmarks again") from error
    if not isinstance(document, dict):
        kind = type(document).__name__
        raise ModelError(f"{path}: a JSON {kind}, expected the object that python -m benchmarks wrote")
    return document
