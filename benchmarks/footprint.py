"""What the runtime costs beside its speed: the wheel's size, the way to the first reading, and memory."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from edge_runtime import DependencyError, EdgeDigitsError

REPOSITORY: Final = Path(__file__).resolve().parents[1]
FRESH_PROCESSES: Final = 15
SAMPLE: Final = REPOSITORY / "samples" / "note.jpg"
_TIMEOUT_S: Final = 60
_WHEEL_SOURCES: Final = ("pyproject.toml", "README.md", "LICENSE")
_FIRST_READING: Final = """
import json, sys
from edge_runtime import DigitReader
texts = [reading.text for reading in DigitReader().read(sys.argv[1])]
print(json.dumps(texts), flush=True)
memory = {}
try:
    with open("/proc/self/status") as status:
        for line in status:
            name, _, value = line.partition(":")
            if name in ("VmRSS", "VmHWM"):
                memory[name] = int(value.split()[0]) * 1024
except OSError:
    pass
print(json.dumps(memory))
"""


@dataclass(frozen=True)
class FirstReading:
    """Medians over fresh processes, each reading one 640×480 JPEG file.

    seconds: from the start of the interpreter to the reading; memory in bytes, after it and at most, None where
    the system does not tell.
    """

    processes: int
    seconds: float
    resident_bytes: int | None
    peak_resident_bytes: int | None


def first_reading(picture: Path = SAMPLE, processes: int = FRESH_PROCESSES) -> FirstReading:
    """Start interpreters one after another; the first is not counted, since it fills the file system's caches.

    Raises ``EdgeDigitsError`` where a process fails.
    """
    runs = [_read_in_fresh_process(picture) for _ in range(processes + 1)][1:]
    memory = {key: [found[key] for _, found in runs if key in found] for key in ("VmRSS", "VmHWM")}
    return FirstReading(
        processes=processes,
        seconds=round(median(seconds for seconds, _ in runs), 4),
        resident_bytes=int(median(memory["VmRSS"])) if memory["VmRSS"] else None,
        peak_resident_bytes=int(median(memory["VmHWM"])) if memory["VmHWM"] else None,
    )


def wheel_bytes(repository: Path = REPOSITORY) -> int:
    """Build the wheel from a copy of its sources and tell its size; needs the package index for the build's tools."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "source", Path(folder) / "wheel"
        source.mkdir()
        for name in _WHEEL_SOURCES:
            shutil.copy(repository / name, source)
        shutil.copytree(
            repository / "edge_runtime", source / "edge_runtime", ignore=shutil.ignore_patterns("__pycache__")
        )
        command = [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--wheel-dir",
            str(target),
            str(source),
        ]
        built = subprocess.run(command, capture_output=True, text=True, check=False)
        if built.returncode != 0:
            raise DependencyError(f"the wheel cannot be built: {built.stderr.strip()}")
        (wheel,) = target.glob("*.whl")
        return wheel.stat().st_size


def _read_in_fresh_process(picture: Path) -> tuple[float, dict[str, int]]:
    command = [sys.executable, "-c", _FIRST_READING, str(picture)]
    start = time.perf_counter()
    pipe = subprocess.PIPE
    # Unbuffered, so that reading one line takes nothing from what is left to communicate().
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, bufsize=0, cwd=REPOSITORY) as child:
        texts = child.stdout.readline() if child.stdout else b""
        seconds = time.perf_counter() - start
        memory, complaint = child.communicate(timeout=_TIMEOUT_S)
    if child.returncode != 0 or not texts:
        raise EdgeDigitsError(
            f"a fresh process cannot read {picture.name}: {complaint.decode(errors='replace').strip()}"
        )
    return seconds, json.loads(memory)
