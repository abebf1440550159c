"""``DigitReader.stream``: frames -> readings, confirmed numbers and what became of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from edge_runtime.core.types import Reading

from .base import FrameBgr, FrameSource
from .motion import Stillness
from .rules import Plausible
from .sources import Source, open_frames
from .tracker import Event, Number, Tracker

if TYPE_CHECKING:
    from edge_runtime.reader import DigitReader


@dataclass(frozen=True)
class LiveResult:
    """What one frame gave.

    frame: counts the frames that were handed out, from 0. time_s: seconds since 1970 when it was taken.
    readings: of this frame alone, as ``DigitReader.read`` gives them.
    numbers: the confirmed numbers in view. events: what this frame changed of them.
    latency_ms: from the taking of the frame to this result. read_ms: the reading alone.
    still: the frame showed nothing new and was not searched again; the readings are the last ones.
    frame_bgr: the frame itself, uint8 [H, W, 3].
    """

    frame: int
    time_s: float
    readings: tuple[Reading, ...]
    numbers: tuple[Number, ...]
    events: tuple[Event, ...]
    latency_ms: float
    read_ms: float
    still: bool
    frame_bgr: FrameBgr = field(repr=False, compare=False)

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe; without the pixels."""
        return {
            "frame": self.frame,
            "time_s": round(self.time_s, 3),
            "readings": [reading.as_dict() for reading in self.readings],
            "numbers": [number.as_dict() for number in self.numbers],
            "events": [event.as_dict() for event in self.events],
            "latency_ms": round(self.latency_ms, 3),
            "read_ms": round(self.read_ms, 3),
            "still": self.still,
        }


def stream(
    reader: DigitReader,
    frames: Source,
    confirm: int,
    gone_after: int | None,
    plausible: Plausible | None,
    skip_still: bool | None,
) -> Iterator[LiveResult]:
    """See ``DigitReader.stream``."""
    tracker = Tracker(confirm, gone_after, plausible)  # here, so that wrong values are said before the first frame
    if isinstance(frames, FrameSource):
        return _results(reader, frames, tracker, skip_still)
    return _opened(reader, frames, tracker, skip_still)


def _opened(reader: DigitReader, source: Source, tracker: Tracker, skip_still: bool | None) -> Iterator[LiveResult]:
    """Opens the source at the first frame that is asked for, and closes it when the iterator ends."""
    with open_frames(source) as frames:
        yield from _results(reader, frames, tracker, skip_still)


def _results(
    reader: DigitReader, frames: FrameSource, tracker: Tracker, skip_still: bool | None
) -> Iterator[LiveResult]:
    stillness = Stillness() if (frames.live if skip_still is None else skip_still) else None
    shape: tuple[int, ...] = ()
    readings: tuple[Reading, ...] = ()
    for number, frame in enumerate(frames):
        start_s = time.monotonic()
        taken_s = frames.taken_s or start_s
        if shape and frame.shape != shape:
            tracker.rescale(frame.shape[1] / shape[1], frame.shape[0] / shape[0])
        # Votes come only from frames that were read: a number is never confirmed by one look repeated.
        still = stillness is not None and stillness.shows_nothing_new(frame, tracker.settled)
        shape = frame.shape
        events: tuple[Event, ...] = ()
        if not still:
            readings = tuple(reader.read(frame))
            events = tracker.update(readings, number)
        end_s = time.monotonic()
        yield LiveResult(
            frame=number,
            time_s=time.time() - (end_s - taken_s),
            readings=readings,
            numbers=tracker.numbers,
            events=events,
            latency_ms=(end_s - taken_s) * 1e3,
            read_ms=(end_s - start_s) * 1e3,
            still=still,
            frame_bgr=frame,
        )
