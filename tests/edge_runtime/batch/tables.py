"""Finished files of rows, whatever their form, and what a run says of those that it kept."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from click.testing import Result

ENDINGS = pytest.mark.parametrize("ending", [".jsonl", ".csv", ".parquet"])
Rows = list[dict[str, object]]


def rows_of(path: Path) -> Rows:
    """The rows of a finished file without the time they took."""
    rows: Rows
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
    elif path.suffix == ".parquet":
        rows = pytest.importorskip("pyarrow.parquet").read_table(path).to_pylist()
    else:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [{**row, "ms": None} for row in rows]


def names(rows: Rows) -> list[str]:
    return [Path(str(row["path"])).name for row in rows]


def kept(result: Result) -> int:
    """How many rows a run took over from before, as it says."""
    found = re.search(r"\((\d+) of them from before\)", result.stderr)
    return int(found[1]) if found else 0


def beside(output: Path) -> list[str]:
    return sorted(path.name for path in output.parent.glob(f"{output.name}*"))
