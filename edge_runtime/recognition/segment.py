"""Cutting a line of many blobs into parts that fit the network's five slots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge_runtime.core.types import Quad

from .contract import SLOTS

Span = tuple[float, float]
"""From where to where a blob reaches along its line, as fractions of the line's width."""


@dataclass(frozen=True)
class Part:
    """A piece of a line. box: in the picture's pixels; start, stop: fractions of the line's width."""

    box: Quad
    start: float
    stop: float

    @classmethod
    def of(cls, line: Quad, spans: Sequence[Span]) -> Part:
        """The piece that holds these neighbouring blobs."""
        start, stop = min(span[0] for span in spans), max(span[1] for span in spans)
        return cls(line.cut(start, stop), start, stop)


def split_spans(spans: Sequence[Span], most: int = SLOTS) -> list[Sequence[Span]]:
    """Cut until no part has more than ``most`` blobs, each time at the best gap of a part that has.

    The best gap is wide and leaves two halves of like size: the gap's width times the smaller half's
    count decides, so that an even row is cut in its middle and a grouped one between its groups.
    """
    spans = sorted(spans)
    if len(spans) <= most:
        return [spans]
    scores = [_gap(spans, place) * min(place, len(spans) - place) for place in range(1, len(spans))]
    place = 1 + int(np.argmax(scores))
    return split_spans(spans[:place], most) + split_spans(spans[place:], most)


def middle_gap(spans: Sequence[Span]) -> list[Sequence[Span]]:
    """Two parts, cut at the gap nearest to the middle; an empty list when there is a single blob."""
    spans = sorted(spans)
    if len(spans) < 2:
        return []
    middle = (spans[0][0] + spans[-1][1]) / 2
    distances = [abs((spans[place - 1][1] + spans[place][0]) / 2 - middle) for place in range(1, len(spans))]
    place = 1 + int(np.argmin(distances))
    return [spans[:place], spans[place:]]


def _gap(spans: Sequence[Span], place: int) -> float:
    """Width between a blob and all before it; never zero, so that the balance decides between touching blobs."""
    return max(spans[place][0] - max(stop for _, stop in spans[:place]), 1e-4)
