"""One interface to all readers: ours with each shipped model, and other readers where they are installed."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.core.document import OURS
from edge_runtime import DigitReader, EdgeDigitsError, Trace, load_picture

_NO_STRIPS: Final = np.zeros((0, 28, 140), np.uint8)
_TESSERACT: Final = "--psm 7 -c tessedit_char_whitelist=0123456789"

Engine = Callable[[NDArray[np.uint8]], tuple[str, float | None]]
"""From pixels to a text, and the confidence of its least sure part where there is one."""


@dataclass(frozen=True)
class Answer:
    """What a reader made of one picture.

    text: all digits it saw, in reading order without separators, however unsure.
    accepted: the same of the readings that it stands by, with its own threshold; empty when there are none.
    confidence: 0 to 1, of the least sure reading; None where there is none.
    strips: uint8 [N, 28, 140], what the first network was shown, without changed views; empty where there is none.
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
    """The runtime with one of its models, as it is shipped."""

    def __init__(self, model: str) -> None:
        self.name = model
        self._reader = DigitReader(model)
        self.description: dict[str, Any] = {
            "model": self._reader.model.path.name,
            "sha256": self._reader.model.sha256,
            "threshold": self._reader.threshold,
            "temperature": self._reader.spec.temperature,
        }

    def read(self, path: Path) -> Answer:
        """Read the picture twice: once to see what the network was shown, once for the time."""
        trace = Trace()
        try:
            self._reader.read(str(path), trace)
            start = time.perf_counter()
            readings = self._reader.read(str(path))
            ms = _ms_since(start)
        except EdgeDigitsError as error:
            return Answer(error=str(error))
        shown = [item.strip for item in trace.strips if item.view == 0 and item.model == self._reader.model.name]
        return Answer(
            text="".join(reading.text for reading in readings),
            accepted="".join(reading.text for reading in readings if reading.accepted),
            confidence=min((reading.confidence for reading in readings), default=None),
            strips=np.stack(shown) if shown else _NO_STRIPS,
            ms=ms,
        )


class Peer:
    """Another reader with fixed settings; of its text the digits count."""

    def __init__(self, name: str, description: dict[str, Any], engine: Engine) -> None:
        self.name = name
        self.description = description
        self._engine = engine

    def read(self, path: Path) -> Answer:
        """Read one picture, loaded as for our reader."""
        start = time.perf_counter()
        try:
            text, confidence = self._engine(load_picture(str(path)).pixels)
        except Exception as error:  # another program's errors have no common root
            return Answer(error=f"{path}: {type(error).__name__}: {error}")
        ms = _ms_since(start)
        digits = re.sub("[^0-9]", "", text)
        return Answer(digits, digits, confidence if digits else None, ms=ms)


def rapidocr() -> Peer:
    """RapidOCR with its default settings."""
    from rapidocr_onnxruntime import RapidOCR

    engine = RapidOCR()

    def read(pixels: NDArray[np.uint8]) -> tuple[str, float | None]:
        found, _ = engine(pixels)
        scores = [float(score) for _, text, score in found or [] if re.search("[0-9]", text)]
        return "".join(text for _, text, _ in found or []), min(scores, default=None)

    return Peer("RapidOCR", {"version": version("rapidocr-onnxruntime"), "settings": "default"}, read)


def tesseract() -> Peer:
    """Tesseract as for one line of digits: ``--psm 7`` and a whitelist."""
    import pytesseract

    def read(pixels: NDArray[np.uint8]) -> tuple[str, None]:
        rgb = pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[:, :, ::-1])
        return pytesseract.image_to_string(rgb, config=_TESSERACT), None

    return Peer("Tesseract", {"version": str(pytesseract.get_tesseract_version()), "settings": _TESSERACT}, read)


def ours() -> list[Candidate]:
    """The reader with each model of the package; ``ModelError`` where one cannot be opened."""
    return [Ours(model) for model in OURS]


def installed_peers() -> list[Candidate]:
    """The other readers that this machine has."""
    peers: list[Candidate] = []
    if importlib.util.find_spec("rapidocr_onnxruntime"):
        peers.append(rapidocr())
    if importlib.util.find_spec("pytesseract") and _runs("tesseract"):
        peers.append(tesseract())
    return peers


def _ms_since(start: float) -> float:
    return (time.perf_counter() - start) * 1e3


def _runs(program: str) -> bool:
    if shutil.which(program) is None:
        return False
    return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0
