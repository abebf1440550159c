"""What ``python -m benchmarks footprint`` has measured, as tables and warnings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from train.core.markdown import markdown_table

Figures = Mapping[str, Any]

UNSTABLE_RATIO: Final = 1.5  # longest over median time to the answer, from which on the machine was not quiet
_LARGEST: Final = 4  # packages that are named
_MB: Final = 1e6


def warnings(document: Figures) -> list[str]:
    """One line for each figure that is not to be trusted."""
    found = []
    for row in document["fresh"]:
        title = f"{row['program']}, {row['reads']}"
        if row["text"] != row["truth"]:
            found.append(f"misread: {title}: {row['text'] or 'nothing'}, expected {row['truth']}")
        times = row["first_answer_seconds"]
        if times["most"] > UNSTABLE_RATIO * times["median"]:
            found.append(f"unstable: {title}: {times['most']:.2f} s at most, median {times['median']:.2f} s")
    return found


def markdown(document: Figures) -> str:
    """The document's figures as tables."""
    processor = document["machine"]
    wheel = document["wheel_bytes"]
    parts = [
        f"{processor['name']}, {processor['processors']} processors\n",
        f"Wheel: {wheel / _MB:.2f} MB\n" if wheel is not None else "",
        f"{document['method']['fresh']} {document['method']['installed']}\n",
        _fresh_table(document["fresh"]),
        _installed_table(document["installed"]),
        markdown_table(
            ("model file", "kB"), [(name, f"{size / 1e3:.0f}") for name, size in document["models"].items()]
        ),
        "".join(f"left out: {reason}\n" for reason in document["left_out"]),
        "".join(f"warning: {warning}\n" for warning in document["warnings"]),
    ]
    return "\n".join(part for part in parts if part)


def _fresh_table(fresh: list[Figures]) -> str:
    header = ("fresh process", "reads", "import, s", "start to answer, s", "least to most", "resident MB", "at most MB")
    rows = [
        (
            row["program"],
            row["reads"],
            f"{row['import_seconds']['median']:.2f}",
            f"{row['first_answer_seconds']['median']:.2f}",
            f"{row['first_answer_seconds']['least']:.2f} to {row['first_answer_seconds']['most']:.2f}",
            _megabytes(row["resident_bytes"]),
            _megabytes(row["peak_resident_bytes"]),
        )
        for row in fresh
    ]
    return markdown_table(header, rows)


def _installed_table(installed: Mapping[str, Mapping[str, int]]) -> str:
    rows = []
    for name, packages in installed.items():
        largest = ", ".join(f"{package} {size / _MB:.1f}" for package, size in list(packages.items())[:_LARGEST])
        rows.append((name, f"{sum(packages.values()) / _MB:.1f}", len(packages), largest))
    return markdown_table(("installed, with all that it requires", "MB", "packages", "the largest, MB"), rows)


def _megabytes(size: int | None) -> str:
    return "" if size is None else f"{size / _MB:.0f}"
