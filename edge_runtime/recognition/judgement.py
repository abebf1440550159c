"""Which readings are accepted: the one place that decides it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from edge_runtime.core.errors import OptionError
from edge_runtime.core.types import Reading

from .contract import ModelSpec

CROWDED_PLACES: Final = 3  # places of a picture from which on what is read may be a piece of something else
SINGLE_DIGIT_CONFIDENCE: Final = 0.99  # that a single digit in a crowded picture must have
FLAT_ZERO_ASPECT: Final = 1.2  # width / height above which what is read as 0 is another round thing


@dataclass(frozen=True)
class AcceptancePolicy:
    """Which readings the model trusts, and which the caller accepts.

    trusted: confidence, 0 to 1, from which on the model trusts a reading; where readings exclude each other this
        decides between them, so that what is read does not depend on what the caller accepts.
    threshold: confidence, 0 to 1, from which on a reading is accepted.
    chance_rules: whether to refuse what looks like a digit by chance, too. In a picture of three places or more one
        shape or other looks like a digit: a single digit must have a confidence of 0.99 there. A 0 more than 1.2 times
        as wide as high is refused at any confidence: such are round things that are no zero.
    """

    trusted: float
    threshold: float
    chance_rules: bool

    @classmethod
    def of_model(
        cls, spec: ModelSpec, min_confidence: float | None = None, chance_rules: bool | None = None
    ) -> AcceptancePolicy:
        """What the model trusts, with the caller's choices.

        min_confidence: the threshold, 0 to 1; None for the model's own.
        chance_rules: None for True without a ``min_confidence`` and False with one.
        """
        threshold = spec.reject_threshold if min_confidence is None else min_confidence
        return cls(spec.reject_threshold, threshold, min_confidence is None if chance_rules is None else chance_rules)

    def trusts(self, reading: Reading) -> bool:
        """Whether the model stands by the reading."""
        return reading.confidence >= self.trusted

    def accepts(self, reading: Reading, *, crowded: bool) -> bool:
        """Whether the caller gets the reading as a sure one."""
        if reading.confidence < self.threshold:
            return False
        return not self.chance_rules or not _by_chance(reading, crowded)

    def judged(self, readings: Iterable[Reading], *, crowded: bool) -> list[Reading]:
        """The same readings, those that are accepted marked so."""
        return [replace(item, accepted=True) if self.accepts(item, crowded=crowded) else item for item in readings]


def check_min_confidence(value: float | None) -> float | None:
    """The value, if it is None or 0 to 1; raises ``OptionError`` for another."""
    if value is not None and not 0 <= value <= 1:
        raise OptionError(f"min_confidence is {value!r}, expected 0 (accept everything) to 1")
    return value


def _by_chance(reading: Reading, crowded: bool) -> bool:
    if crowded and len(reading.text) == 1 and reading.confidence < SINGLE_DIGIT_CONFIDENCE:
        return True
    return reading.text == "0" and reading.box is not None and reading.box.width > FLAT_ZERO_ASPECT * reading.box.height
