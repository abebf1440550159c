"""The cheap comparison of frames loses no change of a digit."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest

import edge_runtime.video.motion
from edge_runtime.video.motion import Stillness


def frame(text: str, height: int, contrast: int, x: int = 100, colour: bool = False) -> np.ndarray:
    """Grey paper with a number on it, uint8 [480, 640, 3]."""
    paper = np.full((480, 640, 3), 180, np.uint8)
    ink = (180, 180, 180 - contrast) if colour else (180 - contrast,) * 3
    cv2.putText(paper, text, (x, 240), cv2.FONT_HERSHEY_SIMPLEX, height / 22, ink, max(1, height // 8), cv2.LINE_AA)
    return paper


def looks_still(before: np.ndarray, after: np.ndarray) -> bool:
    stillness = Stillness()
    assert not stillness.shows_nothing_new(before, True)
    return stillness.shows_nothing_new(after, True)


@pytest.mark.parametrize("x", [100, 101])
@pytest.mark.parametrize(
    ("height", "contrast", "colour"),
    [(12, 40, False), (16, 25, False), (16, 30, True), (20, 25, False), (60, 25, True), (60, 120, False)],
)
def test_every_change_of_one_digit_is_seen(height: int, contrast: int, colour: bool, x: int) -> None:
    for one, other in itertools.permutations("0123456789", 2):
        before, after = (frame(f"47{last}1", height, contrast, x, colour) for last in (one, other))
        assert not looks_still(before, after), (one, other)


@pytest.mark.parametrize("quality", [None, 85])
def test_the_noise_of_a_camera_is_not_news(quality: int | None) -> None:
    noise = np.random.default_rng(0)

    def noisy() -> np.ndarray:
        picture = frame("4711", 40, 120) + noise.normal(0, 2, (480, 640, 3))
        pixels = np.clip(np.round(picture), 0, 255).astype(np.uint8)
        if quality is None:
            return pixels
        return cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)

    assert all(looks_still(noisy(), noisy()) for _ in range(20))


def test_slow_changes_add_up() -> None:
    stillness = Stillness()
    seen = [not stillness.shows_nothing_new(np.full((480, 640, 3), level, np.uint8), True) for level in range(100, 130)]
    assert sum(seen) == 5


def test_what_is_not_settled_is_always_read_and_another_size_is_news() -> None:
    stillness, picture = Stillness(), frame("4711", 40, 120)
    assert not any(stillness.shows_nothing_new(picture, False) for _ in range(3))
    assert stillness.shows_nothing_new(picture, True)
    assert not stillness.shows_nothing_new(picture[:240], True)


def test_a_frame_read_while_unsettled_is_the_one_to_compare_with() -> None:
    stillness, first, second = Stillness(), frame("4711", 40, 120), frame("4712", 40, 120)
    stillness.shows_nothing_new(first, True)
    stillness.shows_nothing_new(second, False)
    assert not stillness.shows_nothing_new(first, True)


def test_even_a_still_frame_is_read_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr(edge_runtime.still.time, "monotonic", lambda: now_s)
    stillness, read = Stillness(), []
    for number in range(90):  # three seconds
        now_s = 100 + number / 30
        if not stillness.shows_nothing_new(frame("4711", 40, 120), True):
            read.append(number)
    assert read[0] == 0 and len(read) == 6 and max(np.diff(read)) <= 16
