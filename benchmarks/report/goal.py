"""One figure that is to be reached, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Record = Mapping[str, Any]


class NotMeasuredError(LookupError):
    """The record has not what a goal asks for."""


@dataclass(frozen=True)
class Goal:
    """figure: what is measured; part: of the record; goal: least or most; unit: a format for both numbers."""

    figure: str
    part: str
    goal: float
    is_least: bool
    unit: str
    measure: Callable[[Record], float]


@dataclass(frozen=True)
class Verdict:
    """A goal beside what was measured; None where nothing was. stale: of models the package no longer has."""

    goal: Goal
    measured: float | None
    stale: bool

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None where nothing was measured."""
        if self.measured is None:
            return None
        return self.measured >= self.goal.goal if self.goal.is_least else self.measured <= self.goal.goal

    def cells(self) -> tuple[str, str, str, str]:
        """Figure, goal, measured, met or not."""
        goal = self.goal
        bound = "at least" if goal.is_least else "at most"
        if self.measured is None:
            return goal.figure, f"{bound} {goal.unit.format(goal.goal)}", "", "not measured"
        answer = "met" if self.met else "**not met**"
        if self.stale:
            answer += ", with earlier models"
        return goal.figure, f"{bound} {goal.unit.format(goal.goal)}", goal.unit.format(self.measured), answer


def first(found: Iterable[Any]) -> Any:
    """The first of what is found; ``NotMeasuredError`` where there is nothing."""
    for item in found:
        return item
    raise NotMeasuredError("nothing in the record")
