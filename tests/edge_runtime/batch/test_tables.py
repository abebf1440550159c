"""The forms of a file of rows: JSON Lines, CSV for spreadsheets, Parquet; written and read back."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from edge_runtime import Quad, Reading, Row
from edge_runtime.batch.parquet import Parquet
from edge_runtime.batch.rows import FileState
from edge_runtime.batch.tables import Csv, JsonLines, TextForm

BOX = Quad((1.0, 2.25), (30.5, 2.0), (30.0, 44.0), (1.0, 44.0))
CORNERS = [f"{axis}{corner}" for corner in range(1, 5) for axis in "xy"]
OF_THE_FILE = ["error", "note", "ms", "size", "mtime_ns"]
LONG = ["path", "status", "number", "text", "confidence", "accepted", *CORNERS, *OF_THE_FILE]


def reading(text: str, confidence: float, accepted: bool) -> Reading:
    digits = tuple(int(char) for char in text)
    return Reading(text, digits, (confidence,) * len(digits), confidence, accepted, BOX)


STATE = FileState(12, 1_795_590_000_000_000_001)
ROWS = [
    Row.of(
        "a/b.png", [reading("007", 0.9, True), reading("42", 0.5, False)], 1.5, note="first of 3 pages", state=STATE
    ),
    Row.of('=ünï,\n"quoted".png', [reading("7", 0.25, False)], 0.25),
    Row.of("-p", [], 0.5),
    Row.failed("p\udcff", "p: broken", 2.0, state=FileState(0, 0)),
]
"""Of each status one; with names that a table may stumble over."""


def text(form: TextForm, rows: list[Row] = ROWS) -> str:
    return form.header + "".join(map(form.record, rows))


def test_json_lines_and_parquet_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(text(JsonLines()), "utf-8", errors="backslashreplace")
    assert list(JsonLines().read(path)) == ROWS
    pytest.importorskip("pyarrow")
    Parquet().write(tmp_path / "rows.parquet", ROWS)
    named = [*ROWS[:3], replace(ROWS[3], path="p\\udcff")]
    assert list(Parquet().read(tmp_path / "rows.parquet")) == named


def test_a_parquet_file_has_the_same_types_whatever_its_rows_hold(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    schemas = []
    for number, rows in enumerate(([], ROWS[:1], ROWS[2:3], ROWS)):
        Parquet().write(tmp_path / f"{number}.parquet", rows)
        schemas.append(parquet.read_schema(tmp_path / f"{number}.parquet"))
    assert all(schema.equals(schemas[0]) for schema in schemas)
    assert schemas[0].names == list(ROWS[0].as_dict())
    assert str(schemas[0].field("error").type) == "string"


@pytest.mark.parametrize("excel", [False, True])
def test_plain_csv_has_one_line_a_file_and_keeps_all_but_the_readings(tmp_path: Path, excel: bool) -> None:
    form = Csv(excel=excel)
    lines = list(csv.DictReader(io.StringIO(text(form).removeprefix("\ufeff"), newline="")))
    assert list(lines[0]) == ["path", "status", "text", "confidence", "error", "note", "ms", "size", "mtime_ns"]
    assert [line["status"] for line in lines] == ["read", "unsure", "empty", "error"]
    assert lines[0]["text"] == ('="007"' if excel else "007") and lines[2]["confidence"] == ""
    path = tmp_path / "rows.csv"
    path.write_text(text(form), "utf-8", errors="backslashreplace", newline="")
    without = [replace(row, readings=()) for row in ROWS]
    assert list(form.read(path)) == [*without[:3], replace(without[3], path="p\\udcff")]


@pytest.mark.parametrize("excel", [False, True])
def test_long_csv_has_one_line_a_number_with_its_corners(tmp_path: Path, excel: bool) -> None:
    form = Csv(long=True, excel=excel)
    lines = list(csv.DictReader(io.StringIO(text(form).removeprefix("\ufeff"), newline="")))
    assert list(lines[0]) == LONG
    assert [(line["number"], line["accepted"]) for line in lines] == [
        ("1", "True"),
        ("2", "False"),
        ("1", "False"),
        ("", ""),
        ("", ""),
    ]
    assert [float(lines[0][name]) for name in LONG[6:14]] == [number for corner in BOX for number in corner]
    assert [line["confidence"] for line in lines] == ["0.9", "0.5", "0.25", "", ""]
    path = tmp_path / "rows.csv"
    path.write_text(text(form), "utf-8", errors="backslashreplace", newline="")
    less = [replace(row, readings=tuple(replace(item, digit_confidences=()) for item in row.readings)) for row in ROWS]
    assert list(form.read(path)) == [*less[:3], replace(less[3], path="p\\udcff")]


def test_excel_gets_a_byte_order_mark_its_line_ends_and_no_formula() -> None:
    data = text(Csv(excel=True)).encode("utf-8", "backslashreplace")
    assert data.startswith(b"\xef\xbb\xbfpath,status,")
    assert data.count(b"\r\n") == len(ROWS) + 1
    cells = [cell for line in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) for cell in line]
    formulas = [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t")]
    assert formulas == ['="007"'], "the number alone, as a text"
    assert "'-p" in cells


def test_json_has_the_columns_and_kinds_of_the_manual() -> None:
    row = json.loads(JsonLines().record(ROWS[0]))
    assert list(row) == ["path", "status", "text", "confidence", "readings", "error", "note", "ms", "size", "mtime_ns"]
    assert row["readings"][0] == {
        "text": "007",
        "digits": [0, 0, 7],
        "digit_confidences": [0.9, 0.9, 0.9],
        "confidence": 0.9,
        "accepted": True,
        "box": [list(corner) for corner in BOX],
    }
    assert (row["error"], row["note"], row["size"]) == (None, "first of 3 pages", 12)
