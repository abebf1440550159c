"""Read the pictures in samples/ with the installed runtime and print a table: what ``make read`` shows."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from edge_runtime import DigitReader, Row, read_files
from edge_runtime.core.percent import percent

SAMPLES = Path("samples")
HEADER = ("picture", "shows", "read", "confidence", "not accepted", "ms")


def main() -> int:
    """Print the table and how many are right; 1 where a picture cannot be read."""
    with (SAMPLES / "labels.csv").open(newline="", encoding="utf-8") as labels:
        truths = {row["file"]: row["label"] for row in csv.DictReader(labels)}
    reader = DigitReader()
    _ = reader.spec  # opens the model, so that the first picture's time is its own
    rows = list(read_files([str(SAMPLES / name) for name in truths], reader))
    cells = [HEADER, *(cells_of(row, truth) for row, truth in zip(rows, truths.values(), strict=True))]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADER))]
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    right = sum(row.text.replace(" ", "") == truth for row, truth in zip(rows, truths.values(), strict=True))
    print(f"{right} of {len(rows)} right", file=sys.stderr)
    return 1 if any(row.status == "error" for row in rows) else 0


def cells_of(row: Row, truth: str) -> tuple[str, ...]:
    """One line of the table."""
    unsure = " ".join(reading.text for reading in row.readings if not reading.accepted)
    confidence = "" if row.confidence is None else percent(row.confidence)
    return Path(row.path).name, truth or "-", row.text or row.error or "-", confidence, unsure, f"{row.ms:.1f}"


if __name__ == "__main__":
    sys.exit(main())
