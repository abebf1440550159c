"""What each stage of one reading gave, for people and programs that ask why a picture was read as it was."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from .types import Alternatives, Line, Quad, Reading

Stage = Literal["load", "locate", "strips", "network", "decode"]
"""The file's bytes to pixels; pixels to lines; lines to strips; strips to probabilities; probabilities to readings."""

_NOT_TIMED: Final = nullcontext()


@dataclass(frozen=True)
class ShownStrip:
    """One strip as a network was shown it.

    strip: uint8 [28, 140], ink bright on a dark ground.
    line, box: the line it was cut from and the piece of that line, in the pixels of ``Trace.pixels``; None for strips
        that the caller brought.
    view: 0 for the piece as it lies; from 1 on for the changed views of it that are read where it is unsure.
    model: name of the network. probabilities: float32 [5, 11], what it answered, calibrated.
    """

    strip: NDArray[np.uint8]
    line: Line | None
    box: Quad | None
    view: int
    model: str
    probabilities: NDArray[np.float32]


@dataclass(frozen=True)
class Candidate:
    """What was read in one place, before places that overlap or are weak were dropped; an empty text for nothing.

    line: the line that gave the reading. parts: the pieces of it that were read one by one, left to right.
    Boxes are in the pixels of ``Trace.pixels``; ``accepted`` is not yet decided.
    """

    line: Line
    parts: tuple[Quad, ...]
    reading: Reading


@dataclass
class Trace:
    """What each stage of one ``DigitReader.read`` gave. Give a new one to each reading.

    pixels: the picture as it was searched, uint8 [H, W] or [H, W, 3] BGR.
    scale: pixels of the file for one of these; above 1 where a large JPEG was decoded smaller.
    searches: the places that each search found: one, or two where the first was not enough; none for a ready strip.
    strips: all that the networks were shown, in that order.
    candidates: the best reading of each place, in the order of the places.
    readings: what ``read`` returned.
    stage_ms: milliseconds by stage.
    """

    pixels: NDArray[np.uint8] | None = None
    scale: float = 1.0
    searches: list[list[Alternatives]] = field(default_factory=list)
    strips: list[ShownStrip] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    stage_ms: dict[Stage, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: Stage) -> Iterator[None]:
        """Add the time that is spent inside to the stage's."""
        start_s = time.perf_counter()
        try:
            yield
        finally:
            self.stage_ms[stage] = self.stage_ms.get(stage, 0.0) + (time.perf_counter() - start_s) * 1e3

    def strips_of(self, reading: Reading) -> list[NDArray[np.uint8]]:
        """The strips, uint8 [28, 140] each, that gave a reading of ``readings``: one for each part, left to right."""
        if not self.candidates:  # strips that the caller brought are shown one by one
            return [shown.strip for given, shown in zip(self.readings, self.strips, strict=False) if given is reading]
        for candidate in self.candidates:
            if candidate.reading.text == reading.text and _in_file(candidate.reading.box, self.scale) == reading.box:
                return self._strips(candidate.line, candidate.parts)
        return []

    def shown_strips(self) -> list[NDArray[np.uint8]]:
        """For people: the strips of all readings, or of the places that were found where nothing was read."""
        return [strip for reading in self.readings for strip in self.strips_of(reading)] or self.whole_lines()

    def whole_lines(self) -> list[NDArray[np.uint8]]:
        """The strip of each place's first line, uint8 [28, 140], as the first search found them."""
        first = self.searches[0] if self.searches else []
        return [strip for place in first for strip in self._strips(place.lines[0], [place.lines[0].box])]

    def _strips(self, line: Line, parts: Sequence[Quad]) -> list[NDArray[np.uint8]]:
        shown = {item.box: item.strip for item in self.strips if item.line is line and item.view == 0}
        return [shown[box] for box in parts]


def timed(trace: Trace | None, stage: Stage) -> AbstractContextManager[None]:
    """``trace.timed``, or nothing where there is no trace."""
    return _NOT_TIMED if trace is None else trace.timed(stage)


def _in_file(box: Quad | None, scale: float) -> Quad | None:
    return box if box is None or scale == 1.0 else box.scaled(scale)
