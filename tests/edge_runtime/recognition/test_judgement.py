"""Which readings are kept, and which of them accepted.

Of readings that overlap the better one stays, and what is far weaker than the best of a picture goes. Accepted is by
the model's threshold with its rules, or by the caller's and nothing else.
"""

from __future__ import annotations

import pytest

from edge_runtime import Quad, Reading
from edge_runtime.recognition.judgement import AcceptancePolicy
from edge_runtime.recognition.suppression import drop_overlapping, drop_weak
from tests.edge_runtime.recognition.tiny_model import spec

SPEC = spec(reject_threshold=0.8)
BY_MODEL = AcceptancePolicy.of_model(SPEC)
SAME_BUT_FIXED = AcceptancePolicy.of_model(SPEC, 0.8)


def reading(text: str, confidence: float, left: float = 0, width: float = 30, height: float = 40) -> Reading:
    digits = tuple(int(char) for char in text)
    box = Quad.upright(left, 0, left + width, height)
    return Reading(text, digits, (confidence,) * len(text), confidence, box=box)


# Accepted


@pytest.mark.parametrize("policy", [BY_MODEL, SAME_BUT_FIXED])
def test_the_threshold_itself_is_accepted(policy: AcceptancePolicy) -> None:
    judged = policy.judged([reading("42", 0.8), reading("42", 0.7999)], crowded=True)
    assert [item.accepted for item in judged] == [True, False]


@pytest.mark.parametrize(
    ("text", "confidence", "crowded", "by_model"),
    [
        ("3", 0.9, True, False),
        ("3", 0.99, True, True),
        ("3", 0.9, False, True),
        ("42", 0.9, True, True),
    ],
)
def test_a_single_digit_in_a_crowded_picture_must_be_sure(
    text: str, confidence: float, crowded: bool, by_model: bool
) -> None:
    assert BY_MODEL.accepts(reading(text, confidence), crowded=crowded) is by_model
    assert SAME_BUT_FIXED.accepts(reading(text, confidence), crowded=crowded), (
        "who sets a threshold is taken at their word"
    )


@pytest.mark.parametrize(
    ("text", "width", "by_model"), [("0", 49, False), ("0", 47, True), ("8", 49, True), ("00", 90, True)]
)
def test_a_ring_that_lies_is_no_zero(text: str, width: float, by_model: bool) -> None:
    assert BY_MODEL.accepts(reading(text, 1.0, width=width), crowded=False) is by_model
    assert SAME_BUT_FIXED.accepts(reading(text, 1.0, width=width), crowded=False)


def test_what_the_model_trusts_does_not_depend_on_what_the_caller_accepts() -> None:
    for threshold in (0.0, 0.5, 1.0):
        policy = AcceptancePolicy.of_model(SPEC, threshold)
        assert policy.trusts(reading("42", 0.8)) and not policy.trusts(reading("42", 0.79))


# Kept


@pytest.mark.parametrize(
    ("one", "other", "stays"),
    [
        (reading("123", 0.9), reading("7", 0.99, left=5, width=10), "123"),  # both trusted: more digits
        (reading("123", 0.7), reading("7", 0.99, left=5, width=10), "7"),  # the trusted one
        (reading("123", 0.6), reading("7", 0.7, left=5, width=10), "123"),  # neither: confidence of a digit
        (reading("123", 0.2), reading("7", 0.7, left=5, width=10), "7"),
        (reading("111", 1.0), reading("7", 0.7, left=5, width=10), "111"),  # ones count a little less
        (reading("111", 0.6), reading("7", 0.9, left=5, width=10), "7"),
    ],
)
def test_of_two_in_one_place_the_better_stays(one: Reading, other: Reading, stays: str) -> None:
    for readings in ([one, other], [other, one]):
        assert [item.text for item in drop_overlapping(readings, BY_MODEL)] == [stays]


def test_places_that_share_little_all_stay_in_their_order() -> None:
    row = [reading("42", 0.5), reading("43", 0.99, left=20), reading("44", 0.7, left=200)]
    assert drop_overlapping(row, BY_MODEL) == row
    assert drop_overlapping([], BY_MODEL) == []
    strip = Reading("42", (4, 2), (0.9, 0.9), 0.9)
    assert drop_overlapping([strip, strip], BY_MODEL) == [strip, strip], "without boxes nothing overlaps"


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
    assert drop_weak([weak, sure], BY_MODEL) == ([weak, sure] if stays else [sure])
    assert drop_weak([weak], BY_MODEL) == [weak], "alone it stays, however weak"


def test_beside_a_weak_number_ones_must_be_trusted() -> None:
    number = reading("77", 0.5)
    assert drop_weak([reading("1", 0.79), number], BY_MODEL) == [number]
    trusted = reading("1", 0.8)
    assert drop_weak([trusted, number], BY_MODEL) == [trusted, number]
    assert drop_weak([], BY_MODEL) == []
