"""What ``python -m benchmarks footprint`` has measured, as tables and warnings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from benchmarks.core.document import Document, machine_line, paragraphs
from train.core.markdown import markdown_table

from .fresh import EDGE_DIGITS, PICTURE

UNSTABLE_RATIO: Final = 1.5  # longest over median time to the answer, from which on the machine was not quiet
_LARGEST: Final = 4  # packages that are named
_MB: Final = 1e6

Row = Mapping[str, Any]
"""One program in fresh processes, as ``fresh.figures`` gives it."""


def first_reading(document: Document) -> Row | None:
    """The product's row, from the start of Python to the reading of a picture file."""
    wanted = {"program": EDGE_DIGITS, "reads": PICTURE}
    return next((row for row in document["fresh"] if wanted.items() <= row.items()), None)


def warnings(fresh: Iterable[Row]) -> list[str]:
    """One line for each figure that is not to be trusted."""
    found = []
    for row in fresh:
        title = f"{row['program']}, {row['reads']}"
        if row["text"] != row["truth"]:
            found.append(f"misread: {title}: {row['text'] or 'nothing'}, expected {row['truth']}")
        times = row["first_answer_seconds"]
        if times["most"] > UNSTABLE_RATIO * times["median"]:
            found.append(f"unstable: {title}: {times['most']:.2f} s at most, median {times['median']:.2f} s")
    return found


def markdown(document: Document) -> str:
    """The document's figures as tables."""
    wheel, models = document["wheel_bytes"], document["models"]
    parts = [
        f"{machine_line(document)}\n",
        f"Wheel: {wheel / _MB:.2f} MB\n" if wheel is not None else "",
        f"{document['method']['fresh']} {document['method']['installed']}\n",
        _fresh_table(document["fresh"]),
        _installed_table(document["installed"]),
        markdown_table(("model file", "kB"), [(name, f"{size / 1e3:.0f}") for name, size in models.items()]),
    ]
    return paragraphs(document, parts)


def _fresh_table(fresh: Iterable[Row]) -> str:
    header = ("fresh process", "reads", "import, s", "start to answer, s", "least to most", "resident MB", "at most MB")
    rows = []
    for row in fresh:
        times = row["first_answer_seconds"]
        seconds = (f"{row['import_seconds']['median']:.2f}", "{median:.2f}", "{least:.2f} to {most:.2f}")
        memory = (row["resident_bytes"], row["peak_resident_bytes"])
        megabytes = ("" if size is None else f"{size / _MB:.0f}" for size in memory)
        rows.append((row["program"], row["reads"], *(text.format_map(times) for text in seconds), *megabytes))
    return markdown_table(header, rows)


def _installed_table(installed: Mapping[str, Mapping[str, int]]) -> str:
    rows = []
    for name, packages in installed.items():
        largest = ", ".join(f"{package} {size / _MB:.1f}" for package, size in list(packages.items())[:_LARGEST])
        rows.append((name, f"{sum(packages.values()) / _MB:.1f}", len(packages), largest))
    return markdown_table(("installed, with all that it requires", "MB", "packages", "the largest, MB"), rows)
