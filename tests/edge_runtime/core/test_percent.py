"""Probabilities in words."""

from __future__ import annotations

import pytest

from edge_runtime.core.percent import percent


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.0, "0%"),
        (0.29, "29%"),
        (0.8699, "86%"),
        (0.9899, "98%"),
        (0.99, "99.0%"),
        (0.9993, "99.9%"),
        (0.99999999999, "99.9%"),
        (1.0, "100%"),
    ],
)
def test_only_certainty_is_a_hundred_percent(probability: float, words: str) -> None:
    assert percent(probability) == words
