"""Places with ink -> the best reading of each: ways to cut a line, their strips, the networks, the choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.trace import Candidate, ShownStrip, Trace, timed
from edge_runtime.core.types import Alternatives, Line, Quad, Reading

from .contract import CLASSES, SLOTS
from .decode import average, decode, join
from .judgement import AcceptancePolicy
from .model import DigitModel, check_strips
from .segment import Part, middle_gap, split_spans
from .strip import fit, line_ink, other_views

UNSURE: Final = 0.98  # confidence below which a strip is read again; at 0.99 no picture was read better
FEW_STRIPS: Final = 4  # of a picture, up to which all that are unsure are read again
MIN_RETRY_CONFIDENCE: Final = 0.1  # in a picture of more than FEW_STRIPS, below it none is: mostly background
CROWDED_ASPECT: Final = 3.2  # width / height; five digits that touch are about this wide, six are wider

_Piece = tuple[Line | None, Quad | None]
"""Where a strip comes from: its line, and the part of the line that it shows."""


@dataclass(frozen=True)
class _Way:
    """One way to read a line: whole, or in parts from left to right.

    overfull: the line has more blobs than the network has slots.
    """

    line: Line
    parts: tuple[Part, ...]
    overfull: bool = False


@dataclass(frozen=True)
class _Attempt:
    """A way, and the reading that it gave, which has a box."""

    way: _Way
    reading: Reading


class Recognizer:
    """Reads what detection found, with one network, and where that is unsure with a larger one, too.

    model: reads every strip. larger: also reads the strips that ``model`` is unsure of; ``model`` itself for none.
    """

    def __init__(self, model: DigitModel, larger: DigitModel) -> None:
        self.model = model
        self.larger = larger

    def read(
        self,
        pixels: NDArray[np.uint8],
        places: Sequence[Alternatives],
        policy: AcceptancePolicy,
        trace: Trace | None = None,
    ) -> list[Reading]:
        """The best reading of each place where there is one, in the order of the places; none is accepted yet.

        pixels: uint8 [H, W] or [H, W, 3] BGR, the picture that the places' boxes belong to.
        """
        attempts = self._try(pixels, [[way for line in place for way in _ways(line)] for place in places], trace)
        halved = [[half for attempt in place for half in _halved(attempt)] for place in attempts]
        for place, halves in zip(attempts, self._try(pixels, halved, trace), strict=True):
            place += [attempt for attempt in halves if len(attempt.reading.text) > SLOTS]
        best = [_best(place, policy) for place in attempts]
        if trace is not None:
            trace.candidates += [
                Candidate(item.way.line, tuple(part.box for part in item.way.parts), item.reading) for item in best
            ]
        return [attempt.reading for attempt in best if attempt.reading.text]

    def read_strips(self, strips: NDArray[np.uint8], trace: Trace | None = None) -> list[Reading]:
        """One reading for each strip, in order, without a box and not accepted yet; an empty text for no number.

        strips: uint8 [N, 28, 140] or [N, 28, 140, 1]; raises ``ImageError`` for another dtype or shape.
        """
        strips = check_strips(strips)
        pieces: list[_Piece] = [(None, None)] * len(strips)
        first = self._run(self.model, strips, pieces, trace)
        with timed(trace, "decode"):
            readings = decode(first)
        unsure = [row for row, reading in enumerate(readings) if reading.confidence < UNSURE]
        if unsure and self.larger is not self.model:
            second = self._run(self.larger, strips[unsure], [pieces[row] for row in unsure], trace)
            _read_anew(readings, unsure, np.stack([first[unsure], second], axis=1), trace)
        return readings

    def _try(
        self, pixels: NDArray[np.uint8], ways: Sequence[Sequence[_Way]], trace: Trace | None
    ) -> list[list[_Attempt]]:
        """The ways of each place with their readings; all strips in one batch."""
        pieces = [(way.line, part.box) for place in ways for way in place for part in way.parts]
        readings = iter(self._read_pieces(pixels, pieces, trace) if pieces else ())
        return [[_Attempt(way, _combined(way, [next(readings) for _ in way.parts])) for way in place] for place in ways]

    def _read_pieces(
        self, pixels: NDArray[np.uint8], pieces: Sequence[tuple[Line, Quad]], trace: Trace | None
    ) -> list[Reading]:
        """What each piece of a line says; where it is unsure, the mean over changed views of it, by both models.

        This is test-time augmentation.
        """
        with timed(trace, "strips"):
            inks = [line_ink(pixels, box.array(), line.direction) for line, box in pieces]
            strips = np.stack([fit(ink) for ink in inks])
        first = self._run(self.model, strips, pieces, trace)
        with timed(trace, "decode"):
            readings = decode(first)
        unsure = [row for row, reading in enumerate(readings) if reading.confidence < UNSURE]
        if len(readings) > FEW_STRIPS:
            unsure = [row for row in unsure if readings[row].text and readings[row].confidence >= MIN_RETRY_CONFIDENCE]
        if unsure:
            with timed(trace, "strips"):
                views = np.stack([other_views(inks[row]) for row in unsure])
            shown = [pieces[row] for row in unsure]
            answers = [first[unsure][:, None], self._run_views(self.model, views, shown, trace)]
            if self.larger is not self.model:
                answers.append(self._run(self.larger, strips[unsure], shown, trace)[:, None])
                answers.append(self._run_views(self.larger, views, shown, trace))
            _read_anew(readings, unsure, np.concatenate(answers, axis=1), trace)
        return readings

    def _run_views(
        self, model: DigitModel, views: NDArray[np.uint8], pieces: Sequence[_Piece], trace: Trace | None
    ) -> NDArray[np.float32]:
        """Probabilities [N, V, 5, 11] of V views of each of N strips, uint8 [N, V, 28, 140]."""
        count, of_each = views.shape[:2]
        strips = views.reshape(count * of_each, *views.shape[2:])
        repeated = [piece for piece in pieces for _ in range(of_each)]
        return self._run(model, strips, repeated, trace, of_each).reshape(count, of_each, SLOTS, CLASSES)

    @staticmethod
    def _run(
        model: DigitModel, strips: NDArray[np.uint8], pieces: Sequence[_Piece], trace: Trace | None, views: int = 0
    ) -> NDArray[np.float32]:
        """Probabilities [N, 5, 11]. views: how many changed views of each piece these are; 0 for the piece itself."""
        with timed(trace, "network"):
            probabilities = model.probabilities(strips)
        if trace is not None:
            for row, (line, box) in enumerate(pieces):
                view = 1 + row % views if views else 0
                strip = strips[row].reshape(strips.shape[1:3])
                trace.strips.append(ShownStrip(strip, line, box, view, model.name, probabilities[row]))
        return probabilities


def _read_anew(readings: list[Reading], rows: Sequence[int], answers: NDArray[np.float32], trace: Trace | None) -> None:
    """Replace the readings of some rows by those of the mean over several answers, float32 [rows, answers, 5, 11]."""
    with timed(trace, "decode"):
        for row, reading in zip(rows, decode(average(answers)), strict=True):
            readings[row] = reading


def _ways(line: Line) -> list[_Way]:
    """The line whole; where it has more blobs than the network has slots, also in parts."""
    ways = [_Way(line, (Part(line.box, 0.0, 1.0),))]
    parts = split_spans(line.spans)
    if len(parts) > 1:
        ways.append(_Way(line, tuple(Part.of(line.box, part) for part in parts), overfull=True))
    return ways


def _halved(attempt: _Attempt) -> list[_Way]:
    """A long line that fills all slots may hold more digits than it has blobs (they touch): halve it.

    The halves count when they hold more digits than a strip, and win when they are more confident than the whole.
    """
    line = attempt.way.line
    whole = len(attempt.way.parts) == 1
    if not whole or len(attempt.reading.text) < SLOTS or line.box.width < CROWDED_ASPECT * line.box.height:
        return []
    halves = middle_gap(line.spans)
    if not halves:
        return []
    overfull = len(line.spans) > SLOTS >= max(len(half) for half in halves)
    return [_Way(line, tuple(Part.of(line.box, half) for half in halves), overfull)]


def _combined(way: _Way, readings: Sequence[Reading]) -> Reading:
    """One reading of all parts; its box leaves out blank ones at the ends."""
    inked = [part for part, reading in zip(way.parts, readings, strict=True) if reading.text] or way.parts
    whole = readings[0] if len(readings) == 1 else join(readings)
    return replace(whole, box=way.line.box.cut(inked[0].start, inked[-1].stop))


def _best(place: Sequence[_Attempt], policy: AcceptancePolicy) -> _Attempt:
    """The attempt of most worth; blank only where all are.

    Worth is confidence, and how much of the place's width is explained: a piece of a number is easily read with
    confidence. But a trusted number of more than five digits from a line of more than five blobs goes first: the
    whole line in one strip cannot but cut it.
    """
    widest = max(max(attempt.way.line.box.width for attempt in place), 1e-6)

    def worth(attempt: _Attempt) -> tuple[bool, bool, float]:
        way, reading = attempt.way, attempt.reading
        too_long_for_a_strip = way.overfull and policy.trusts(reading) and len(reading.text) > SLOTS
        return bool(reading.text), too_long_for_a_strip, reading.confidence * (way.line.box.width / widest) ** 2

    return max(place, key=worth)
