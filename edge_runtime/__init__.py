"""Read short numbers, handwritten or printed, from pictures and camera frames on a small processor.

    from edge_runtime import DigitReader
    reader = DigitReader()
    for reading in reader.read("page.jpg"):
        print(reading.text, reading.confidence, reading.box)

The names are loaded when they are first used: importing the package is quick, and where OpenCV or
ONNX Runtime cannot be loaded, the first use raises ``DependencyError`` and says what to install.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from edge_runtime.core.errors import (
    DependencyError,
    EdgeDigitsError,
    ImageError,
    ModelError,
    OutputError,
    SourceError,
)
from edge_runtime.recognition.contract import ModelSpec

if TYPE_CHECKING:
    from edge_runtime.batch.rows import Row
    from edge_runtime.batch.run import read_files
    from edge_runtime.images.annotate import draw_readings
    from edge_runtime.images.files import find_files
    from edge_runtime.images.load import Picture, load_picture
    from edge_runtime.images.pages import load_pages
    from edge_runtime.recognition.decode import Reading
    from edge_runtime.recognition.model import DigitModel
    from edge_runtime.video.rules import Plausible
    from edge_runtime.video.sources import open_frames
    from edge_runtime.video.stream import LiveResult
    from edge_runtime.video.tracker import Event, Number, Tracker

    from .reader import DigitReader

__version__ = "0.1.0"

__all__ = [
    "DependencyError",
    "DigitModel",
    "DigitReader",
    "EdgeDigitsError",
    "Event",
    "ImageError",
    "LiveResult",
    "ModelError",
    "ModelSpec",
    "Number",
    "OutputError",
    "Picture",
    "Plausible",
    "Reading",
    "Row",
    "SourceError",
    "Tracker",
    "__version__",
    "draw_readings",
    "find_files",
    "load_pages",
    "load_picture",
    "open_frames",
    "read_files",
]

_ROOM_OF = {
    "DigitModel": "recognition.model",
    "DigitReader": "reader",
    "Event": "video.tracker",
    "LiveResult": "video.stream",
    "Number": "video.tracker",
    "Picture": "images.load",
    "Plausible": "video.rules",
    "Reading": "recognition.decode",
    "Row": "batch.rows",
    "Tracker": "video.tracker",
    "draw_readings": "images.annotate",
    "find_files": "images.files",
    "load_pages": "images.pages",
    "load_picture": "images.load",
    "open_frames": "video.sources",
    "read_files": "batch.run",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its module on first use (PEP 562)."""
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_ROOM_OF[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
