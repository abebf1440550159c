"""Tracking of made-up readings: confirmed by agreement, followed, gone; and the rules of plausibility."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge_runtime import Event, OptionError, Plausible, Reading, Tracker
from edge_runtime.core.types import Quad


def reading(text: str, x: float = 100, y: float = 50, confidence: float = 0.95, accepted: bool = True) -> Reading:
    """A number 40 pixels high and 25 wide for each digit."""
    right, bottom = x + 25 * len(text), y + 40
    box = Quad.upright(x, y, right, bottom)
    digits = tuple(int(char) for char in text)
    return Reading(text, digits, (confidence,) * len(text), confidence, accepted, box)


def play(tracker: Tracker, *frames: Reading | str | None) -> list[tuple[int, str, str]]:
    """(frame, kind, text) of every event; a text stands for a reading of it, None for an empty frame."""
    told = []
    for index, frame in enumerate(frames):
        item = reading(frame) if isinstance(frame, str) else frame
        told += [(index, event.kind, event.number.text) for event in tracker.update([item] if item else [])]
    return told


FAIR, WEAK, STRONG = reading("42", confidence=0.55), reading("47", confidence=0.2), reading("47", confidence=0.95)
UNSURE = reading("88", confidence=0.4, accepted=False)
THIRD = (2, "appeared", "42")  # the third frame

CASES = {
    "confirmed at once": (1, ["42"] * 10, [(0, "appeared", "42")]),
    "confirmed by five frames": (5, ["42"] * 10, [(4, "appeared", "42")]),
    "gone when it leaves": (2, [*["42"] * 4, *[None] * 8], [(1, "appeared", "42"), (9, "gone", "42")]),
    "gone when other texts are read at its place": (
        2,
        [*["42"] * 4, *[UNSURE] * 20],
        [(1, "appeared", "42"), (9, "gone", "42")],
    ),
    "one odd digit changes nothing": (3, [*["42"] * 6, "41", *["42"] * 6], [THIRD]),
    "one longer text changes nothing": (3, [*["42"] * 6, "77777", *["42"] * 6], [THIRD]),
    "one empty frame changes nothing": (3, [*["42"] * 6, None, *["42"] * 6], [THIRD]),
    "an odd frame among the first delays": (3, ["42", "47", *["42"] * 4], [(3, "appeared", "42")]),
    "two texts in turns confirm neither": (3, ["42", "47"] * 10, []),
    "two texts in turns confirm none over the other": (3, [*["42"] * 5, *["47", "42"] * 10], [THIRD]),
    "a weak odd frame delays by one": (3, [FAIR, WEAK, *[FAIR] * 6], [(3, "appeared", "42")]),
    "a strong odd frame delays longer": (3, [FAIR, STRONG, *[FAIR] * 6], [(6, "appeared", "42")]),
    "not accepted, never confirmed": (3, [UNSURE] * 50, []),
}


@pytest.mark.parametrize(("confirm", "frames", "told"), CASES.values(), ids=CASES)
def test_frames_that_agree_confirm_a_number(
    confirm: int, frames: list[Reading | str | None], told: list[tuple[int, str, str]]
) -> None:
    assert play(Tracker(confirm), *frames) == told


def test_a_number_changes_and_says_what_it_was() -> None:
    tracker = Tracker(3)
    play(tracker, *["42"] * 5)
    events = [event for _ in range(5) for event in tracker.update([reading("43")])]
    assert [(event.kind, event.number.text, event.previous) for event in events] == [("changed", "43", "42")]
    assert events[0].number.id == 1 and [number.text for number in tracker.numbers] == ["43"]


def test_a_number_is_followed_as_it_moves() -> None:
    tracker = Tracker(3)
    told = play(tracker, *[reading("42", x=100 + 30 * step) for step in range(20)])
    assert told == [(2, "appeared", "42")]
    assert tracker.numbers[0].box[0][0] == 100 + 30 * 19


def test_two_numbers_are_told_apart_even_with_the_same_text() -> None:
    tracker = Tracker(3)
    events: list[Event] = []
    for step in range(8):
        events += tracker.update([reading("7", x=50 + step), reading("7", x=250 + step), reading("12", x=400 - step)])
    assert sorted((event.kind, event.number.text) for event in events) == [
        ("appeared", "12"),
        ("appeared", "7"),
        ("appeared", "7"),
    ]
    assert [number.id for number in tracker.numbers] == [1, 2, 3]


def test_a_frame_of_another_size_does_not_lose_the_place() -> None:
    tracker = Tracker(3)
    play(tracker, *["42"] * 5)
    tracker.rescale(4.0, 4.0)
    far = reading("43", x=400, y=200)
    large = replace(far, box=Quad.upright(400, 200, 600, 360))
    assert play(tracker, *[large] * 6)[0][1:] == ("changed", "43")


@example(texts=["42", "42", "47", "47", "4", "47", "47", "4"], confirm=2)
@given(st.lists(st.sampled_from(["42", "47", "", "4"]), min_size=1, max_size=40), st.integers(2, 4))
def test_what_is_settled_stays_so_when_the_last_frame_comes_again(texts: list[str], confirm: int) -> None:
    tracker = Tracker(confirm)
    last: list[Reading] = []
    for text in texts:
        last = [reading(text)] if text else []
        tracker.update(last)
    if tracker.settled:
        assert tracker.update(last) == () and tracker.settled


@pytest.mark.parametrize(
    ("rules", "text", "before", "allowed"),
    [
        (Plausible(), "7", "9", True),
        (Plausible(length=3), "007", None, True),
        (Plausible(length=3), "07", None, False),
        (Plausible(length=2, least=99), "99", None, True),
        (Plausible(least=10, most=20), "10", None, True),
        (Plausible(least=10, most=20), "20", None, True),
        (Plausible(least=10, most=20), "9", None, False),
        (Plausible(least=10, most=20), "21", None, False),
        (Plausible(never_decreasing=True), "41", "42", False),
        (Plausible(never_decreasing=True), "42", "42", True),
        (Plausible(never_decreasing=True), "41", None, True),
        (Plausible(largest_step=5), "47", "42", True),
        (Plausible(largest_step=5), "48", "42", False),
        (Plausible(largest_step=5), "36", "42", False),
    ],
)
def test_rules(rules: Plausible, text: str, before: str | None, allowed: bool) -> None:
    assert rules.allow(text, before) is allowed


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"length": 0}, "length is 0"),
        ({"largest_step": -1}, "largest_step is -1"),
        ({"least": 5, "most": 4}, "least is 5"),
        ({"most": -1}, "most is -1"),
        ({"length": 2, "least": 100}, "least is 100"),
    ],
)
def test_rules_that_no_number_meets_are_refused(wrong: dict[str, int], told: str) -> None:
    with pytest.raises(OptionError, match=told):
        Plausible(**wrong)  # type: ignore[arg-type]


def test_an_implausible_number_is_not_confirmed() -> None:
    meter = Tracker(3, plausible=Plausible(never_decreasing=True, largest_step=10))
    assert play(meter, *["100"] * 4, *["900"] * 4, *["104"] * 6, *["101"] * 4) == [
        (2, "appeared", "100"),
        (10, "changed", "104"),
    ]


def test_the_last_number_of_a_place_is_remembered_when_it_was_gone() -> None:
    meter = Tracker(2, plausible=Plausible(never_decreasing=True))
    assert play(meter, *["100"] * 3, *[None] * 20, *["099"] * 5, *["101"] * 5)[1:] == [
        (8, "gone", "100"),
        (29, "appeared", "101"),
    ]


@pytest.mark.parametrize("wrong", [{"confirm": 0}, {"gone_after": 0}])
def test_counts_below_one_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(OptionError, match="expected at least 1 frame"):
        Tracker(**wrong)
