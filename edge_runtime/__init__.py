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

from .contract import ModelSpec
from .errors import DependencyError, EdgeDigitsError, ImageError, ModelError, OutputError, SourceError

if TYPE_CHECKING:
    from .batch import read_files
    from .decode import Reading
    from .draw import draw_readings
    from .folders import find_files
    from .frames import open_frames
    from .images import Picture, load_picture
    from .live import LiveResult
    from .model import DigitModel
    from .plausible import Plausible
    from .reader import DigitReader
    from .rows import Row
    from .track import Event, Number, Tracker

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
    "load_picture",
    "open_frames",
    "read_files",
]

_ROOM_OF = {
    "DigitModel": "model",
    "DigitReader": "reader",
    "Event": "track",
    "LiveResult": "live",
    "Number": "track",
    "Picture": "images",
    "Plausible": "plausible",
    "Reading": "decode",
    "Row": "rows",
    "Tracker": "track",
    "draw_readings": "draw",
    "find_files": "folders",
    "load_picture": "images",
    "open_frames": "frames",
    "read_files": "batch",
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
