"""``Row``: what one picture file, or one page of a document, gave."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from edge_runtime.core.types import Reading

STATUSES: Final = ("read", "unsure", "empty", "error")


@dataclass(frozen=True)
class FileState:
    """By which a changed file is known.

    size: bytes; mtime_ns: time of its last change, nanoseconds since 1970. None: it could not be asked.
    """

    size: int | None = None
    mtime_ns: int | None = None

    @classmethod
    def of(cls, path: str) -> FileState:
        """As it is now; never raises."""
        try:
            facts = os.stat(path)
        except (OSError, ValueError):  # ValueError: a null character in the path
            return cls()
        return cls(facts.st_size, facts.st_mtime_ns)

    @property
    def is_known(self) -> bool:
        """Whether the file was there."""
        return self.mtime_ns is not None


@dataclass(frozen=True)
class Row:
    """What one file gave, or one page of a document.

    path: as it was given; of a page, with its number: ``scan.pdf#page=3``.
    status: ``read`` (an accepted reading), ``unsure`` (readings, none accepted), ``empty`` (no number)
        or ``error`` (the file cannot be read; ``error`` says why).
    text: the accepted readings in reading order, joined by one space.
    confidence: that all of ``text`` is right, 0 to 1; of the surest reading when unsure; else None.
    ms: milliseconds that the file took.
    note: what was done to the picture before it was read ("first of 3 pages"), or empty.
    state: size and time of the file when it was read; unknown where it could not be opened, and for bytes and arrays.
    """

    path: str
    status: str
    text: str
    confidence: float | None
    readings: tuple[Reading, ...]
    error: str | None
    ms: float
    note: str = ""
    state: FileState = field(default_factory=FileState)

    @classmethod
    def of(
        cls, path: str, readings: Iterable[Reading], ms: float, *, note: str = "", state: FileState | None = None
    ) -> Row:
        """The row of a file that could be read."""
        readings = tuple(readings)
        accepted = [reading for reading in readings if reading.accepted]
        confidence = None
        if accepted:
            confidence = math.prod(reading.confidence for reading in accepted)
        elif readings:
            confidence = max(reading.confidence for reading in readings)
        status = "read" if accepted else "unsure" if readings else "empty"
        text = " ".join(reading.text for reading in accepted)
        return cls(path, status, text, confidence, readings, None, ms, note, state or FileState())

    @classmethod
    def failed(cls, path: str, error: object, ms: float = 0.0, *, state: FileState | None = None) -> Row:
        """The row of a file that could not be read; the error is brought to one line."""
        return cls(path, "error", "", None, (), " ".join(str(error).split()), ms, state=state or FileState())

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Row:
        """The row again from what ``as_dict`` gave; raises ``KeyError``, ``TypeError`` or ``ValueError`` for others."""
        from edge_runtime.core.types import Reading  # needs NumPy, and info --check must tell where it cannot be loaded

        if values["status"] not in STATUSES or not isinstance(values["path"], str):
            raise ValueError(f"not a row: {values}")
        return cls(
            path=values["path"],
            status=values["status"],
            text=str(values["text"]),
            confidence=_number(values["confidence"]),
            readings=tuple(Reading.from_dict(reading) for reading in values["readings"]),
            error=values["error"],
            ms=float(values["ms"]),
            note=str(values["note"]),
            state=FileState(_whole(values["size"]), _whole(values["mtime_ns"])),
        )

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe; the keys are the columns of the JSON Lines and Parquet forms."""
        return {
            "path": self.path,
            "status": self.status,
            "text": self.text,
            "confidence": None if self.confidence is None else round(self.confidence, 6),
            "readings": [reading.as_dict() for reading in self.readings],
            "error": self.error,
            "note": self.note,
            "ms": round(self.ms, 3),
            "size": self.state.size,
            "mtime_ns": self.state.mtime_ns,
        }


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
