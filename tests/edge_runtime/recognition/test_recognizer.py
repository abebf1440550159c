"""``Recognizer``: lines in a picture -> the best reading of each place, by whichever way a line is cut."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from edge_runtime import ImageError, Quad, Reading, Trace
from edge_runtime.core.types import Alternatives
from edge_runtime.recognition.judgement import AcceptancePolicy
from edge_runtime.recognition.recognizer import FEW_STRIPS, Recognizer
from edge_runtime.recognition.segment import Span, middle_gap, split_spans
from tests.edge_runtime.recognition.bar_counter import Answers, BarCounter, draw_bars, paper, places

POLICY = AcceptancePolicy(trusted=0.8, threshold=0.8, chance_rules=True)


def recognizer(answers: Answers, larger: Answers | None = None) -> Recognizer:
    model = BarCounter(answers)
    return Recognizer(model, model if larger is None else BarCounter(larger, name="larger"))


def texts(readings: list[Reading]) -> list[str]:
    return [reading.text for reading in readings]


def test_each_place_gives_one_reading_with_its_box_in_the_order_of_the_places() -> None:
    picture = paper()
    lines = [draw_bars(picture, 10, 20, 2), draw_bars(picture, 10, 100, 1), draw_bars(picture, 200, 100, 4)]
    readings = recognizer({1: ("7", 1.0), 2: ("42", 1.0), 4: ("0815", 1.0)}).read(picture, places(*lines), POLICY)
    assert texts(readings) == ["42", "7", "0815"]
    assert [reading.box for reading in readings] == [line.box for line in lines]
    assert not any(reading.accepted for reading in readings), "to accept is the judgement's"


def test_a_place_without_a_number_gives_nothing() -> None:
    picture = paper()
    empty, line = draw_bars(picture, 10, 20, 3), draw_bars(picture, 10, 100, 1)
    assert texts(recognizer({1: ("5", 1.0)}).read(picture, places(empty, line), POLICY)) == ["5"]
    assert recognizer({}).read(picture, places(empty, line), POLICY) == []
    assert recognizer({}).read(picture, [], POLICY) == []


def test_of_alternatives_the_most_confident_that_is_not_blank_wins() -> None:
    picture = paper()
    unsure, sure, blank = (draw_bars(picture, 10, top, count) for top, count in ((10, 2), (50, 3), (90, 4)))
    other = draw_bars(picture, 10, 150, 1)
    found = [Alternatives((unsure, sure, blank)), Alternatives((other,))]
    readings = recognizer({1: ("9", 1.0), 2: ("41", 0.6), 3: ("42", 0.9)}).read(picture, found, POLICY)
    assert texts(readings) == ["42", "9"]
    assert readings[0].box == sure.box


def test_a_narrow_piece_of_a_place_needs_far_more_confidence_than_its_whole() -> None:
    picture = paper()
    whole, piece = draw_bars(picture, 10, 20, 5), draw_bars(picture, 10, 20, 1)
    found = [Alternatives((piece, whole))]
    assert texts(recognizer({1: ("1", 1.0), 5: ("12345", 0.7)}).read(picture, found, POLICY)) == ["12345"]


# Long numbers


def test_a_long_number_is_split_at_its_widest_gap_and_given_whole() -> None:
    picture = paper()
    left, right = draw_bars(picture, 30, 30, 3), draw_bars(picture, 110, 30, 4)
    box = Quad.upright(*left.box.bounds[:2], *right.box.bounds[2:])
    ends = [
        (part.box.bounds[0] - 30 + share * part.box.width) / box.width
        for part in (left, right)
        for span in part.spans
        for share in span
    ]
    line = replace(left, box=box, spans=tuple(zip(ends[::2], ends[1::2], strict=True)))
    answers = {3: ("123", 0.99), 4: ("4567", 0.99), 7: ("12345", 0.99)}
    (reading,) = recognizer(answers).read(picture, places(line), POLICY)
    assert reading.text == "1234567"
    assert reading.digits == (1, 2, 3, 4, 5, 6, 7) and len(reading.digit_confidences) == 7
    assert reading.confidence == pytest.approx(0.99**2, abs=1e-4)
    assert reading.box == box


def test_a_blank_part_is_left_out_of_text_and_box() -> None:
    picture = paper()
    line = draw_bars(picture, 30, 30, 10)
    picture[:, 108:150] = picture[0, 0]  # of the last five bars, two are left, which the network calls blank
    (reading,) = recognizer({5: ("89123", 1.0)}).read(picture, places(line), POLICY)
    assert reading.text == "89123"
    assert reading.box is not None
    assert reading.box.bounds[2] < 108 < line.box.bounds[2]


@pytest.mark.parametrize(("whole", "half", "text"), [(0.9, 0.99, "6789067890"), (0.99, 0.95, "12345")])
def test_touching_digits_beyond_five_are_found_by_halving_if_the_halves_are_surer(
    whole: float, half: float, text: str
) -> None:
    picture = paper()
    line = replace(draw_bars(picture, 30, 30, 12), spans=((0.0, 0.49), (0.51, 1.0)))  # two blobs of touching digits
    readings = recognizer({12: ("12345", whole), 6: ("67890", half)}).read(picture, places(line), POLICY)
    assert texts(readings) == [text]


@pytest.mark.parametrize(("confidence", "text"), [(0.95, "1234512345"), (0.85, "67890")])
def test_a_long_number_that_is_trusted_goes_before_a_surer_cut_of_it(confidence: float, text: str) -> None:
    picture = paper()
    line = draw_bars(picture, 30, 30, 10)
    answers = {10: ("67890", 0.99), 5: ("12345", confidence)}  # trusted: 0.95², not: 0.85²
    assert texts(recognizer(answers).read(picture, places(line), POLICY)) == [text]


# Cuts


def even_spans(count: int) -> list[Span]:
    return [((index + 0.2) / count, (index + 0.8) / count) for index in range(count)]


@pytest.mark.parametrize("count", [1, 5, 6, 10, 11, 23])
def test_no_part_has_more_than_five_blobs_and_none_is_lost(count: int) -> None:
    parts = split_spans(even_spans(count))
    assert [span for part in parts for span in part] == even_spans(count)
    assert all(1 <= len(part) <= 5 for part in parts)


@pytest.mark.parametrize(
    ("gap_after", "count", "sizes"),
    [
        ((3,), 7, [3, 4]),
        ((2, 4), 7, [4, 3]),
        ((), 6, [3, 3]),
        ((), 10, [5, 5]),
        ((5,), 6, [5, 1]),
        ((3, 6), 9, [3] * 3),
    ],
)
def test_cuts_fall_between_groups_or_else_in_the_middle(
    gap_after: tuple[int, ...], count: int, sizes: list[int]
) -> None:
    spans, place = [], 0.0
    for index in range(1, count + 1):
        spans.append((place, place + 1))
        place += 3.5 if index in gap_after else 1.2
    assert [len(part) for part in split_spans(spans)] == sizes


def test_the_middle_gap_is_nearest_to_the_middle() -> None:
    spans = [(0.0, 0.2), (0.25, 0.3), (0.6, 1.0)]
    assert middle_gap(spans) == [spans[:2], spans[2:]]
    assert middle_gap([(0.0, 1.0)]) == []


# Strips that one network is unsure of


def test_what_is_unsure_is_read_again_in_other_views_and_by_the_larger_model() -> None:
    picture = paper()
    unsure, sure = draw_bars(picture, 10, 20, 2), draw_bars(picture, 10, 100, 1)
    larger = {2: ("63", 1.0)}
    trace = Trace()
    readings = recognizer({1: ("7", 1.0), 2: ("62", 0.6)}, larger).read(picture, places(unsure, sure), POLICY, trace)
    assert texts(readings) == ["63", "7"]
    shown = Counter((item.model, item.line is unsure, item.view > 0) for item in trace.strips)
    assert shown == {
        ("counter", True, False): 1,
        ("counter", False, False): 1,
        ("counter", True, True): 4,
        ("larger", True, False): 1,
        ("larger", True, True): 4,
    }


def test_of_many_strips_only_the_promising_are_read_again() -> None:
    picture = paper(300)
    lines = [draw_bars(picture, 10, 10 + 40 * row, 1 + row % 3) for row in range(FEW_STRIPS + 1)]
    answers = {1: ("4", 0.6), 2: ("", 0.5), 3: ("", 1.0)}
    trace = Trace()
    recognizer(answers).read(picture, places(*lines), POLICY, trace)
    again = {item.box for item in trace.strips if item.view > 0}
    assert again == {line.box for line in lines if len(line.spans) == 1}
    few = Trace()
    recognizer(answers).read(picture, places(*lines[:2]), POLICY, few)
    assert {item.box for item in few.strips if item.view > 0} == {line.box for line in lines[:2]}


def test_strips_of_the_caller_are_shown_to_the_larger_model_where_the_first_is_unsure() -> None:
    trace = Trace()
    strips = np.zeros((2, 28, 140), np.uint8)
    strips[0, :, 20:30] = strips[1, :, 20:30] = strips[1, :, 60:70] = 255
    both = recognizer({1: ("7", 0.6), 2: ("42", 1.0)}, {1: ("9", 1.0)})
    first, second = both.read_strips(strips, trace)
    assert (first.text, second.text) == ("9", "42")
    assert first.box is None and not first.accepted
    assert [item.model for item in trace.strips] == ["counter", "counter", "larger"]
    with pytest.raises(ImageError, match=r"\[28, 140\]"):
        both.read_strips(strips[0])
