"""The cheap comparison of frames loses no change of a digit."""

from __future__ import annotations

import itertools
import time

import cv2
import numpy as np
import pytest

from edge_runtime.video.motion import MotionGate


def frame(text: str, height: int, contrast: int, x: int = 100, colour: bool = False) -> np.ndarray:
    """Grey paper with a number on it, uint8 [480, 640, 3]."""
    paper = np.full((480, 640, 3), 180, np.uint8)
    ink = (180, 180, 180 - contrast) if colour else (180 - contrast,) * 3
    cv2.putText(paper, text, (x, 240), cv2.FONT_HERSHEY_SIMPLEX, height / 22, ink, max(1, height // 8), cv2.LINE_AA)
    return paper


def shows_motion(before: np.ndarray, after: np.ndarray) -> bool:
    gate = MotionGate()
    assert gate.needs_reading(before, True)
    return gate.needs_reading(after, True)


@pytest.mark.parametrize("x", [100, 101])
@pytest.mark.parametrize(
    ("height", "contrast", "colour"),
    [(12, 40, False), (16, 25, False), (16, 30, True), (20, 25, False), (60, 25, True), (60, 120, False)],
)
def test_every_change_of_one_digit_is_motion(height: int, contrast: int, colour: bool, x: int) -> None:
    for one, other in itertools.permutations("0123456789", 2):
        before, after = (frame(f"47{last}1", height, contrast, x, colour) for last in (one, other))
        assert shows_motion(before, after), (one, other)


@pytest.mark.parametrize("quality", [None, 85])
def test_the_noise_of_a_camera_is_no_motion(quality: int | None) -> None:
    noise = np.random.default_rng(0)

    def noisy() -> np.ndarray:
        picture = frame("4711", 40, 120) + noise.normal(0, 2, (480, 640, 3))
        pixels = np.clip(np.round(picture), 0, 255).astype(np.uint8)
        if quality is None:
            return pixels
        return cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)

    assert not any(shows_motion(noisy(), noisy()) for _ in range(8))


def test_slow_changes_add_up() -> None:
    gate = MotionGate()
    read = [gate.needs_reading(np.full((480, 640, 3), level, np.uint8), True) for level in range(100, 130)]
    assert sum(read) == 5


def test_what_is_not_settled_is_always_read_and_another_size_is_motion() -> None:
    gate, picture = MotionGate(), frame("4711", 40, 120)
    assert all(gate.needs_reading(picture, False) for _ in range(3))
    assert not gate.needs_reading(picture, True)
    assert gate.needs_reading(picture[:240], True)


def test_a_frame_read_while_unsettled_is_the_one_to_compare_with() -> None:
    gate, first, second = MotionGate(), frame("4711", 40, 120), frame("4712", 40, 120)
    gate.needs_reading(first, True)
    gate.needs_reading(second, False)
    assert not gate.needs_reading(second, True)
    assert gate.needs_reading(first, True)


def test_a_frame_without_motion_is_read_twice_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now_s)
    gate, read = MotionGate(), []
    for number in range(90):  # three seconds
        now_s = 100 + number / 30
        if gate.needs_reading(frame("4711", 40, 120), True):
            read.append(number)
    assert read[0] == 0 and len(read) == 6 and max(np.diff(read)) <= 16
