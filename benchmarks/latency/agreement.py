"""Before speed is told: all contenders of one network give the same answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime import ModelError
from edge_runtime.recognition.decode import decode

from .runtimes import Contender, Strips

TOLERANCE: Final = 1e-4  # largest difference of a probability between two fp32 contenders
LEAST_ALIKE: Final = 0.95  # share of strips that an int8 contender must read as fp32 does


@dataclass(frozen=True)
class Agreement:
    """How one contender compares with the first of its network.

    max_difference: the largest difference of two probabilities; alike: share of strips with the same text, 0 to 1.
    """

    network: str
    runtime: str
    precision: str
    threads: int
    strips: int
    max_difference: float
    alike: float

    @property
    def holds(self) -> bool:
        """fp32 within the tolerance; int8, which rounds, by what is read."""
        return self.max_difference <= TOLERANCE if self.precision == "fp32" else self.alike >= LEAST_ALIKE


def check_agreement(contenders: Sequence[Contender], strips: Strips, batches: Sequence[int]) -> list[Agreement]:
    """Run all on strips uint8 [N, 28, 140, 1], in the batch sizes that are timed, and compare with the network's first.

    Raises ``ModelError`` with the contenders that differ: there is no speed to compare then.
    """
    references: dict[str, NDArray[np.float32]] = {}
    agreements = []
    for contender in contenders:
        answers = probabilities(contender, strips, batches)
        expected = references.setdefault(contender.network, answers)
        agreements.append(_compare(contender, expected, answers))
    differing = [item for item in agreements if not item.holds]
    if differing:
        listed = "; ".join(
            f"{item.network} in {item.runtime} {item.precision} ({item.threads} threads): largest difference "
            f"{item.max_difference:.2g}, {item.alike:.1%} read alike"
            for item in differing
        )
        raise ModelError(
            f"contenders give other answers than the first of their network, so their speed is not compared: {listed}; "
            f"expected at most {TOLERANCE:g} for fp32 and at least {LEAST_ALIKE:.0%} for int8"
        )
    return agreements


def probabilities(contender: Contender, strips: Strips, batches: Sequence[int]) -> NDArray[np.float32]:
    """The answers to all strips, float32 [N, 5, 11], asked for in the given batch sizes by turns."""
    parts = [np.stack(contender.run(strips[chunk]), axis=1) for chunk in _chunks(len(strips), batches)]
    return np.concatenate(parts)


def _chunks(count: int, batches: Sequence[int]) -> Iterator[slice]:
    start = 0
    for batch in cycle(batches):
        if start >= count:
            return
        yield slice(start, start + batch)
        start += batch


def _compare(contender: Contender, expected: NDArray[np.float32], answers: NDArray[np.float32]) -> Agreement:
    pairs = zip(decode(expected), decode(answers), strict=True)
    return Agreement(
        network=contender.network,
        runtime=contender.runtime,
        precision=contender.precision,
        threads=contender.threads,
        strips=len(answers),
        max_difference=float(np.abs(expected - answers).max()),
        alike=float(np.mean([one.text == other.text for one, other in pairs])),
    )
