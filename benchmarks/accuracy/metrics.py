"""Answers and truths -> the figures of one reader on one folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_high
from typing import Any

from benchmarks.core.dataset import Sample

from .candidates import Answer


@dataclass(frozen=True)
class Result:
    """One picture, read."""

    sample: Sample
    answer: Answer

    @property
    def is_exact(self) -> bool:
        """Whether all digits are right, in order, none too many."""
        return self.answer.error is None and self.answer.text == self.sample.truth

    @property
    def is_mistake(self) -> bool:
        """A number read wrong, or a reading that is stood by where there is no number."""
        return not self.is_exact if self.sample.truth else bool(self.answer.accepted or self.answer.error)


def figures(reader: str, folder: str, results: Sequence[Result]) -> dict[str, Any]:
    """One reader on one folder, JSON-safe. Shares are 0 to 1, and None where there is nothing to count.

    exact: pictures with a number whose text is right, accepting everything.
    digit_accuracy: 1 - edit distance / digits of the truths, summed over the folder; at least 0.
    coverage, error: pictures with a number that have an accepted reading; of these, the share that is wrong.
    false_answers: pictures without a number that have an accepted reading.
    failed: pictures that could not be read.
    """
    numbers = [result for result in results if result.sample.truth]
    empties = [result for result in results if not result.sample.truth]
    accepted = [result for result in numbers if result.answer.accepted]
    digits = sum(len(result.sample.truth) for result in numbers)
    wrong_digits = sum(edit_distance(result.sample.truth, result.answer.text) for result in numbers)
    return {
        "reader": reader,
        "folder": folder,
        "numbers": len(numbers),
        "empties": len(empties),
        "exact": _share(sum(result.is_exact for result in numbers), len(numbers)),
        "digit_accuracy": max(0.0, 1 - wrong_digits / digits) if digits else None,
        "coverage": _share(len(accepted), len(numbers)),
        "error": _share(sum(result.answer.accepted != result.sample.truth for result in accepted), len(accepted)),
        "false_answers": sum(bool(result.answer.accepted) for result in empties),
        "failed": sum(result.answer.error is not None for result in results),
        "median_ms": median_high(result.answer.ms for result in results),
    }


def edit_distance(truth: str, text: str) -> int:
    """Fewest insertions, deletions and replacements of one digit that make ``text`` of ``truth`` (Levenshtein)."""
    row = list(range(len(text) + 1))
    for above, wanted in enumerate(truth):
        diagonal, row[0] = above, above + 1
        for column, got in enumerate(text):
            change = diagonal + (wanted != got)
            diagonal = row[column + 1]
            row[column + 1] = min(change, row[column] + 1, diagonal + 1)
    return row[-1]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
