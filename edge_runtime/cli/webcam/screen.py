"""What the window and the recorded video show: the frame with boxes, and below it the number, large."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.opencv import cv2
from edge_runtime.core.percent import percent
from edge_runtime.images.annotate import draw_readings
from edge_runtime.video.base import FrameBgr
from edge_runtime.video.stream import LiveResult

_GROUND_BGR: Final = (32, 32, 32)
_NUMBER_BGR: Final = (255, 255, 255)
_QUIET_BGR: Final = (170, 170, 170)
_WARN_BGR: Final = (60, 170, 255)
_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX
_NUMBER_HEIGHT: Final = 130  # pixels of a picture 640 wide; everything below grows with the picture
_LINE_HEIGHT: Final = 30
_STRIP_HEIGHT: Final = 100
_MOST_STRIPS: Final = 3
_MOST_NUMBERS: Final = 4  # more would be too small to be read from afar
_LEAST_UNIT: Final = 0.75  # below it, lines of text cannot be read; narrower pictures get bars at their sides


class Pace:
    """Frames per second over the last second or so."""

    def __init__(self) -> None:
        self._stamps: deque[float] = deque(maxlen=31)

    def tick(self, time_s: float) -> None:
        """A frame was taken."""
        self._stamps.append(time_s)

    @property
    def frames_per_s(self) -> float:
        """Intervals, not frames, divided by the time that they took; 0 for a single frame."""
        took_s = self._stamps[-1] - self._stamps[0] if self._stamps else 0.0
        return (len(self._stamps) - 1) / took_s if took_s > 0 else 0.0


def compose(
    result: LiveResult,
    *,
    frames_per_s: float,
    hint: str = "",
    notice: str = "",
    strips: Sequence[NDArray[np.uint8]] | None = None,
) -> FrameBgr:
    """The screen for one frame, uint8 [H', W', 3] BGR; its size depends on the frame's size and the parts alone.

    hint: a line about keys. notice: a line that takes the place of the pace (paused, waiting).
    strips: uint8 [28, 140] each, shown enlarged; None leaves their room out.
    """
    picture = draw_readings(result.frame_bgr, result.readings, add_room=False)
    unit = max(picture.shape[1] / 640, _LEAST_UNIT)
    picture = _widened(picture, round(640 * unit))
    rooms = [picture, _number_room(result, picture.shape[1], unit)]
    if strips is not None:
        rooms.append(_strip_room(strips, picture.shape[1], unit))
    status = notice or f"{frames_per_s:.0f} fps   latency {result.latency_ms:.0f} ms"
    rooms.append(_text_room(status, picture.shape[1], unit, _WARN_BGR if notice else _QUIET_BGR))
    if hint:
        rooms.append(_text_room(hint, picture.shape[1], unit, _QUIET_BGR))
    return np.vstack(rooms)


def _widened(picture: FrameBgr, width: int) -> FrameBgr:
    """The picture in the middle of this width, with bars at its sides where it is narrower."""
    missing = max(0, width - picture.shape[1])
    left = missing // 2
    return cv2.copyMakeBorder(picture, 0, 0, left, missing - left, cv2.BORDER_CONSTANT, value=_GROUND_BGR)


def _number_room(result: LiveResult, width: int, unit: float) -> FrameBgr:
    """The first confirmed numbers as large as the room allows, how many more, and how sure the least sure of all is."""
    room = _room(round(_NUMBER_HEIGHT * unit), width)
    if not result.numbers:
        return _centred(room, "-", _QUIET_BGR, 0, width)
    confidence = percent(min(number.confidence for number in result.numbers))
    aside = round(110 * unit)
    _centred(room, _line_of([number.text for number in result.numbers]), _NUMBER_BGR, 0, width - aside)
    size = 1.0 * unit
    place = (width - aside + round(8 * unit), room.shape[0] // 2 + round(11 * unit))
    cv2.putText(room, confidence, place, _FONT, size, _QUIET_BGR, max(1, round(2 * unit)), cv2.LINE_AA)
    return room


def _line_of(texts: Sequence[str]) -> str:
    more = [f"+{len(texts) - _MOST_NUMBERS}"] if len(texts) > _MOST_NUMBERS else []
    return "  ".join([*texts[:_MOST_NUMBERS], *more])


def _centred(room: FrameBgr, text: str, colour: tuple[int, int, int], left: int, right: int) -> FrameBgr:
    (text_width, text_height), _ = cv2.getTextSize(text, _FONT, 1.0, 2)
    scale = min(0.7 * room.shape[0] / text_height, 0.92 * (right - left) / text_width)
    stroke = max(1, round(2.2 * scale))
    (text_width, text_height), _ = cv2.getTextSize(text, _FONT, scale, stroke)
    place = (left + (right - left - text_width) // 2, (room.shape[0] + text_height) // 2)
    return cv2.putText(room, text, place, _FONT, scale, colour, stroke, cv2.LINE_AA)


def _strip_room(strips: Sequence[NDArray[np.uint8]], width: int, unit: float) -> FrameBgr:
    """The strips side by side, pixels as squares."""
    room = _room(round(_STRIP_HEIGHT * unit), width)
    if not strips:
        return _centred(room, "no strip", _QUIET_BGR, 2 * width // 5, 3 * width // 5)
    shown = list(strips)[:_MOST_STRIPS]
    gap = round(8 * unit)
    rows, columns = shown[0].shape
    factor = min((width - gap) // len(shown) - gap, (room.shape[0] - gap) * columns // rows) / columns
    for index, strip in enumerate(shown):
        large = cv2.resize(strip, None, fx=factor, fy=factor, interpolation=cv2.INTER_NEAREST)
        left, top = gap + index * (large.shape[1] + gap), (room.shape[0] - large.shape[0]) // 2
        room[top : top + large.shape[0], left : left + large.shape[1]] = large[:, :, None]
    return room


def _text_room(text: str, width: int, unit: float, colour: tuple[int, int, int]) -> FrameBgr:
    room = _room(round(_LINE_HEIGHT * unit), width)
    place = (round(10 * unit), room.shape[0] - round(9 * unit))
    return cv2.putText(room, text, place, _FONT, 0.6 * unit, colour, max(1, round(1.4 * unit)), cv2.LINE_AA)


def _room(height: int, width: int) -> FrameBgr:
    return np.full((height, width, 3), _GROUND_BGR, np.uint8)
