"""Shared fixtures: a package of tiny models."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

import edge_runtime.recognition.model
from edge_runtime import ModelSpec
from edge_runtime.recognition.model_files import BUNDLED
from edge_runtime.recognition.strip import STRIP_VERSION
from tests.edge_runtime.recognition.tiny_model import write_model


@pytest.fixture
def package_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder like the package's, with the tiny model in the place of each."""
    sums = ""
    training = {"seed": 3, "started_from": {"seed": 1234567}}
    document = ModelSpec(name="tiny", strip_version=STRIP_VERSION, training=training).to_json()
    for name in BUNDLED.values():
        sums += f"{sha256(write_model(tmp_path / name, document).read_bytes()).hexdigest()}  {name}\n"
    (tmp_path / "SHA256SUMS").write_text(sums, "utf-8")
    (tmp_path / "MODEL_CARD.md").write_text("# The card\n\nReads numbers.\n\n## Data\n\nMuch.\n", "utf-8")
    monkeypatch.setattr(edge_runtime.recognition.model, "MODEL_FOLDER", tmp_path)
    return tmp_path
