"""Which readings are accepted: the one place that decides it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from edge_runtime.core.errors import OptionError
from edge_runtime.core.types import Reading

from .contract import ModelSpec

BUSY: Final = 3  # places of a picture from which on what is read may be a piece of something else
_SURE: Final = 0.99  # confidence that a single digit in a busy picture must have
_LYING: Final = 1.2  # width / height from which on a ring lies


@dataclass(frozen=True)
class AcceptancePolicy:
    """Which readings the model trusts, and which the caller accepts.

    trusted: confidence, 0 to 1, from which on the model trusts a reading; where readings exclude each other this
        decides between them, so that what is read does not depend on what the caller accepts.
    threshold: confidence, 0 to 1, from which on a reading is accepted.
    chance_rules: whether to refuse what looks like a digit by chance, too. In a busy picture (``BUSY`` places or more)
        one shape or other looks like a digit: a single digit must have 0.99 there. A ring that is wider than high is a
        cup, a wheel or an eye, however much it looks like a zero.
    """

    trusted: float
    threshold: float
    chance_rules: bool

    @classmethod
    def of_model(cls, spec: ModelSpec) -> AcceptancePolicy:
        """The model's own threshold, with the rules."""
        return cls(spec.reject_threshold, spec.reject_threshold, chance_rules=True)

    @classmethod
    def fixed(cls, spec: ModelSpec, threshold: float) -> AcceptancePolicy:
        """The caller's threshold and nothing else, even where it is the model's own."""
        return cls(spec.reject_threshold, threshold, chance_rules=False)

    def trusts(self, reading: Reading) -> bool:
        """Whether the model stands by the reading."""
        return reading.confidence >= self.trusted

    def accepts(self, reading: Reading, *, busy: bool) -> bool:
        """Whether the caller gets the reading as a sure one."""
        if reading.confidence < self.threshold:
            return False
        return not self.chance_rules or not _by_chance(reading, busy)

    def judged(self, readings: Iterable[Reading], *, busy: bool) -> list[Reading]:
        """The same readings, each with its ``accepted``."""
        return [replace(reading, accepted=self.accepts(reading, busy=busy)) for reading in readings]


def check_min_confidence(value: float | None) -> float | None:
    """The value, if it is None or 0 to 1; raises ``OptionError`` for another."""
    if value is not None and not 0 <= value <= 1:
        raise OptionError(f"min_confidence is {value!r}, expected 0 (accept everything) to 1")
    return value


def _by_chance(reading: Reading, busy: bool) -> bool:
    if busy and len(reading.text) == 1 and reading.confidence < _SURE:
        return True
    return reading.text == "0" and reading.box is not None and reading.box.width > _LYING * reading.box.height
