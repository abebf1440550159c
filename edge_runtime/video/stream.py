"""``DigitReader.stream``: frames -> readings -> confirmed numbers, and what each frame changed of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from edge_runtime.core.trace import Trace
from edge_runtime.core.types import Reading

from .base import FrameBgr, FrameSource
from .motion import MotionGate
from .sources import Source, open_frames
from .tracker import Event, Number, Tracker


class FrameReader(Protocol):
    """Whatever finds the numbers of one frame, as ``DigitReader`` does."""

    def read(self, frame_bgr: FrameBgr, trace: Trace | None = None, /) -> Sequence[Reading]:
        """Every number in a frame, uint8 [H, W, 3] BGR; to a trace each stage adds what it gave."""
        ...


@dataclass(frozen=True)
class LiveResult:
    """What one frame gave.

    frame: counts the frames that were handed out, from 0. time_s: seconds since 1970 when it was taken.
    readings: of this frame alone, as ``DigitReader.read`` gives them.
    numbers: the confirmed numbers in view. events: what this frame changed of them.
    latency_ms: from the taking of the frame to this result. read_ms: the reading alone.
    unchanged: the frame showed no motion and was not searched again; the readings are those of the last frame read.
    frame_bgr: the frame itself, uint8 [H, W, 3].
    trace: what each stage of the reading gave, where that was asked for; of an unchanged frame, the last one's.
    """

    frame: int
    time_s: float
    readings: tuple[Reading, ...]
    numbers: tuple[Number, ...]
    events: tuple[Event, ...]
    latency_ms: float
    read_ms: float
    unchanged: bool
    frame_bgr: FrameBgr = field(repr=False, compare=False)
    trace: Trace | None = field(default=None, repr=False, compare=False)

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe; without the pixels and the trace."""
        return {
            "frame": self.frame,
            "time_s": round(self.time_s, 3),
            "readings": [reading.as_dict() for reading in self.readings],
            "numbers": [number.as_dict() for number in self.numbers],
            "events": [event.as_dict() for event in self.events],
            "latency_ms": round(self.latency_ms, 3),
            "read_ms": round(self.read_ms, 3),
            "unchanged": self.unchanged,
        }


def stream(
    reader: FrameReader, frames: Source, tracker: Tracker, *, skip_unchanged: bool | None = None, traced: bool = False
) -> Iterator[LiveResult]:
    """Read frame after frame and follow the numbers with ``tracker``; the rest as for ``DigitReader.stream``."""
    if isinstance(frames, FrameSource):
        return _results(reader, frames, tracker, skip_unchanged, traced)
    return _opened(reader, frames, tracker, skip_unchanged, traced)


def _opened(
    reader: FrameReader, source: Source, tracker: Tracker, skip_unchanged: bool | None, traced: bool
) -> Iterator[LiveResult]:
    """Opens the source at the first frame that is asked for, and closes it when the iterator ends."""
    with open_frames(source) as frames:
        yield from _results(reader, frames, tracker, skip_unchanged, traced)


def _results(
    reader: FrameReader, frames: FrameSource, tracker: Tracker, skip_unchanged: bool | None, traced: bool
) -> Iterator[LiveResult]:
    gate = MotionGate() if (frames.live if skip_unchanged is None else skip_unchanged) else None
    shape: tuple[int, ...] = ()
    readings: tuple[Reading, ...] = ()
    trace: Trace | None = None
    for number, frame in enumerate(frames):
        start_s = time.monotonic()
        taken_s = frames.taken_s or start_s
        if shape and frame.shape != shape:
            tracker.rescale(frame.shape[1] / shape[1], frame.shape[0] / shape[0])
        # Votes come only from frames that were read: a number is never confirmed by one reading repeated.
        unchanged = gate is not None and not gate.needs_reading(frame, tracker.settled)
        shape = frame.shape
        events: tuple[Event, ...] = ()
        if not unchanged:
            trace = Trace() if traced else None
            readings = tuple(reader.read(frame, trace) if traced else reader.read(frame))
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
            unchanged=unchanged,
            frame_bgr=frame,
            trace=trace,
        )
