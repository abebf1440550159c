"""``edge-digits batch`` on a whole folder, from start to end, with its memory watched from outside."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.core.document import REPOSITORY
from edge_runtime import EdgeDigitsError
from edge_runtime.core import machine

SETTLED: Final = 1_000  # pictures after which memory shall not grow
REPEATS: Final = 3
REPEATED_BELOW_S: Final = 10.0  # a run that takes longer is made once
METHOD: Final = (
    f"The command edge-digits batch on the folder, in a process of its own, from its start to its end, rows written "
    f"to a file. A run below {REPEATED_BELOW_S:g} s is made {REPEATS} times, and the median counts. Memory is the sum "
    f"of what is resident (VmRSS) in the command and all its workers; libraries that they share are counted in each. "
    f"Its growth is from the first sample with {SETTLED:,} rows to the highest one after it."
)
_SAMPLE_S: Final = 0.2
_SHARE: Final = 0.1  # of the time so far: a run that is over in a fraction of a second is sampled, too
_LEAST_SAMPLE_S: Final = 0.01
_PROC: Final = Path("/proc")

Sample = tuple[int, int]
"""Rows written so far, and bytes resident in all processes then."""


@dataclass(frozen=True)
class Run:
    """One run of the command. complete: False where it was stopped at its limit of time."""

    rows: int
    seconds: float
    complete: bool
    samples: Sequence[Sample]


def measure_folder(folder: Path, workers: int, limit_s: float) -> dict[str, Any]:
    """The command on the folder, repeated where it is quick: a row of the document; files: how many were read."""
    runs = [run_command(folder, workers, limit_s)]
    while len(runs) < REPEATS and runs[0].seconds < REPEATED_BELOW_S and runs[0].complete:
        runs.append(run_command(folder, workers, limit_s))
    times_s = [run.seconds for run in runs]
    return {
        "files": runs[0].rows,
        "workers": workers,
        "complete": runs[0].complete,
        "runs": len(runs),
        "seconds": round(median(times_s), 3),
        "least_seconds": round(min(times_s), 3),
        "most_seconds": round(max(times_s), 3),
        "memory": memory_figures(runs[0].samples),
    }


def run_command(folder: Path, workers: int, limit_s: float) -> Run:
    """Run ``edge-digits batch`` on the folder; ``EdgeDigitsError`` where it fails or a picture cannot be read."""
    with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryFile() as complaints:
        output = Path(scratch) / "rows.jsonl"
        command = [sys.executable, "-m", "edge_runtime", "batch", str(folder.resolve())]
        command += ["--workers", str(workers), "--output", str(output)]
        begin = time.perf_counter()
        with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=complaints) as child:
            watch = _Watch(child, output, begin, limit_s)
            watch.start()
            code = child.wait()
            seconds = time.perf_counter() - begin
            watch.join()
        if code != 0 and not watch.has_stopped_it:
            complaints.seek(0)
            raise EdgeDigitsError(f"edge-digits batch failed: {complaints.read().decode(errors='replace').strip()}")
        return Run(watch.rows(), seconds, not watch.has_stopped_it, watch.samples)


def memory_figures(samples: Sequence[Sample]) -> dict[str, int | None] | None:
    """Growths are None for runs of no more than 1,000 rows, all of it where the system does not tell."""
    if not samples:
        return None
    settled = [resident for rows, resident in samples if rows >= SETTLED]
    half = len(settled) // 2
    return {
        "highest_bytes": max(resident for _, resident in samples),
        "settled_bytes": settled[0] if settled else None,
        "growth_bytes": max(settled[1:]) - settled[0] if half else None,
        "second_half_growth_bytes": max(settled[half:]) - max(settled[:half]) if half else None,
    }


def resident_bytes(pid: int) -> int | None:
    """Of a process and all that it has started; None where the system does not tell or the process has ended."""
    children = _children_by_parent()
    family, found = [pid], []
    while family:
        one = family.pop()
        found.append(machine.resident_bytes(one))
        family += children[one]
    known = [size for size in found if size is not None]
    return sum(known) if found[0] is not None else None


class _Watch(threading.Thread):
    """Samples memory and rows while the command runs, and stops it at its limit."""

    def __init__(self, child: subprocess.Popen[bytes], output: Path, begin: float, limit_s: float) -> None:
        super().__init__(daemon=True)
        self.samples: list[Sample] = []
        self.has_stopped_it = False
        self._child = child
        self._output = output
        self._begin = begin
        self._limit_s = limit_s
        self._rows = 0
        self._read_bytes = 0

    def run(self) -> None:
        """Until the command has ended."""
        while self._child.returncode is None:
            seconds = time.perf_counter() - self._begin
            if seconds > self._limit_s and not self.has_stopped_it:
                self.has_stopped_it = True
                self._child.terminate()
            resident = resident_bytes(self._child.pid)
            if resident is not None:
                self.samples.append((self.rows(), resident))
            time.sleep(min(max(_SHARE * seconds, _LEAST_SAMPLE_S), _SAMPLE_S))

    def rows(self) -> int:
        """Whole lines in the output so far; only what was added since the last time is read."""
        try:
            with self._output.open("rb") as file:
                file.seek(self._read_bytes)
                added = file.read()
        except FileNotFoundError:
            return 0
        self._read_bytes += len(added)
        self._rows += added.count(b"\n")
        return self._rows


def _children_by_parent() -> dict[int, list[int]]:
    children: dict[int, list[int]] = defaultdict(list)
    for stat in _PROC.glob("[0-9]*/stat"):
        try:
            fields = stat.read_text("utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        children[int(fields[1])].append(int(stat.parent.name))
    return children
