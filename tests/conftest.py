"""Shared fixtures: a tiny model, readers on it, and a clean environment."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result

import edge_runtime
from edge_runtime import DigitModel, DigitReader
from edge_runtime.cli.main import main
from tests.edge_runtime.recognition.tiny_model import write_model

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EDGE_DIGITS_MODEL", "EDGE_DIGITS_THREADS", "EDGE_DIGITS_PROVIDERS"):
        monkeypatch.delenv(name, raising=False)
    root = str(Path(edge_runtime.__file__).parents[1])  # for the processes that a test starts
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([root, *os.environ.get("PYTHONPATH", "").split(os.pathsep)]))


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


@pytest.fixture
def run(tiny_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``edge-digits`` with these arguments on the tiny model."""
    monkeypatch.setenv("EDGE_DIGITS_MODEL", str(tiny_path))
    try:
        runner = CliRunner(mix_stderr=False)  # type: ignore[call-arg]
    except TypeError:  # click 8.2 and later always keep the two apart
        runner = CliRunner()
    return lambda *arguments: runner.invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def picture(tmp_path: Path, page_png: bytes) -> Path:
    path = tmp_path / "page.png"
    path.write_bytes(page_png)
    return path


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    path = tmp_path / "blank.png"
    path.write_bytes(cv2.imencode(".png", np.full((60, 80), 255, np.uint8))[1].tobytes())
    return path


@pytest.fixture
def broken(tmp_path: Path, page_png: bytes) -> Path:
    path = tmp_path / "broken.png"
    path.write_bytes(page_png[: len(page_png) // 2])
    return path


def one_line(text: str) -> str:
    """The text, which must be a single line."""
    (line,) = text.splitlines()
    return line


def drawn_green(picture: np.ndarray, tolerance: int = 4) -> np.ndarray:
    """Where a BGR picture has the green that marks what is accepted, bool [H, W]."""
    return np.asarray(np.abs(picture.astype(int) - (60, 170, 0)).max(axis=2) <= tolerance)
