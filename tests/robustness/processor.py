"""Not a fault, but what a small device must bear: ``edge-digits webcam --headless`` on 30 frames a second."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tests.robustness.live_load import NUMBER, camera
from tests.robustness.outcome import Outcome, Say, child_environment, edge_digits

FRAMES_PER_S: Final = 30
SECONDS: Final = 30.0
QUICK_SECONDS: Final = 3.0
MOST_SHARE: Final = 0.2  # of one processor
QUICK_MOST_SHARE: Final = 0.6  # over so few seconds, and while a test suite runs beside it
LEAST_FRAMES: Final = 0.95  # of those that the camera sends in the measured time
START_LIMIT_S: Final = 30.0  # until the number is confirmed
_SETTLE_S: Final = 2.0
_END_S: Final = 20.0
_STAT: Final = "/proc/{}/stat"


def run(quick: bool, say: Say) -> Outcome:
    """A still and a moving scene; the processor time of the command, decoding included, over that of the clock."""
    if not Path(_STAT.format(os.getpid())).exists():
        return Outcome("Nothing.", {}, (), ("processor time of another process: the system does not tell",))
    seconds = QUICK_SECONDS if quick else SECONDS
    most = QUICK_MOST_SHARE if quick else MOST_SHARE
    counts: dict[str, Any] = {"frames_per_s": FRAMES_PER_S, "seconds_of_each_scene": seconds}
    wrong = []
    for name, moving in (("still", False), ("moving", True)):
        say(f"processor: {name} scene, {seconds:g} s")
        with camera(moving) as url:
            share, frames, events = measure(url, seconds)
        counts[f"{name}_percent_of_one_processor"] = round(100 * share, 1)
        counts[f"{name}_frames"] = frames
        wrong += [] if frames >= LEAST_FRAMES * FRAMES_PER_S * seconds else [f"{name}: only {frames} frames were read"]
        wrong += [] if NUMBER in events else [f"{name}: the number was not confirmed"]
        wrong += [f"{name}: {share:.0%} of a processor"] if share > most else []
    done = (
        "edge-digits webcam --headless on one processor, reading 640x480 JPEG frames with a sensor's noise from a "
        f"camera in another process at 30 frames a second; its processor time, decoding included, at most "
        f"{most:.0%}. Still: a number on a wall. Moving: the number moves in every frame."
    )
    return Outcome(done, counts, tuple(wrong))


def measure(url: str, seconds: float) -> tuple[float, int, set[str]]:
    """Share of one processor, 0 to 1; frames from start to end; the texts of the numbers that were confirmed."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        child = subprocess.Popen(
            edge_digits("webcam", url, "--headless"),
            stdout=output,
            stderr=subprocess.DEVNULL,
            env=child_environment(),
            preexec_fn=_on_one_processor(),
        )
        try:
            _wait_until(lambda: os.fstat(output.fileno()).st_size > 0)  # the number is confirmed
            time.sleep(_SETTLE_S)
            begin_s, begin_cpu_s = time.monotonic(), cpu_seconds(child.pid)
            time.sleep(seconds)
            share = (cpu_seconds(child.pid) - begin_cpu_s) / (time.monotonic() - begin_s)
            child.send_signal(signal.SIGTERM)
            child.wait(_END_S)
        finally:
            child.kill()
            child.wait()
        output.seek(0)
        events = [json.loads(line) for line in output]
    return share, events[-1]["frame"], {number["text"] for event in events for number in event.get("numbers", [event])}


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used, its own and the system's for it."""
    fields = Path(_STAT.format(pid)).read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _wait_until(is_so: Callable[[], bool]) -> None:
    end_s = time.monotonic() + START_LIMIT_S
    while not is_so() and time.monotonic() < end_s:
        time.sleep(0.02)


def _on_one_processor() -> Callable[[], None] | None:
    """For the child, before it begins: the last of the processors that may be used."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    last = max(os.sched_getaffinity(0))
    return lambda: os.sched_setaffinity(0, {last})
