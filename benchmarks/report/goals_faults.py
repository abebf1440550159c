"""Goals of what the runtime survives, from the record's part faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.robustness.camera import BACK_WITHIN_S
from tests.robustness.frames import MOST_GROWTH_BYTES
from tests.robustness.processor import MOST_SHARE

from .goal import Goal, NotMeasuredError, Record, first

_FILES: Final = 20_000
_KILLS: Final = 50
_FRAMES: Final = 100_000


def counts(record: Record, test: str) -> Mapping[str, Any]:
    """What a fault test counted; ``NotMeasuredError`` where it is not in the record."""
    found: Mapping[str, Any] = first(
        entry["counts"] for entry in record["parts"]["faults"]["tests"] if entry["name"] == test
    )
    return found


def _count(test: str, *names: str) -> Callable[[Record], float]:
    """The sum of these counts of a test."""

    def measure(record: Record) -> float:
        found = [counts(record, test)[name] for name in names]
        if None in found:
            raise NotMeasuredError(f"{test}: the system did not tell")
        return float(sum(found))

    return measure


def _outputs(test: str, *names: str) -> Callable[[Record], float]:
    """The same, over the files that rows were written to."""

    def measure(record: Record) -> float:
        files = [entry for entry in counts(record, test).values() if isinstance(entry, dict)]
        return float(sum(file[name] for file in files for name in names))

    return measure


def _processor(record: Record) -> float:
    found = counts(record, "processor")
    return float(max(found[f"{scene}_percent_of_one_processor"] for scene in ("still", "moving")))


def _accepted_models(record: Record) -> float:
    found = counts(record, "models")
    return float(found["user_models"]["not_refused"] + found["altered_packages"]["not_refused"])


def _most(figure: str, most: float, unit: str, measure: Callable[[Record], float]) -> Goal:
    return Goal(figure, "faults", most, False, unit, measure)


def _least(figure: str, least: float, unit: str, measure: Callable[[Record], float]) -> Goal:
    return Goal(figure, "faults", least, True, unit, measure)


def _handles(record: Record) -> float:
    found = counts(record, "frames")
    return float(found["handles_last"] - found["handles_first"])


_CAMERA: Final = "camera back until its number is confirmed, the longest"
_WHOLE: Final = "{:,.0f}"
_MISSING: Final = ("rows_missing", "rows_doubled", "unexpected_errors")
FAULTS: Final = (
    _least("damaged picture files, read or refused", _FILES, _WHOLE, _count("files", "files")),
    _most("crashes over them", 0, _WHOLE, _count("files", "crashes")),
    _most("rows missing, doubled or with an unexpected error", 0, _WHOLE, _count("files", *_MISSING)),
    _least("batches killed and resumed", _KILLS, _WHOLE, _count("kills", "kills")),
    _most("rows lost over them", 0, _WHOLE, _outputs("kills", "rows_lost")),
    _most("rows doubled over them", 0, _WHOLE, _outputs("kills", "rows_doubled")),
    _most(_CAMERA, BACK_WITHIN_S, "{:.2f} s", _count("camera", "most_seconds_until_confirmed")),
    _least("frames in one stream", _FRAMES, _WHOLE, _count("frames", "frames")),
    _most("growth of memory over them", MOST_GROWTH_BYTES / 1e6, "{:.1f} MB", _count("frames", "memory_growth_mb")),
    _most("file handles more at their end", 0, _WHOLE, _handles),
    _most("one processor at 30 frames of 640×480 a second", 100 * MOST_SHARE, "{:.1f} %", _processor),
    _most("altered models and packages that were not refused", 0, _WHOLE, _accepted_models),
)
"""The user's models of ``python -m benchmarks faults`` whose change no hash can tell are not among the last."""
