"""Rows: one file's result, as JSON and CSV show it."""

from __future__ import annotations

import json

import pytest

from edge_runtime import ImageError, Reading
from edge_runtime.rows import ROW_FIELDS, Row

BOX = ((1.0, 2.0), (3.0, 2.0), (3.0, 4.0), (1.0, 4.0))


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


def test_a_rows_json_has_the_columns_and_kinds_of_the_manual() -> None:
    row = json.loads(json.dumps(Row.of("p", [reading("42", 0.9, True)], 1.23456).as_dict(), allow_nan=False))
    assert tuple(row) == ROW_FIELDS == ("path", "status", "text", "confidence", "readings", "error", "ms")
    assert row["readings"][0]["digits"] == [4, 2] and row["readings"][0]["accepted"] is True
    assert row["error"] is None and row["ms"] == 1.235
    failed = Row.failed("p", ImageError("two\nlines")).as_dict()
    assert (failed["status"], failed["text"], failed["confidence"], failed["readings"]) == ("error", "", None, [])
    assert failed["error"] == "two lines"
