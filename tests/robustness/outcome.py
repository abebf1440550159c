"""What a fault test gives, and how a process is watched from outside while it runs."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.throughput.batch_command import REPOSITORY, resident_bytes

Say = Callable[[str], None]
"""Tells on stderr what is being done."""

SHOWN: Final = 5  # things that went wrong that are told one by one
_PROC: Final = Path("/proc")
_SAMPLE_S: Final = 0.2


@dataclass(frozen=True)
class Outcome:
    """What one fault test found.

    done: what was done, in a sentence or two, limits included.
    counts: figures by name; names carry units.
    wrong: what was not as it must be, one line each; empty when the test is passed.
    left_out: what could not be tried on this machine, and why.
    """

    done: str
    counts: Mapping[str, Any]
    wrong: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether everything was as it must be."""
        return not self.wrong

    def as_dict(self, name: str, seconds: float) -> dict[str, Any]:
        """JSON-safe."""
        return {
            "name": name,
            "passed": self.passed,
            "done": self.done,
            "counts": dict(self.counts),
            "wrong": list(self.wrong),
            "left_out": list(self.left_out),
            "seconds": round(seconds, 1),
        }


@dataclass(frozen=True)
class Watched:
    """A process that was watched: its exit code (negative: the signal that ended it) and what it used over time.

    resident_bytes, handles: one value for each sample, of the process and all that it started (handles: its own);
    empty where the system does not tell.
    """

    code: int
    seconds: float
    errors: str
    resident_bytes: tuple[int, ...]
    handles: tuple[int, ...]


def edge_digits(*arguments: str) -> list[str]:
    """The command line ``edge-digits`` of this very package, for a process of its own."""
    return [sys.executable, "-m", "edge_runtime", *arguments]


def child_environment(**changes: str) -> dict[str, str]:
    """The environment for a process that is to find this very package, wherever it is started."""
    path = os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, **changes}


def watch(command: Sequence[str], limit_s: float) -> Watched:
    """Run a command to its end, killed after ``limit_s``; its standard output is thrown away."""
    begin = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=child_environment(), text=True
    ) as child:
        sampler = _Sampler(child)
        sampler.start()
        try:
            _, errors = child.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            child.kill()
            _, errors = child.communicate()
        sampler.join()
    seconds = time.perf_counter() - begin
    return Watched(child.returncode, seconds, errors, tuple(sampler.resident_bytes), tuple(sampler.handles))


def open_handles(pid: int) -> int | None:
    """How many files, sockets and pipes a process has open; None where the system does not tell."""
    try:
        return len(os.listdir(_PROC / str(pid) / "fd"))
    except OSError:
        return None


def growth(values: Sequence[int]) -> int | None:
    """Median of the last quarter less that of the third; None for under 100 values (20 s).

    What the C library keeps of large pictures rises in steps during the first half of a run and then stays; a leak
    goes on. Medians, because one large picture raises memory for a moment, and it goes back.
    """
    quarter = len(values) // 4
    if quarter < 25:
        return None
    return round(median(values[-quarter:]) - median(values[2 * quarter : 3 * quarter]))


class _Sampler(threading.Thread):
    def __init__(self, child: subprocess.Popen[str]) -> None:
        super().__init__(daemon=True)
        self.resident_bytes: list[int] = []
        self.handles: list[int] = []
        self._child = child

    def run(self) -> None:
        """Until the child has ended."""
        while self._child.returncode is None:
            resident, handles = resident_bytes(self._child.pid), open_handles(self._child.pid)
            if resident is not None and handles is not None:
                self.resident_bytes.append(resident)
                self.handles.append(handles)
            time.sleep(_SAMPLE_S)
