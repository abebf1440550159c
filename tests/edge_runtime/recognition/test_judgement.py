"""Which readings are accepted: the model's threshold with its rules, or the caller's and nothing else."""

from __future__ import annotations

import pytest

from edge_runtime import Quad, Reading
from edge_runtime.recognition.judgement import AcceptancePolicy
from tests.edge_runtime.recognition.tiny_model import spec

SPEC = spec(reject_threshold=0.8)
BY_MODEL = AcceptancePolicy.of_model(SPEC)
SAME_BUT_FIXED = AcceptancePolicy.fixed(SPEC, 0.8)


def reading(text: str, confidence: float, width: float = 30, height: float = 40) -> Reading:
    digits = tuple(int(char) for char in text)
    return Reading(text, digits, (confidence,) * len(text), confidence, box=Quad.upright(0, 0, width, height))


@pytest.mark.parametrize("policy", [BY_MODEL, SAME_BUT_FIXED])
def test_the_threshold_itself_is_accepted(policy: AcceptancePolicy) -> None:
    judged = policy.judged([reading("42", 0.8), reading("42", 0.7999)], busy=True)
    assert [item.accepted for item in judged] == [True, False]


@pytest.mark.parametrize(
    ("text", "confidence", "busy", "by_model"),
    [
        ("3", 0.9, True, False),
        ("3", 0.99, True, True),
        ("3", 0.9, False, True),
        ("42", 0.9, True, True),
    ],
)
def test_a_single_digit_in_a_busy_picture_must_be_sure(
    text: str, confidence: float, busy: bool, by_model: bool
) -> None:
    assert BY_MODEL.accepts(reading(text, confidence), busy=busy) is by_model
    assert SAME_BUT_FIXED.accepts(reading(text, confidence), busy=busy), "who sets a threshold is taken at their word"


@pytest.mark.parametrize(
    ("text", "width", "by_model"), [("0", 49, False), ("0", 47, True), ("8", 49, True), ("00", 90, True)]
)
def test_a_ring_that_lies_is_no_zero(text: str, width: float, by_model: bool) -> None:
    assert BY_MODEL.accepts(reading(text, 1.0, width), busy=False) is by_model
    assert SAME_BUT_FIXED.accepts(reading(text, 1.0, width), busy=False)


def test_a_strip_has_no_box_that_could_lie() -> None:
    (judged,) = BY_MODEL.judged([Reading("0", (0,), (1.0,), 1.0)], busy=False)
    assert judged.accepted and judged.box is None


def test_what_the_model_trusts_does_not_depend_on_what_the_caller_accepts() -> None:
    for threshold in (0.0, 0.5, 1.0):
        policy = AcceptancePolicy.fixed(SPEC, threshold)
        assert policy.trusts(reading("42", 0.8)) and not policy.trusts(reading("42", 0.79))
