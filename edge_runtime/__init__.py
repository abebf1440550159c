"""Read short numbers, handwritten or printed, from pictures and camera frames on a small processor.

    from edge_runtime import DigitReader
    reader = DigitReader()
    for reading in reader.read("samples/two.jpg"):
        print(reading.text, reading.confidence, reading.box)

The names are loaded when they are first used: importing the package is quick and changes nothing in the
process, and where OpenCV or ONNX Runtime cannot be loaded, the first use raises ``DependencyError`` and
says what to install.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:  # for type checkers, which cannot follow the table below
    from .batch.rows import Row as Row
    from .batch.run import read_files as read_files
    from .core.errors import DependencyError as DependencyError
    from .core.errors import EdgeDigitsError as EdgeDigitsError
    from .core.errors import ImageError as ImageError
    from .core.errors import ModelError as ModelError
    from .core.errors import OptionError as OptionError
    from .core.errors import OutputError as OutputError
    from .core.errors import SourceError as SourceError
    from .core.malloc import keep_freed_memory as keep_freed_memory
    from .core.trace import Trace as Trace
    from .core.types import Quad as Quad
    from .core.types import Reading as Reading
    from .images.annotate import draw_readings as draw_readings
    from .images.files import find_files as find_files
    from .images.load import Picture as Picture
    from .images.load import load_picture as load_picture
    from .images.pages import load_pages as load_pages
    from .images.readings import Readings as Readings
    from .reader import DigitReader as DigitReader
    from .recognition.contract import ModelSpec as ModelSpec
    from .recognition.judgement import AcceptancePolicy as AcceptancePolicy
    from .recognition.model import DigitModel as DigitModel
    from .video.rules import Plausible as Plausible
    from .video.sources import open_frames as open_frames
    from .video.stream import LiveResult as LiveResult
    from .video.tracker import Event as Event
    from .video.tracker import Number as Number
    from .video.tracker import Tracker as Tracker

__version__ = "0.1.0"

_MODULE_OF: Final = {
    "AcceptancePolicy": "recognition.judgement",
    "DependencyError": "core.errors",
    "DigitModel": "recognition.model",
    "DigitReader": "reader",
    "EdgeDigitsError": "core.errors",
    "Event": "video.tracker",
    "ImageError": "core.errors",
    "LiveResult": "video.stream",
    "ModelError": "core.errors",
    "ModelSpec": "recognition.contract",
    "Number": "video.tracker",
    "OptionError": "core.errors",
    "OutputError": "core.errors",
    "Picture": "images.load",
    "Plausible": "video.rules",
    "Quad": "core.types",
    "Reading": "core.types",
    "Readings": "images.readings",
    "Row": "batch.rows",
    "SourceError": "core.errors",
    "Trace": "core.trace",
    "Tracker": "video.tracker",
    "draw_readings": "images.annotate",
    "find_files": "images.files",
    "keep_freed_memory": "core.malloc",
    "load_pages": "images.pages",
    "load_picture": "images.load",
    "open_frames": "video.sources",
    "read_files": "batch.run",
}
__all__ = ["__version__", *_MODULE_OF]


def __getattr__(name: str) -> Any:
    """Load a public name from its module on first use (PEP 562)."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_MODULE_OF[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
