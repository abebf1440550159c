"""Any names of files, and any documents for a row."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime import DigitReader, Reading, Row, find_files, read_files
from tests.robustness.fuzzing.made_up import JSON, covers, fuzz, readings


@covers("find_files", "read_files", "Row")
@fuzz
@given(st.lists(st.text(st.characters(exclude_characters="/"), max_size=12), max_size=6), st.binary(max_size=40))
def test_any_names_are_found_once_and_each_gives_a_row(
    tmp_path_factory: pytest.TempPathFactory, tiny_reader: DigitReader, names: list[str], content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("names")
    made = set()
    for name in names:
        try:
            (folder / name).write_bytes(content)
        except (OSError, ValueError):  # no name that the system takes
            continue
        if not Path(name).name.startswith("."):
            made.add(str(folder / name))
    found = list(find_files(folder))
    inside = {path for path in made if Path(path).parent == folder}
    assert len(found) == len(set(found)) and {os.path.realpath(path) for path in found} >= {
        os.path.realpath(path) for path in inside
    }
    rows = list(read_files(found, tiny_reader))
    assert [row.path for row in rows] == found
    assert all(row.status == "error" and row.error and "\n" not in row.error for row in rows)


@covers("read_files")
@fuzz
@given(st.lists(st.text(max_size=20), max_size=5))
def test_any_path_gives_a_row(tiny_reader: DigitReader, paths: list[str]) -> None:
    rows = list(read_files([f"no-such-folder/{path}" for path in paths], tiny_reader))
    assert [row.status for row in rows] == ["error"] * len(paths)


@covers("Row.of", "Row.failed", "Row.as_dict", "Row.from_dict", "Reading", "Reading.from_dict")
@fuzz
@given(st.text(max_size=20), st.lists(readings(), max_size=4), st.floats(0, 1e6), st.text(max_size=60))
def test_rows_survive_json(path: str, found: list[Reading], ms: float, error: str) -> None:
    for row in (Row.of(path, found, ms, note=error), Row.failed(path, error, ms)):
        again = Row.from_dict(json.loads(json.dumps(row.as_dict(), allow_nan=False)))
        assert again.as_dict() == row.as_dict()
        assert row.status != "error" or "\n" not in (row.error or "")


@covers("Row.from_dict")
@fuzz
@given(st.dictionaries(st.sampled_from(sorted(Row.failed("a", "b").as_dict())), JSON, max_size=10))
def test_any_document_is_a_row_that_survives_json_or_is_refused(changes: dict[str, Any]) -> None:
    values = Row.failed("a", "b").as_dict() | changes
    try:
        row = Row.from_dict(values)
    except (KeyError, TypeError, ValueError, OverflowError):
        return
    assert row.status in ("read", "unsure", "empty", "error") and isinstance(row.path, str)
    assert Row.from_dict(json.loads(json.dumps(row.as_dict()))).as_dict() == row.as_dict()
