"""Rows: what one file gave, and by what a changed file is known."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from edge_runtime import ImageError, Quad, Reading
from edge_runtime.batch.rows import FileState, Row

BOX = Quad.upright(1, 2, 3, 4)


def reading(text: str, confidence: float, accepted: bool) -> Reading:
    digits = tuple(int(char) for char in text)
    return Reading(text, digits, (confidence,) * len(digits), confidence, accepted, BOX)


def test_a_row_tells_its_status_text_and_confidence() -> None:
    sure, unsure = reading("42", 0.9, True), reading("7", 0.3, False)
    rows = [Row.of("p", readings, 1.0) for readings in ([sure, unsure, sure], [unsure], [])]
    assert [row.status for row in rows] == ["read", "unsure", "empty"]
    assert [row.text for row in rows] == ["42 42", "", ""]
    assert [row.confidence for row in rows] == [pytest.approx(0.81), 0.3, None]
    assert len(rows[0].readings) == 3


def test_an_error_is_brought_to_one_line() -> None:
    failed = Row.failed("p", ImageError("two\nlines")).as_dict()
    assert (failed["status"], failed["text"], failed["confidence"], failed["readings"]) == ("error", "", None, [])
    assert failed["error"] == "two lines"


@pytest.mark.parametrize(
    "row",
    [
        Row.of("a/b.png", [reading("42", 0.9, True)], 1.5, note="first of 3 pages", state=FileState(12, 34)),
        Row.of("p", [reading("7", 0.25, False)], 0.0),
        Row.of("p", [], 0.5),
        Row.failed("p", "broken", 2.0, state=FileState(0, 0)),
    ],
)
def test_a_row_comes_back_from_its_dictionary(row: Row) -> None:
    assert Row.from_dict(json.loads(json.dumps(row.as_dict()))) == row


@pytest.mark.parametrize("change", [{"status": "odd"}, {"path": 7}, {"readings": [1]}, {"ms": None}, {"size": "x"}])
def test_what_is_no_row_is_not_taken_for_one(change: dict[str, object]) -> None:
    values = Row.of("p", [reading("42", 0.9, True)], 1.0).as_dict() | change
    with pytest.raises((ValueError, TypeError)):
        Row.from_dict(values)
    del values["note"]
    with pytest.raises((ValueError, TypeError, KeyError)):
        Row.from_dict(values)


def test_the_state_of_a_file_tells_a_change(tmp_path: Path) -> None:
    path = tmp_path / "p"
    path.write_bytes(b"abc")
    state = FileState.of(str(path))
    assert state.is_known and state.size == 3 and state == FileState.of(str(path))
    os.utime(path, ns=(1, 1))
    assert FileState.of(str(path)) == FileState(3, 1)
    assert not FileState.of(str(tmp_path / "none")).is_known
    assert not FileState.of("null\0character").is_known
