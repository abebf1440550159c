"""Readings of single frames -> numbers that last: confirmed by agreement, followed as they move.

A place is followed from frame to frame (``association.py``). Its number is confirmed when, within the last
2 N - 1 frames, N accepted readings agree and, weighted by confidence, outweigh every other reading of
the place by far. So one odd frame changes nothing, and two texts in turns confirm neither over the other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from edge_runtime.core.errors import OptionError
from edge_runtime.core.types import Quad, Reading

from .association import nearest, pair_up
from .rules import Plausible

CONFIRM: Final = 3  # frames
_OUTWEIGHS: Final = 2.5  # times the summed confidence of all other readings of the place
_REMEMBERED: Final = 64  # tracks that ended whose last number is kept, for the rules that look back

EventKind = Literal["appeared", "changed", "gone"]


@dataclass(frozen=True)
class Number:
    """A confirmed number in view.

    id: counts the tracks, from 1; stays while the number moves or changes.
    confidence: mean of the readings that agree, 0 to 1. box: where it was found last, as in ``Reading``.
    since_frame: the frame in which this text was confirmed.
    """

    id: int
    text: str
    confidence: float
    box: Quad
    since_frame: int

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe; confidence rounded to six places, corners to a hundredth of a pixel."""
        return {
            "id": self.id,
            "text": self.text,
            "confidence": round(self.confidence, 6),
            "box": self.box.as_list(),
            "since_frame": self.since_frame,
        }


@dataclass(frozen=True)
class Event:
    """A number appeared (once, when it is confirmed), changed, or is gone.

    previous: the text before the change; None for other kinds.
    """

    kind: EventKind
    number: Number
    previous: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe: ``event`` and ``previous`` beside the number's own keys."""
        return {"event": self.kind, **self.number.as_dict(), "previous": self.previous}


class Tracker:
    """Follows the numbers of a sequence of frames.

    confirm: N above, from 1 (every accepted reading counts at once).
    gone_after: frames in a row without a reading that agrees, after which a number is gone; default three times
        ``confirm``.
    plausible: rules that a reading must meet to be counted.
    Raises ``OptionError`` for counts below 1.
    """

    def __init__(
        self, confirm: int = CONFIRM, gone_after: int | None = None, plausible: Plausible | None = None
    ) -> None:
        if confirm < 1:
            raise OptionError(f"confirm is {confirm}, expected at least 1 frame")
        if gone_after is not None and gone_after < 1:
            raise OptionError(f"gone_after is {gone_after}, expected at least 1 frame")
        self._confirm = confirm
        self._gone_after = 3 * confirm if gone_after is None else gone_after
        self._rules = plausible or Plausible()
        self._tracks: list[_Track] = []
        self._left: deque[tuple[Quad, str]] = deque(maxlen=_REMEMBERED)
        self._count = 0
        self._frame = -1
        self._unplaced = False  # a reading of the last frame went with the place that it was at

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The confirmed numbers in view, oldest place first."""
        return tuple(track.number for track in self._tracks if track.number is not None)

    @property
    def settled(self) -> bool:
        """Whether another frame like the last one would change nothing."""
        return not self._unplaced and all(track.settled for track in self._tracks)

    def update(self, readings: Sequence[Reading], frame: int | None = None) -> tuple[Event, ...]:
        """Take the readings of the next frame, or of a later one of that number; what they change."""
        self._frame = self._frame + 1 if frame is None else frame
        self._unplaced = False
        found = [reading for reading in readings if reading.box is not None and reading.text]
        partner = pair_up([(track.box, track.likely) for track in self._tracks], [_placed(item) for item in found])
        events: list[Event] = []
        for place, track in enumerate(list(self._tracks)):
            index = partner.get(place)
            events += self._step(track, None if index is None else found[index])
        for index in sorted(set(range(len(found))) - set(partner.values())):
            events += self._begin(found[index])
        return tuple(events)

    def rescale(self, x_factor: float, y_factor: float) -> None:
        """The frames have another size from now on: the boxes move with it."""
        for track in self._tracks:
            track.box = track.box.scaled(x_factor, y_factor)
        self._left = deque(((box.scaled(x_factor, y_factor), text) for box, text in self._left), _REMEMBERED)

    def _begin(self, reading: Reading) -> Iterator[Event]:
        box, _ = _placed(reading)
        self._count += 1
        index = nearest(box, [place for place, _ in self._left])
        before = None if index is None else self._left[index][1]
        track = _Track(self._count, box, before, self._confirm, self._rules)
        self._tracks.append(track)
        yield from self._step(track, reading)

    def _step(self, track: _Track, reading: Reading | None) -> Iterator[Event]:
        old = track.number
        track.take(reading, self._frame)
        if track.unsupported >= self._gone_after:
            self._tracks.remove(track)
            self._unplaced |= reading is not None
            if track.before is not None:
                self._left.append((track.box, track.before))
            if old is not None:
                yield Event("gone", old)
        elif track.number is not None and old is None:
            yield Event("appeared", track.number)
        elif track.number is not None and old is not None and track.number.text != old.text:
            yield Event("changed", track.number, old.text)


class _Track:
    """One place: the readings of its last frames, and what they agreed on.

    before: the text confirmed last at this place, also by an earlier track; for the rules that look back.
    """

    def __init__(self, number_id: int, box: Quad, before: str | None, confirm: int, rules: Plausible) -> None:
        self.box = box
        self.before = before
        self.number: Number | None = None
        self.unsupported = 0  # frames in a row
        self._id = number_id
        self._confirm = confirm
        self._rules = rules
        self._window: deque[Reading | None] = deque(maxlen=2 * confirm - 1)
        self._likely = ""

    @property
    def likely(self) -> str:
        """The text to look for in the next frame."""
        return self.number.text if self.number is not None else self._likely

    @property
    def settled(self) -> bool:
        """Whether the window holds nothing but the confirmed text, or is full of one text that is never accepted."""
        if self.number is None and len(self._window) < (self._window.maxlen or 0):
            return False
        confirmed = self.number is not None
        return all(
            item is not None and item.accepted == confirmed and item.text == self.likely for item in self._window
        )

    def take(self, reading: Reading | None, frame: int) -> None:
        """The place's reading in the next frame, or None where it was not found."""
        if reading is not None:
            self.box, self._likely = _placed(reading)
        agrees = reading is not None and (self.number is None or reading.text == self.number.text)
        self.unsupported = 0 if agrees else self.unsupported + 1
        self._window.append(reading)
        text = self._agreed()
        if text is not None:
            if self.number is None or text != self.number.text:
                self.unsupported = 0
            since = frame if self.number is None or text != self.number.text else self.number.since_frame
            same = [item.confidence for item in self._window if item is not None and item.text == text]
            self.number = Number(self._id, text, sum(same) / len(same), self.box, since)
            self.before = text
        elif self.number is not None and reading is not None:
            self.number = Number(self._id, self.number.text, self.number.confidence, self.box, self.number.since_frame)

    def _agreed(self) -> str | None:
        """The text that the window confirms."""
        counted = [item for item in self._window if item is not None and self._rules.allow(item.text, self.before)]
        total = sum(item.confidence for item in counted)
        for text in {item.text for item in counted if item.accepted}:
            agreeing = [item for item in counted if item.text == text]
            weight = sum(item.confidence for item in agreeing)
            if sum(item.accepted for item in agreeing) >= self._confirm and weight >= _OUTWEIGHS * (total - weight):
                return text
        return None


def _placed(reading: Reading) -> tuple[Quad, str]:
    assert reading.box is not None
    return reading.box, reading.text
