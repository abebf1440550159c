"""Cutting a line of many blobs into parts that fit the network's five slots."""

from __future__ import annotations

import pytest

from edge_runtime.recognition.segment import Span, middle_gap, split_spans


def even_spans(count: int) -> list[Span]:
    return [((index + 0.2) / count, (index + 0.8) / count) for index in range(count)]


@pytest.mark.parametrize("count", [1, 5, 6, 10, 11, 23])
def test_no_part_has_more_than_five_blobs_and_none_is_lost(count: int) -> None:
    parts = split_spans(even_spans(count))
    assert [span for part in parts for span in part] == even_spans(count)
    assert all(1 <= len(part) <= 5 for part in parts)


@pytest.mark.parametrize(
    ("gap_after", "count", "sizes"),
    [((3,), 7, [3, 4]), ((2, 4), 7, [4, 3]), ((), 6, [3, 3]), ((), 10, [5, 5]), ((5,), 6, [5, 1]), ((3, 6), 9, [3] * 3)],
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
