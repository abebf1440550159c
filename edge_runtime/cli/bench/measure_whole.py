"""The whole reader on this machine: one frame from file to reading, and a process from its start to its first reading.

The frame is the built-in picture of ``info --check``, 640×480 pixels, as a JPEG file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from edge_runtime.cli.info.checks import NUMBER, picture
from edge_runtime.core.errors import EdgeDigitsError, ModelError
from edge_runtime.core.opencv import cv2
from edge_runtime.reader import DigitReader

from .measure_strip import percentiles_ms

STARTS: Final = 5  # processes; the first fills the system's caches and is not counted
_FEWEST_FRAMES: Final = 10
_WARM_UP_FRAMES: Final = 3
_TIMEOUT_S: Final = 120
_CHILD: Final = """\
import json, os, sys
from edge_runtime import DigitReader
from edge_runtime.core.machine import resident_bytes
texts = [reading.text for reading in DigitReader().read(sys.argv[1])]
print(json.dumps({"texts": texts, "resident_bytes": resident_bytes(os.getpid())}), flush=True)
"""


@dataclass(frozen=True)
class FrameSpeed:
    """Milliseconds from the bytes of a 640×480 JPEG file to its readings."""

    frames: int
    p50_ms: float
    p90_ms: float
    p99_ms: float

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe, times to a microsecond."""
        return {key: round(value, 3) if isinstance(value, float) else value for key, value in asdict(self).items()}


@dataclass(frozen=True)
class Start:
    """Seconds from the start of Python to the first reading, and memory after it (None: the system does not tell)."""

    seconds: float
    resident_bytes: int | None


def frame() -> bytes:
    """The built-in picture as a JPEG file."""
    return bytes(cv2.imencode(".jpg", picture(), (cv2.IMWRITE_JPEG_QUALITY, 90))[1])


def time_frame(readers: Mapping[str, DigitReader], seconds: float) -> dict[str, FrameSpeed]:
    """Time every reader on the frame, in turns, for about so many seconds each.

    Raises ``ModelError`` where one does not read it right: there is no speed to tell then.
    """
    content = frame()
    for name, reader in readers.items():
        found = [reading.text for reading in reader.read(content)]
        if found != [NUMBER]:
            raise ModelError(f"{name} reads the built-in picture of {NUMBER} as {found}; reinstall edge-digits")
        for _ in range(_WARM_UP_FRAMES):
            reader.read(content)
    times_s: dict[str, list[float]] = {name: [] for name in readers}
    end = time.perf_counter() + seconds * len(readers)
    while time.perf_counter() < end or len(next(iter(times_s.values()))) < _FEWEST_FRAMES:
        for name, reader in readers.items():
            begin = time.perf_counter()
            reader.read(content)
            times_s[name].append(time.perf_counter() - begin)
    return {name: FrameSpeed(len(values), *percentiles_ms(values)) for name, values in times_s.items()}


def time_start(folder: Path) -> Start:
    """Start processes that read the frame once with the default reader; the median. folder: for the file.

    Raises ``EdgeDigitsError`` where one fails.
    """
    path = folder / "frame.jpg"
    path.write_bytes(frame())
    times_s, facts = [], {}
    for _ in range(STARTS):
        begin = time.perf_counter()
        child = [sys.executable, "-c", _CHILD, os.fspath(path)]
        with subprocess.Popen(child, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None and process.stderr is not None
            line = process.stdout.readline()
            times_s.append(time.perf_counter() - begin)
            errors = process.communicate(timeout=_TIMEOUT_S)[1]
        if not line:
            raise EdgeDigitsError(f"a process that was to read the built-in picture failed: {errors.strip()[-200:]}")
        facts = json.loads(line)
    return Start(median(times_s[1:]), facts["resident_bytes"])
