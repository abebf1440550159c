"""How much is measured: in full for the published record, or quickly for a rehearsal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    first: pictures of each labelled folder, all where None. seconds: for each comparison, all contenders together.
    batches: strips in a call. compared: strips that runtimes must agree on, at least the largest batch. fewest_turns:
    as for ``time_in_turns``. files: in a folder. growth: numbers of strips to see how cost grows, ascending. limit_s:
    for one whole folder. processes: fresh ones of each program. wheel: whether it is built to weigh it.
    """

    first: int | None = None
    seconds: float = 30
    batches: tuple[int, ...] = (1, 8, 64)
    compared: int = 512
    fewest_turns: int = 20
    files: int = 10_000
    growth: tuple[int, ...] = (100, 1_000, 10_000, 100_000)
    limit_s: float = 450
    processes: int = 15
    wheel: bool = True


FULL: Final = Effort()
QUICK: Final = Effort(
    first=5,
    seconds=2,
    batches=(1,),
    compared=64,
    fewest_turns=5,
    files=100,
    growth=(50, 500),
    limit_s=15,
    processes=1,
    wheel=False,
)
