"""Of readings that overlap the better one stays, and what is far weaker than the best of a picture goes."""

from __future__ import annotations

import pytest

from edge_runtime import Quad, Reading
from edge_runtime.recognition.judgement import AcceptancePolicy
from edge_runtime.recognition.suppression import drop_overlapping, drop_weak

POLICY = AcceptancePolicy(trusted=0.8, threshold=0.0, chance_rules=False)


def reading(text: str, confidence: float, left: float = 0, width: float = 60, height: float = 40) -> Reading:
    digits = tuple(int(char) for char in text)
    box = Quad.upright(left, 0, left + width, height)
    return Reading(text, digits, (confidence,) * len(text), confidence, box=box)


@pytest.mark.parametrize(
    ("one", "other", "stays"),
    [
        (reading("123", 0.9), reading("7", 0.99, left=10, width=20), "123"),  # both trusted: more digits
        (reading("123", 0.7), reading("7", 0.99, left=10, width=20), "7"),  # the trusted one
        (reading("123", 0.6), reading("7", 0.7, left=10, width=20), "123"),  # neither: confidence of a digit
        (reading("123", 0.2), reading("7", 0.7, left=10, width=20), "7"),
        (reading("111", 1.0), reading("7", 0.7, left=10, width=20), "111"),  # ones count a little less
        (reading("111", 0.6), reading("7", 0.9, left=10, width=20), "7"),
    ],
)
def test_of_two_in_one_place_the_better_stays(one: Reading, other: Reading, stays: str) -> None:
    for readings in ([one, other], [other, one]):
        assert [item.text for item in drop_overlapping(readings, POLICY)] == [stays]


def test_places_that_share_little_all_stay_in_their_order() -> None:
    row = [reading("42", 0.5, 0), reading("43", 0.99, 40), reading("44", 0.7, 200)]
    assert drop_overlapping(row, POLICY) == row
    assert drop_overlapping([], POLICY) == []
    strip = Reading("42", (4, 2), (0.9, 0.9), 0.9)
    assert drop_overlapping([strip, strip], POLICY) == [strip, strip], "without boxes nothing overlaps"


@pytest.mark.parametrize(
    ("weak", "stays"),
    [
        (reading("42", 0.59), False),
        (reading("42", 0.61), True),
        (reading("42", 0.9, height=19), False),  # much smaller than the best
        (reading("42", 0.96, height=19), True),
        (reading("1", 0.9), False),  # edges look like ones
        (reading("11", 0.96), True),
    ],
)
def test_what_is_weak_beside_a_sure_number_goes(weak: Reading, stays: bool) -> None:
    sure = reading("77", 1.0, left=100)
    assert drop_weak([weak, sure], POLICY) == ([weak, sure] if stays else [sure])
    assert drop_weak([weak], POLICY) == [weak], "alone it stays, however weak"


def test_beside_a_weak_number_ones_must_be_trusted() -> None:
    number = reading("77", 0.5)
    assert drop_weak([reading("1", 0.79), number], POLICY) == [number]
    trusted = reading("1", 0.8)
    assert drop_weak([trusted, number], POLICY) == [trusted, number]
    assert drop_weak([], POLICY) == []
