"""Timing in turns: every contender gets its burst of calls in each turn, in an order drawn anew each time.

A machine changes its speed while it is measured. Turns spread every contender's calls over the whole
time, so that a slow minute meets all of them alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import cv2
import numpy as np

FEWEST_TURNS: Final = 20
WARM_UP_CALLS: Final = 5
BURST_CALLS: Final = 20
BURST_SECONDS: Final = 0.1
UNSTABLE_RATIO: Final = 2.0  # p90 / p50 from which on a figure is not to be trusted
METHOD: Final = (
    f"{WARM_UP_CALLS} calls warm up. Then turns: in each, every contender, in an order drawn anew, makes one call that "
    f"is not counted, since it brings its code and weights back into the caches, and up to {BURST_CALLS} calls that "
    f"are, or as many as fit in {BURST_SECONDS * 1e3:g} ms. Percentiles are over single calls."
)

Input = TypeVar("Input")
Clock = Callable[[], float]


@dataclass(frozen=True)
class Timing:
    """Percentiles of the time of one call in microseconds."""

    calls: int
    p50_us: float
    p90_us: float
    p99_us: float

    @classmethod
    def of(cls, times_s: Sequence[float]) -> Timing:
        """From the calls' times in seconds; there must be one at least."""
        p50_us, p90_us, p99_us = (float(value) for value in np.percentile(times_s, [50, 90, 99]) * 1e6)
        return cls(len(times_s), p50_us, p90_us, p99_us)

    @property
    def is_unstable(self) -> bool:
        """Whether one call in ten takes more than twice the median: something else used the processor."""
        return self.p90_us > UNSTABLE_RATIO * self.p50_us

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe, times to a tenth of a microsecond."""
        times_us = {"p50_us": self.p50_us, "p90_us": self.p90_us, "p99_us": self.p99_us}
        rounded = {name: round(value, 1) for name, value in times_us.items()}
        return {"calls": self.calls, **rounded, "unstable": self.is_unstable}


def time_in_turns(
    runs: Sequence[Callable[[Input], object]],
    inputs: Sequence[Input],
    seconds: float,
    *,
    fewest_turns: int = FEWEST_TURNS,
    clock: Clock = time.perf_counter,
) -> list[Timing]:
    """Time each run on the same inputs, turn by turn, for about so many seconds in all.

    There are ``fewest_turns`` at least, however long they take. Every turn has its input: the first turn the first, and
    so on, from the start again where they end.
    """
    for run in runs:
        for call in range(WARM_UP_CALLS):
            run(inputs[call % len(inputs)])
    times_s: list[list[float]] = [[] for _ in runs]
    end = clock() + seconds
    for turn, order in enumerate(orders(len(runs))):
        if turn >= fewest_turns and clock() >= end:
            break
        for index in order:
            times_s[index] += _burst(runs[index], inputs[turn % len(inputs)], clock)
    return [Timing.of(times) for times in times_s]


def orders(count: int, seed: int = 0) -> Iterator[list[int]]:
    """Endless orders of ``count`` contenders, each order drawn anew, so that nobody always follows the same one."""
    random = np.random.default_rng(seed)
    while True:
        yield [int(index) for index in random.permutation(count)]


@contextmanager
def one_opencv_thread() -> Iterator[None]:
    """OpenCV in this process works as it does in a worker."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)


def _burst(run: Callable[[Input], object], given: Input, clock: Clock) -> list[float]:
    run(given)
    times_s: list[float] = []
    start = clock()
    while len(times_s) < BURST_CALLS and (not times_s or clock() - start < BURST_SECONDS):
        begin = clock()
        run(given)
        times_s.append(clock() - begin)
    return times_s
