"""What the window and the recording show."""

from __future__ import annotations

import numpy as np

from edge_runtime import LiveResult, Number
from edge_runtime.cli.webcam.screen import compose
from tests.edge_runtime.cli.webcam.results import SURE, result


def numbers_shown(count: int) -> np.ndarray:
    """The screen of a blank frame with so many confirmed numbers, without the frame itself."""
    numbers = tuple(Number(place, str(1000 + place), 0.99, SURE.box, 0) for place in range(count))
    blank = LiveResult(0, 0.0, (), numbers, (), 1.0, 1.0, False, np.zeros((480, 640, 3), np.uint8))
    return compose(blank, frames_per_s=1)[480:]


def test_a_narrow_frame_gets_bars_so_that_its_lines_can_be_read() -> None:
    wide, narrow = (compose(result(time_s=1, size=(640, width)), frames_per_s=1) for width in (480, 200))
    assert narrow.shape == wide.shape
    assert (narrow[:640, 140:340] == 128).all() and (narrow[640:] == wide[640:]).all()


def test_at_most_four_numbers_are_shown_and_how_many_more() -> None:
    def height(screen: np.ndarray) -> int:
        rows = np.flatnonzero((screen[:130] == 255).all(axis=2).any(axis=1))
        return int(rows[-1] - rows[0])

    assert height(numbers_shown(12)) > 0.75 * height(numbers_shown(4))
    assert (numbers_shown(12) != numbers_shown(11)).any()  # "+8" is not "+7"
