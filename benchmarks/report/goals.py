"""What the figures shall reach, in one table, and whether the record says that they do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .goal import Goal, NotMeasuredError, Record, Verdict
from .goals_faults import FAULTS
from .goals_speed import SPEED
from .record import stale_models

GOALS: Final[tuple[Goal, ...]] = (*SPEED, *FAULTS)


def verdicts(record: Record, goals: Sequence[Goal] = GOALS) -> list[Verdict]:
    """Each goal, in the order given."""
    found = []
    for goal in goals:
        try:
            measured = goal.measure(record)
        except (NotMeasuredError, KeyError):  # a part is missing, or has not this figure
            found.append(Verdict(goal, None, stale=False))
            continue
        stale = goal.part in record["parts"] and bool(stale_models(record, goal.part))
        found.append(Verdict(goal, measured, stale))
    return found
