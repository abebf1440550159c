"""Shared fixtures: a tiny model, readers on it, and a clean environment."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from tiny_model import write_model

from edge_runtime import DigitModel, DigitReader


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EDGE_DIGITS_MODEL", "EDGE_DIGITS_THREADS", "EDGE_DIGITS_PROVIDERS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def tiny_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model") / "tiny.onnx")


@pytest.fixture(scope="session")
def tiny_model(tiny_path: Path) -> DigitModel:
    return DigitModel(tiny_path)


@pytest.fixture(scope="session")
def tiny_reader(tiny_model: DigitModel) -> DigitReader:
    return DigitReader(tiny_model)


@pytest.fixture(scope="session")
def page() -> np.ndarray:
    """White paper with one black number on it, uint8 [240, 320, 3] BGR."""
    paper = np.full((240, 320, 3), 255, np.uint8)
    cv2.putText(paper, "314", (60, 150), cv2.FONT_HERSHEY_SIMPLEX, 3, (0, 0, 0), 8)
    return paper


@pytest.fixture(scope="session")
def page_png(page: np.ndarray) -> bytes:
    return cv2.imencode(".png", page)[1].tobytes()
