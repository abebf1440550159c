"""Before speed is told: all contenders of one network give the same answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime import ModelError
from edge_runtime.recognition.decode import decode

from .runtimes import Contender, Strips

TOLERANCE: Final = 1e-4  # largest difference of a probability between two fp32 contenders
LEAST_ALIKE: Final = 0.95  # share of strips that an int8 contender must read as fp32 does


def check_agreement(contenders: Sequence[Contender], strips: Strips, batches: Sequence[int]) -> list[dict[str, Any]]:
    """Run all on strips uint8 [N, 28, 140, 1], in the batch sizes that are timed, and compare with the network's first.

    Each row has the largest difference of two probabilities, and the share of strips with the same text (alike, 0 to
    1). fp32 must be within the tolerance; int8, which rounds, is judged by what is read. Raises ``ModelError`` with the
    contenders that differ: there is no speed to compare then.
    """
    references: dict[str, NDArray[np.float32]] = {}
    rows, differing = [], []
    for contender in contenders:
        answers = probabilities(contender, strips, batches)
        expected = references.setdefault(contender.network, answers)
        pairs = zip(decode(expected), decode(answers), strict=True)
        difference = float(np.abs(expected - answers).max())
        alike = float(np.mean([one.text == other.text for one, other in pairs]))
        rows.append({**contender.facts(), "strips": len(answers), "max_difference": difference, "alike": alike})
        if not (difference <= TOLERANCE if contender.precision == "fp32" else alike >= LEAST_ALIKE):
            differing.append(f"{contender}: largest difference {difference:.2g}, {alike:.1%} read alike")
    if differing:
        raise ModelError(
            "contenders give other answers than the first of their network, so their speed is not compared: "
            f"{'; '.join(differing)}; expected at most {TOLERANCE:g} for fp32 and at least {LEAST_ALIKE:.0%} for int8"
        )
    return rows


def probabilities(contender: Contender, strips: Strips, batches: Sequence[int]) -> NDArray[np.float32]:
    """The answers to all strips, float32 [N, 5, 11], asked for in the given batch sizes by turns."""
    return np.concatenate([np.stack(contender.run(part), axis=1) for part in _parts(strips, batches)])


def _parts(strips: Strips, batches: Sequence[int]) -> Iterator[Strips]:
    start = 0
    for batch in cycle(batches):
        if start >= len(strips):
            return
        yield strips[start : start + batch]
        start += batch
