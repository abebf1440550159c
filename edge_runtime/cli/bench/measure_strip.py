"""How fast the models in the package are on this machine. First they must agree, then they are timed.

The candidates take turns in one process, in alternating order, so that a change of the machine's
speed meets both. A time includes the checks of the strips, the network and the calibration; it does
not include finding numbers in a picture.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.opencv import cv2
from edge_runtime.recognition.decode import decode
from edge_runtime.recognition.model import DigitModel
from edge_runtime.recognition.strip import make_strip

BATCHES: Final = (1, 64)  # strips run at once
LEAST_AGREEMENT: Final = 0.9  # share of strips that two models must read alike before they are compared in speed
WARM_UP_RUNS: Final = 10
_FEWEST_RUNS: Final = 10


@dataclass(frozen=True)
class Speed:
    """Latency of one strip in milliseconds (a batch's time divided by its size), and strips in a second."""

    batch: int
    runs: int
    p50_ms: float
    p90_ms: float
    p99_ms: float
    strips_per_s: float

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe, times to a tenth of a microsecond."""
        return {key: round(value, 4) if isinstance(value, float) else value for key, value in asdict(self).items()}


@dataclass(frozen=True)
class Agreement:
    """alike: share of strips read alike, 0 to 1; max_difference: largest difference of two probabilities."""

    strips: int
    alike: float
    max_difference: float


def sample_strips(count: int, seed: int = 0) -> NDArray[np.uint8]:
    """Strips of drawn numbers with noise, made as the reader makes them; uint8 [count, 28, 140]."""
    random = np.random.default_rng(seed)
    strips = []
    for _ in range(count):
        text = "".join(str(digit) for digit in random.integers(0, 10, random.integers(1, 6)))
        paper = random.normal(215, 6, (80, 300)).astype(np.uint8)
        (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 1.5, 4)
        cv2.putText(paper, text, (10, 60), cv2.FONT_HERSHEY_SIMPLEX, 1.5, 40, 4, cv2.LINE_AA)
        box = np.array([[10, 60 - height], [10 + width, 60 - height], [10 + width, 60], [10, 60]], np.float32)
        strips.append(make_strip(paper, box, np.array([-1], np.float32)))
    return np.stack(strips)


def compare(one: DigitModel, other: DigitModel, strips: NDArray[np.uint8]) -> Agreement:
    """How far two models agree on strips, uint8 [N, 28, 140]."""
    first, second = one.probabilities(strips), other.probabilities(strips)
    pairs = zip(decode(first), decode(second), strict=True)
    alike = sum(a.text == b.text for a, b in pairs) / len(strips)
    return Agreement(len(strips), alike, float(np.abs(first - second).max()))


def time_in_turns(
    models: Mapping[str, DigitModel], strips: NDArray[np.uint8], seconds: float
) -> dict[str, list[Speed]]:
    """Time every model at every batch size, for about so many seconds each; strips uint8 [N, 28, 140], N >= 64."""
    times: dict[tuple[str, int], list[float]] = {(name, batch): [] for name in models for batch in BATCHES}
    for batch in BATCHES:
        _time_batch(models, strips, batch, seconds, times)
    return {name: [_speed(batch, times[name, batch]) for batch in BATCHES] for name in models}


def _time_batch(
    models: Mapping[str, DigitModel],
    strips: NDArray[np.uint8],
    batch: int,
    seconds: float,
    times: Mapping[tuple[str, int], list[float]],
) -> None:
    order = list(models.items())
    for _ in range(WARM_UP_RUNS):
        for _, model in order:
            model.probabilities(strips[:batch])
    end = time.perf_counter() + seconds * len(models)
    turn = 0
    while time.perf_counter() < end or turn < _FEWEST_RUNS:
        start = turn * batch % (len(strips) - batch + 1)
        for name, model in order if turn % 2 == 0 else reversed(order):
            begin = time.perf_counter()
            model.probabilities(strips[start : start + batch])
            times[name, batch].append(time.perf_counter() - begin)
        turn += 1


def percentiles_ms(times_s: Sequence[float]) -> tuple[float, float, float]:
    """Median, 90th and 99th percentile of times in seconds, in milliseconds."""
    p50_s, p90_s, p99_s = (float(value) for value in np.percentile(times_s, [50, 90, 99]))
    return 1e3 * p50_s, 1e3 * p90_s, 1e3 * p99_s


def _speed(batch: int, times_s: Sequence[float]) -> Speed:
    p50_ms, p90_ms, p99_ms = (value / batch for value in percentiles_ms(times_s))
    return Speed(batch, len(times_s), p50_ms, p90_ms, p99_ms, strips_per_s=len(times_s) * batch / sum(times_s))
