"""Commands in processes of their own, and how they are watched from outside while they run."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.throughput.batch_command import resident_bytes

SAMPLE_S = 0.2
HAS_PROC = Path("/proc/self/fd").exists()


@dataclass
class Watched:
    """Exit code (negative: the signal that ended it), stderr, and memory of the process and all that it started."""

    code: int = 0
    errors: str = ""
    resident_bytes: list[int] = field(default_factory=list)


def edge_digits(*arguments: object) -> list[str]:
    """The command line ``edge-digits`` of this very package."""
    return [sys.executable, "-m", "edge_runtime", *map(str, arguments)]


def watch(command: Sequence[str], limit_s: float) -> Watched:
    """Run a command to its end, killed after ``limit_s``; its standard output is thrown away."""
    end_s = time.monotonic() + limit_s
    watched = Watched()
    with tempfile.TemporaryFile("w+") as errors:
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors) as child:
            while child.poll() is None:
                if time.monotonic() > end_s:
                    child.kill()
                resident = resident_bytes(child.pid)
                if resident is not None:
                    watched.resident_bytes.append(resident)
                time.sleep(SAMPLE_S)
        errors.seek(0)
        watched.code, watched.errors = child.returncode, errors.read()
    return watched


def open_handles() -> int:
    """How many files, sockets and pipes this process has open; 0 where the system does not tell."""
    return len(os.listdir("/proc/self/fd")) if HAS_PROC else 0


def growth(values: Sequence[int]) -> float:
    """Median of the last quarter less that of the third; 0 for under 100 values.

    What the C library keeps of large pictures rises in steps during the first half of a run and then stays; a leak
    goes on. Medians, because one large picture raises memory for a moment, and it goes back.
    """
    quarter = len(values) // 4
    if quarter < 25:
        return 0
    return median(values[-quarter:]) - median(values[2 * quarter : 3 * quarter])
