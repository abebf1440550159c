"""Pictures with boxes and labels."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import OutputError, Quad, Reading, draw_readings
from edge_runtime.images.annotate import save_picture
from tests.conftest import drawn_green

WHITE = np.full((480, 640, 3), 255, np.uint8)
ORANGE = (0, 110, 230)


def reading(left: float, top: float, right: float, bottom: float, *, accepted: bool = True) -> Reading:
    return Reading("42", (4, 2), (0.9, 0.9), 0.87, accepted, Quad.upright(left, top, right, bottom))


@pytest.mark.parametrize("accepted", [True, False])
def test_a_doubtful_reading_has_another_colour(accepted: bool) -> None:
    drawn = draw_readings(WHITE[:, :, 0], [reading(100, 100, 300, 200, accepted=accepted)], note="30 fps")
    assert (WHITE == 255).all() and drawn.shape == WHITE.shape
    assert drawn_green(drawn).any() == accepted
    assert (np.abs(drawn.astype(int) - ORANGE).max(axis=2) < 5).any() != accepted


@pytest.mark.parametrize("size", [(12, 40), (28, 140), (480, 640), (3000, 4000)])
def test_labels_are_legible_at_any_size_and_do_not_cover_the_number(size: tuple[int, int]) -> None:
    height, width = size
    drawn = draw_readings(np.full(size, 255, np.uint8), [reading(0, 0, width - 1, height - 1)])
    added = drawn.shape[0] - height * max(1, -(-480 // max(size)))
    assert added > 0  # the number fills the picture, so the label stands above it
    assert added >= 0.03 * max(drawn.shape[:2])
    inside = drawn[added + drawn.shape[0] // 8 : -drawn.shape[0] // 8, drawn.shape[1] // 8 : -drawn.shape[1] // 8]
    assert (inside == 255).all()


DENSE = [reading(x, y, x + 130, y + 33) for y in range(60, 1200, 95) for x in range(80, 1600, 310)]
SIDE_BY_SIDE = [reading(x, 200, x + 60, 240) for x in range(40, 600, 64)]


@pytest.mark.parametrize(
    ("size", "readings", "least"), [((1200, 1600), DENSE, 0.02), ((480, 640), SIDE_BY_SIDE, 0)], ids=["dense", "row"]
)
def test_labels_of_many_numbers_cover_none_of_them(
    size: tuple[int, int], readings: list[Reading], least: float
) -> None:
    drawn = draw_readings(np.full((*size, 3), 255, np.uint8), readings)
    assert drawn.shape[:2] == size
    for item in readings:
        assert item.box is not None
        left, top, right, bottom = item.box.bounds
        assert (drawn[int(top) + 5 : int(bottom) - 4, int(left) + 5 : int(right) - 4] == 255).all()
    assert least < drawn_green(drawn).mean() < 0.17  # there are labels, and they leave the picture to be seen


def test_a_picture_that_may_not_grow_keeps_its_size() -> None:
    drawn = draw_readings(WHITE, [reading(0, 0, 639, 479)], add_room=False)
    assert drawn.shape == WHITE.shape and drawn_green(drawn).any()


def test_boxes_follow_the_scale_and_leave_room_for_their_line() -> None:
    drawn = draw_readings(np.full((500, 500), 255, np.uint8), [reading(200, 400, 600, 800)], scale=0.5)
    coloured = np.argwhere((drawn != 255).any(axis=2))
    assert coloured[:, 0].max() == pytest.approx(424, abs=4)
    assert coloured[:, 1].max() == pytest.approx(324, abs=4)


def test_readings_without_a_box_are_not_drawn() -> None:
    strip_reading = Reading("7", (7,), (0.9,), 0.9, True)
    assert (draw_readings(WHITE, [strip_reading]) == 255).all()


def test_a_picture_is_saved_under_any_name_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "drawn 三.png"
    save_picture(path, np.zeros((4, 5, 3), np.uint8))
    assert cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR).shape == (4, 5, 3)
    for name in ("drawn.doc", "drawn"):
        with pytest.raises(OutputError, match=r"\.png or \.jpg"):
            save_picture(tmp_path / name, np.zeros((4, 5, 3), np.uint8))
