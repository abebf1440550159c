"""What ``edge-digits webcam --headless`` prints: a JSON line for each event, and one at the end."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any

import click

from edge_runtime.cli.shared.signals import CleanEnd

if TYPE_CHECKING:
    from edge_runtime.video.base import FrameSource
    from edge_runtime.video.stream import LiveResult
    from edge_runtime.video.tracker import Number


class EventLines(AbstractContextManager["EventLines"]):
    """Prints events as they come; when its ``with`` block is left, why it ended and the numbers in view.

    Each line has ``time`` (ISO 8601 with the zone's offset), ``frame`` and ``event``: appeared, changed, gone or end;
    of a live source also lost, and back with the first frame after it.
    """

    def __init__(self, end: CleanEnd) -> None:
        self._end = end
        self._frames = 0
        self._numbers: tuple[Number, ...] = ()
        self._lost = False  # and told so

    def watch(self, frames: FrameSource) -> None:
        """Tell, too, when this source is lost and when it is back."""

        def tell_once() -> None:
            if frames.lost and not self._lost:
                self._lost = True
                _print(None, {"frame": self._frames, "event": "lost", "source": frames.name})

        frames.on_waiting(tell_once)

    def write(self, result: LiveResult) -> None:
        """Print the events of one result, each flushed."""
        self._frames = result.frame + 1
        self._numbers = result.numbers
        if self._lost:
            self._lost = False
            _print(result.time_s, {"frame": result.frame, "event": "back"})
        for event in result.events:
            _print(result.time_s, {"frame": result.frame, **event.as_dict()})

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, BrokenPipeError):
            return
        reason = self._end.reason or ("end of source" if error is None else " ".join(str(error).split()))
        numbers = [number.as_dict() for number in self._numbers]
        _print(None, {"frame": self._frames, "event": "end", "reason": reason, "numbers": numbers})


def _print(time_s: float | None, values: dict[str, Any]) -> None:
    moment = datetime.now() if time_s is None else datetime.fromtimestamp(time_s)
    line = {"time": moment.astimezone().isoformat(timespec="milliseconds"), **values}
    click.echo(json.dumps(line, ensure_ascii=False))
