"""Readers under one roof: ours with each shipped model, and other readers where they are installed."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.core.document import OURS
from edge_runtime import DigitModel, DigitReader, EdgeDigitsError, load_picture

_NO_STRIPS: Final = np.zeros((0, 28, 140), np.uint8)


@dataclass(frozen=True)
class Answer:
    """What a reader made of one picture.

    text: all digits it saw, in reading order without separators, however unsure.
    accepted: the same of the readings that it stands by, with its own threshold; empty when there are none.
    confidence: 0 to 1, of the least sure reading; None where there is none.
    strips: uint8 [N, 28, 140], what the network was shown; empty where the reader has none.
    error: why the picture could not be read.
    ms: milliseconds for the picture as the reader's users run it, loading included.
    """

    text: str = ""
    accepted: str = ""
    confidence: float | None = None
    strips: NDArray[np.uint8] = field(default_factory=lambda: _NO_STRIPS)
    error: str | None = None
    ms: float = 0.0


class Candidate(Protocol):
    """A reader to be measured; ``description`` has versions and hashes."""

    name: str
    description: dict[str, Any]

    def read(self, path: Path) -> Answer:
        """Read one picture; what is wrong with the picture is in the answer."""
        ...


class Ours:
    """The runtime with one of its models, first accepting everything, then at the threshold in the model."""

    def __init__(self, model: str) -> None:
        self.name = model
        self._model = _Recorder(model)
        self._all = DigitReader(self._model, min_confidence=0.0)
        self._shipped = DigitReader(self._model)
        self.description: dict[str, Any] = {
            "model": self._model.path.name,
            "sha256": self._model.sha256,
            "threshold": self._shipped.threshold,
            "temperature": self._model.spec.temperature,
        }

    def read(self, path: Path) -> Answer:
        """Read the picture twice, since the threshold decides between ways to cut a line."""
        self._model.seen.clear()
        try:
            readings = self._all.read(str(path))
            seen = list(self._model.seen)
            start = time.perf_counter()
            shipped = self._shipped.read(str(path))
            ms = _ms_since(start)
        except EdgeDigitsError as error:
            return Answer(error=str(error))
        return Answer(
            text="".join(reading.text for reading in readings),
            accepted="".join(reading.text for reading in shipped if reading.accepted),
            confidence=min((reading.confidence for reading in readings), default=None),
            strips=np.concatenate([strips.reshape(-1, 28, 140) for strips in seen]) if seen else _NO_STRIPS,
            ms=ms,
        )


class RapidOCR:
    """RapidOCR with its default settings; of its texts the digits count."""

    name = "RapidOCR"

    def __init__(self) -> None:
        from rapidocr_onnxruntime import RapidOCR as Engine

        self._engine = Engine()
        self.description: dict[str, Any] = {"version": version("rapidocr-onnxruntime"), "settings": "default"}

    def read(self, path: Path) -> Answer:
        """Read one picture, loaded as for our reader."""
        start = time.perf_counter()
        try:
            found, _ = self._engine(load_picture(str(path)).pixels)
        except Exception as error:  # another program's errors have no common root
            return Answer(error=f"{path}: {type(error).__name__}: {error}")
        texts = [_digits(text) for _, text, _ in found or []]
        scores = [float(score) for (_, _, score), text in zip(found or [], texts, strict=True) if text]
        return Answer("".join(texts), "".join(texts), min(scores, default=None), ms=_ms_since(start))


class Tesseract:
    """Tesseract as for one line of digits: ``--psm 7`` and a whitelist."""

    name = "Tesseract"
    _CONFIG: Final = "--psm 7 -c tessedit_char_whitelist=0123456789"

    def __init__(self) -> None:
        import pytesseract

        self._tesseract = pytesseract
        self.description: dict[str, Any] = {
            "version": str(pytesseract.get_tesseract_version()),
            "settings": self._CONFIG,
        }

    def read(self, path: Path) -> Answer:
        """Read one picture, loaded as for our reader."""
        start = time.perf_counter()
        try:
            pixels = load_picture(str(path)).pixels
            rgb = pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[:, :, ::-1])
            text = _digits(self._tesseract.image_to_string(rgb, config=self._CONFIG))
        except Exception as error:  # another program's errors have no common root
            return Answer(error=f"{path}: {type(error).__name__}: {error}")
        return Answer(text, text, ms=_ms_since(start))


def ours() -> list[Candidate]:
    """The reader with each model of the package; ``ModelError`` where one cannot be opened."""
    return [Ours(model) for model in OURS]


def installed_peers() -> list[Candidate]:
    """The other readers that this machine has."""
    peers: list[Candidate] = []
    if importlib.util.find_spec("rapidocr_onnxruntime"):
        peers.append(RapidOCR())
    if importlib.util.find_spec("pytesseract") and _runs("tesseract"):
        peers.append(Tesseract())
    return peers


class _Recorder(DigitModel):
    """A model that remembers the strips it was shown."""

    def __init__(self, model: str) -> None:
        super().__init__(model)
        self.seen: list[NDArray[np.uint8]] = []

    def probabilities(self, strips: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.seen.append(strips)
        return super().probabilities(strips)


def _ms_since(start: float) -> float:
    return (time.perf_counter() - start) * 1e3


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


def _runs(program: str) -> bool:
    if shutil.which(program) is None:
        return False
    return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0
