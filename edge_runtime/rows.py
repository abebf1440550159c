"""``Row``: what one picture file gave, as it stands in JSON Lines and CSV."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from .decode import Reading

ROW_FIELDS: Final = ("path", "status", "text", "confidence", "readings", "error", "ms")


@dataclass(frozen=True)
class Row:
    """What one file gave.

    status: ``read`` (an accepted reading), ``unsure`` (readings, none accepted), ``empty`` (no number)
        or ``error`` (the file cannot be read; ``error`` says why).
    text: the accepted readings in reading order, joined by one space.
    confidence: that all of ``text`` is right, 0 to 1; of the surest reading when unsure; else None.
    ms: milliseconds that the file took.
    """

    path: str
    status: str
    text: str
    confidence: float | None
    readings: tuple[Reading, ...]
    error: str | None
    ms: float

    @classmethod
    def of(cls, path: str, readings: Iterable[Reading], ms: float) -> Row:
        """The row of a file that could be read."""
        readings = tuple(readings)
        accepted = [reading for reading in readings if reading.accepted]
        confidence = None
        if accepted:
            confidence = math.prod(reading.confidence for reading in accepted)
        elif readings:
            confidence = max(reading.confidence for reading in readings)
        status = "read" if accepted else "unsure" if readings else "empty"
        return cls(path, status, " ".join(reading.text for reading in accepted), confidence, readings, None, ms)

    @classmethod
    def failed(cls, path: str, error: object, ms: float = 0.0) -> Row:
        """The row of a file that could not be read; the error is brought to one line."""
        return cls(path, "error", "", None, (), " ".join(str(error).split()), ms)

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe, with the keys of ``ROW_FIELDS`` in that order."""
        return {
            "path": self.path,
            "status": self.status,
            "text": self.text,
            "confidence": None if self.confidence is None else round(self.confidence, 6),
            "readings": [reading.as_dict() for reading in self.readings],
            "error": self.error,
            "ms": round(self.ms, 3),
        }
