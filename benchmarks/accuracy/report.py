"""The figures as a Markdown table and as a JSON document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from benchmarks.core.document import Document, head
from train.core.markdown import markdown_table

from . import metrics
from .candidates import Candidate
from .metrics import Result

ALL: Final = "all folders"
_HEADER: Final = (
    *("folder", "reader", "pictures", "exact match", "digits", "coverage", "error", "false answers", "failed", "ms"),
)
_LEGEND: Final = (
    "exact match: all digits of the number right, accepted or not. digits: 1 - edit distance / digits. "
    "coverage and error: pictures with a reading accepted at the model's threshold, and how many of these are wrong. "
    "false answers: pictures without a number that got an accepted reading. ms: median time of a picture, from the "
    "file to the readings."
)


def document(candidates: Sequence[Candidate], results: Mapping[str, Sequence[Result]]) -> dict[str, Any]:
    """Everything, JSON-safe: machine, versions, readers, figures, and the answer to every picture."""
    return {
        **head("accuracy"),
        "readers": {candidate.name: candidate.description for candidate in candidates},
        "figures": _all_figures(results),
        "pictures": {name: [_picture(result) for result in part] for name, part in results.items()},
    }


def figures(document: Document, reader: str) -> dict[str, Mapping[str, Any]]:
    """Those of one reader by folder, the sum of all last."""
    return {row["folder"]: row for row in document["figures"] if row["reader"] == reader}


def markdown(document: Document) -> str:
    """The document's figures: one row for each folder and reader; then what the readers are."""
    readers = [
        f"- {name}: {', '.join(f'{key} {value}' for key, value in description.items())}\n"
        for name, description in document["readers"].items()
    ]
    table = markdown_table(_HEADER, [_cells(row) for row in document["figures"]])
    return f"{table}\n{_LEGEND}\n\n{''.join(readers)}"


def percent(share: float | None) -> str:
    """A share from 0 to 1; empty where it is None."""
    return "" if share is None else f"{share:.1%}"


def _all_figures(results: Mapping[str, Sequence[Result]]) -> list[dict[str, Any]]:
    """Figures of each folder, reader by reader, and of all folders together where there are several."""
    folders = list(dict.fromkeys(result.sample.folder for part in results.values() for result in part))
    measured = [
        metrics.figures(name, folder, [result for result in part if result.sample.folder == folder])
        for folder in folders
        for name, part in results.items()
    ]
    if len(folders) > 1:
        measured += [metrics.figures(name, ALL, part) for name, part in results.items()]
    return measured


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        *(row["folder"], row["reader"], str(row["numbers"] + row["empties"])),
        *(percent(row[key]) for key in ("exact", "digit_accuracy", "coverage", "error")),
        f"{row['false_answers']} of {row['empties']}" if row["empties"] else "",
        *(str(row["failed"] or ""), f"{row['median_ms']:.1f}"),
    )


def _picture(result: Result) -> dict[str, Any]:
    told = ("text", "accepted", "confidence", "error")
    answers = {key: getattr(result.answer, key) for key in told}
    return {"picture": result.sample.name, "truth": result.sample.truth, **answers}
