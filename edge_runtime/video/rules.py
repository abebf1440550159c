"""``Plausible``: what the user knows of a number, for meters and counters. Nothing is assumed by default."""

from __future__ import annotations

from dataclasses import dataclass

from edge_runtime.core.errors import OptionError


@dataclass(frozen=True)
class Plausible:
    """Rules that a number must meet before it is confirmed; a reading that breaks one is as good as none.

    length: digits, leading zeros included. least, most: bounds of the value, themselves allowed.
    never_decreasing: the value is at least that of the number confirmed at this place before.
    largest_step: most by which the value may differ from that of the number confirmed at this place before.
    Rules that look back are only as good as the first number they see: a wrong one that is too high blocks all
    that follow, so give ``largest_step`` or bounds together with ``never_decreasing``.
    Raises ``OptionError`` for rules that no number can meet.
    """

    length: int | None = None
    least: int | None = None
    most: int | None = None
    never_decreasing: bool = False
    largest_step: int | None = None

    def __post_init__(self) -> None:
        if self.length is not None and self.length < 1:
            raise OptionError(f"length is {self.length}, expected at least 1 digit")
        if self.largest_step is not None and self.largest_step < 0:
            raise OptionError(f"largest_step is {self.largest_step}, expected 0 or more")
        if self.most is not None and self.most < 0:
            raise OptionError(f"most is {self.most}, expected 0 or more")
        if self.length is not None and self.least is not None and self.least >= 10**self.length:
            raise OptionError(f"least is {self.least}, which has more than {self.length} digits; no number is as large")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise OptionError(f"least is {self.least} and most is {self.most}; no number lies between them")

    def allow(self, text: str, before: str | None = None) -> bool:
        """Whether a text of digits may stand where ``before`` was confirmed last (None: nothing yet)."""
        value = int(text)
        if self.length is not None and len(text) != self.length:
            return False
        if (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
            return False
        if before is None:
            return True
        if self.never_decreasing and value < int(before):
            return False
        return self.largest_step is None or abs(value - int(before)) <= self.largest_step
