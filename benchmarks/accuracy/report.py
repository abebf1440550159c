"""The figures as a Markdown table and as a JSON document."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.latency.report import head
from train.core.markdown import markdown_table

from .candidates import Candidate
from .metrics import Figures, Result

_HEADER = ("folder", "reader", "pictures", "exact", "digits", "coverage", "error", "false answers", "failed", "ms")
_LEGEND = (
    "exact: whole number right, accepting every reading. digits: 1 - edit distance / digits. coverage and error: "
    "pictures with a reading accepted at the model's threshold, and how many of these are wrong. false answers: "
    "pictures without a number that got an accepted reading. ms: median time of a picture, from the file to "
    "the readings."
)


def write_document(path: Path, document: Mapping[str, Any]) -> None:
    """Write a JSON document, and make its folder where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n", "utf-8")


def markdown(document: Mapping[str, Any]) -> str:
    """The document's figures: one row for each folder and reader; then what the readers are."""
    readers = [
        f"- {name}: {', '.join(f'{key} {value}' for key, value in description.items())}"
        for name, description in document["readers"].items()
    ]
    table = markdown_table(_HEADER, [_row(Figures(**row)) for row in document["figures"]])
    return "\n".join([table, _LEGEND, "", *readers, "", f"edge-digits {document['edge_digits']}", ""])


def document(
    all_figures: Sequence[Figures], candidates: Sequence[Candidate], results: dict[str, list[Result]]
) -> dict[str, Any]:
    """Everything, JSON-safe: machine, versions, readers, figures, and the answer to every picture."""
    return {
        **head(),
        "readers": {candidate.name: candidate.description for candidate in candidates},
        "figures": [asdict(figures) for figures in all_figures],
        "pictures": {name: [_picture(result) for result in part] for name, part in results.items()},
    }


def _row(figures: Figures) -> tuple[str, ...]:
    pictures = figures.numbers + figures.empties
    return (
        figures.folder,
        figures.reader,
        str(pictures),
        _percent(figures.exact),
        _percent(figures.digit_accuracy),
        _percent(figures.coverage),
        _percent(figures.error),
        f"{figures.false_answers} of {figures.empties}" if figures.empties else "",
        str(figures.failed or ""),
        f"{figures.median_ms:.1f}",
    )


def _picture(result: Result) -> dict[str, Any]:
    answer = result.answer
    return {
        "picture": result.sample.name,
        "truth": result.sample.truth,
        "text": answer.text,
        "accepted": answer.accepted,
        "confidence": answer.confidence,
        "error": answer.error,
    }


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"
