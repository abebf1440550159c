"""Tracking of made-up readings: confirmed by agreement, followed, gone; and the rules of plausibility."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from edge_runtime import Event, Plausible, Reading, Tracker
from edge_runtime.core.types import Quad
from edge_runtime.video.association import nearest, pair_up


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


def test_a_number_appears_once_when_it_is_confirmed() -> None:
    assert play(Tracker(3), *["42"] * 10) == [(2, "appeared", "42")]


@pytest.mark.parametrize("confirm", [1, 2, 5])
def test_confirm_says_how_many_frames_must_agree(confirm: int) -> None:
    assert play(Tracker(confirm), *["42"] * 10) == [(confirm - 1, "appeared", "42")]


def test_a_number_is_gone_when_it_leaves() -> None:
    tracker = Tracker(2)
    assert play(tracker, *["42"] * 4, *[None] * 8) == [(1, "appeared", "42"), (9, "gone", "42")]
    assert tracker.numbers == ()


def test_a_number_changes_and_says_what_it_was() -> None:
    tracker = Tracker(3)
    play(tracker, *["42"] * 5)
    events = [event for _ in range(5) for event in tracker.update([reading("43")])]
    assert [(event.kind, event.number.text, event.previous) for event in events] == [("changed", "43", "42")]
    assert events[0].number.id == 1 and [number.text for number in tracker.numbers] == ["43"]


@pytest.mark.parametrize("odd", ["41", "142", "2", None, "77777"])
def test_one_odd_frame_changes_nothing(odd: str | None) -> None:
    assert play(Tracker(3), *["42"] * 6, odd, *["42"] * 6) == [(2, "appeared", "42")]


def test_an_odd_frame_between_the_first_ones_only_delays() -> None:
    assert play(Tracker(3), "42", "47", "42", "42", "42", "42") == [(3, "appeared", "42")]


def test_two_texts_in_turns_confirm_neither_over_the_other() -> None:
    assert play(Tracker(3), *["42", "47"] * 10) == []
    assert play(Tracker(3), *["42"] * 5, *["47", "42"] * 10) == [(2, "appeared", "42")]


def test_agreement_is_weighted_by_confidence() -> None:
    fair, weak, strong = reading("42", confidence=0.55), reading("47", confidence=0.2), reading("47", confidence=0.95)
    assert play(Tracker(3), fair, weak, *[fair] * 6) == [(3, "appeared", "42")]
    assert play(Tracker(3), fair, strong, *[fair] * 6) == [(6, "appeared", "42")]


def test_what_is_not_accepted_is_never_confirmed() -> None:
    assert play(Tracker(3), *[reading("42", confidence=0.4, accepted=False)] * 50) == []


def test_a_number_is_gone_when_only_other_texts_are_read_at_its_place() -> None:
    unsure = reading("88", confidence=0.3, accepted=False)
    assert play(Tracker(2), *["42"] * 4, *[unsure] * 20) == [(1, "appeared", "42"), (9, "gone", "42")]


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


def test_settled_means_that_the_same_frame_again_would_change_nothing() -> None:
    tracker = Tracker(2)
    assert tracker.settled
    play(tracker, "42")
    assert not tracker.settled
    play(tracker, "42", "42")
    assert tracker.settled
    play(tracker, "47")
    assert not tracker.settled
    play(tracker, *["42"] * 3)
    assert tracker.settled
    play(tracker, None)
    assert not tracker.settled


@settings(max_examples=50)
@given(
    st.integers(1, 4),
    st.lists(
        st.lists(
            st.builds(
                reading,
                st.from_regex(r"[0-9]{1,5}", fullmatch=True),
                st.floats(0, 600),
                st.floats(0, 400),
                st.floats(0, 1),
                st.booleans(),
            ),
            max_size=4,
        ),
        max_size=25,
    ),
)
def test_events_and_numbers_tell_the_same_story(confirm: int, frames: list[list[Reading]]) -> None:
    tracker = Tracker(confirm)
    in_view: dict[int, str] = {}
    for readings in frames:
        events = tracker.update(readings)
        for event in events:
            assert (event.number.id in in_view) == (event.kind != "appeared")
            if event.kind == "changed":
                assert event.previous == in_view[event.number.id] != event.number.text
            in_view[event.number.id] = event.number.text
            if event.kind == "gone":
                del in_view[event.number.id]
        assert {number.id: number.text for number in tracker.numbers} == in_view
        assert all(0 <= number.confidence <= 1 for number in tracker.numbers)


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


def test_pairs_are_the_nearest_and_used_once() -> None:
    before = [(reading("1", x=0).box, "1"), (reading("2", x=60).box, "2")]
    now = [(reading("2", x=62).box, "2"), (reading("1", x=3).box, "1"), (reading("9", x=500).box, "9")]
    assert pair_up(before, now) == {0: 1, 1: 0}
    assert pair_up([], now) == {} and pair_up(before, []) == {}
    assert nearest(now[0][0], [box for box, _ in before]) == 1
    assert nearest(now[2][0], [box for box, _ in before]) is None


@pytest.mark.parametrize(
    ("rules", "text", "before", "allowed"),
    [
        (Plausible(), "7", "9", True),
        (Plausible(length=3), "007", None, True),
        (Plausible(length=3), "07", None, False),
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


@pytest.mark.parametrize("wrong", [{"length": 0}, {"largest_step": -1}, {"least": 5, "most": 4}, {"most": -1}])
def test_rules_that_no_number_meets_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=str(min(wrong.values()))):
        Plausible(**wrong)  # type: ignore[arg-type]


def test_a_least_number_that_has_too_many_digits_is_refused() -> None:
    assert Plausible(length=2, least=99).allow("99")
    with pytest.raises(ValueError, match="least is 100"):
        Plausible(length=2, least=100)


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
    with pytest.raises(ValueError, match="expected at least 1 frame"):
        Tracker(**wrong)
