"""Pictures with boxes and labels."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import ImageError, Reading, draw_readings, load_picture
from edge_runtime.core.types import Quad
from edge_runtime.images.annotate import draw_reduced, save_picture

GREEN, ORANGE = (60, 170, 0), (0, 110, 230)


def reading(
    left: float, top: float, right: float, bottom: float, *, accepted: bool = True, text: str = "42"
) -> Reading:
    return Reading(text, (4, 2), (0.9, 0.9), 0.87, accepted, Quad.upright(left, top, right, bottom))


def has_colour(picture: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool((np.abs(picture.astype(int) - colour).max(axis=2) < 5).any())


def test_the_picture_given_stays_as_it_was() -> None:
    picture = np.full((480, 640, 3), 255, np.uint8)
    drawn = draw_readings(picture, [reading(100, 100, 300, 200)], note="30 fps")
    assert (picture == 255).all()
    assert drawn.shape == (480, 640, 3)
    assert has_colour(drawn, GREEN) and not has_colour(drawn, ORANGE)


def test_a_doubtful_reading_has_another_colour() -> None:
    drawn = draw_readings(np.full((480, 640), 255, np.uint8), [reading(100, 100, 300, 200, accepted=False)])
    assert has_colour(drawn, ORANGE) and not has_colour(drawn, GREEN)


@pytest.mark.parametrize("size", [(12, 40), (28, 140), (480, 640), (3000, 4000)])
def test_labels_are_legible_at_any_size_and_do_not_cover_the_number(size: tuple[int, int]) -> None:
    height, width = size
    drawn = draw_readings(np.full(size, 255, np.uint8), [reading(0, 0, width - 1, height - 1)])
    added = drawn.shape[0] - height * max(1, -(-480 // max(size)))
    assert added > 0  # the number fills the picture, so the label stands above it
    assert added >= 0.03 * max(drawn.shape[:2])
    inside = drawn[added + drawn.shape[0] // 8 : -drawn.shape[0] // 8, drawn.shape[1] // 8 : -drawn.shape[1] // 8]
    assert (inside == 255).all()


def dense_page() -> tuple[np.ndarray, list[Reading]]:
    """A white page with the places of 60 numbers, 12 rows of 5, each 130 pixels wide and 33 high."""
    lefts, tops = range(80, 1600, 310), range(60, 1200, 95)
    page = np.full((1200, 1600, 3), 255, np.uint8)
    return page, [reading(x, y, x + 130, y + 33, text="12345") for y in tops for x in lefts]


def test_the_labels_of_a_dense_page_cover_no_number() -> None:
    page, readings = dense_page()
    drawn = draw_readings(page, readings)
    assert drawn.shape == page.shape and len(readings) == 60
    for item in readings:
        assert item.box is not None
        left, top, right, bottom = item.box.bounds
        inside = drawn[int(top) + 5 : int(bottom) - 4, int(left) + 5 : int(right) - 4]
        assert (inside == 255).all()
    covered = (np.abs(drawn.astype(int) - GREEN).max(axis=2) < 5).mean()
    assert 0.02 < covered < 0.15  # there are labels, and they leave the page to be seen


def test_labels_stay_clear_of_each_other_where_numbers_stand_side_by_side() -> None:
    page, row = np.full((480, 640, 3), 255, np.uint8), [reading(x, 200, x + 60, 240) for x in range(40, 600, 64)]
    drawn = draw_readings(page, row)
    for item in row:
        assert item.box is not None
        left, top, right, bottom = item.box.bounds
        assert (drawn[int(top) + 4 : int(bottom) - 3, int(left) + 4 : int(right) - 3] == 255).all()


def test_a_picture_that_may_not_grow_keeps_its_size() -> None:
    drawn = draw_readings(np.full((480, 640, 3), 255, np.uint8), [reading(0, 0, 639, 479)], add_room=False)
    assert drawn.shape == (480, 640, 3) and has_colour(drawn, GREEN)


def test_a_reduced_drawing_has_its_boxes_in_place() -> None:
    picture = load_picture(np.full((2000, 3000), 255, np.uint8))
    drawn = draw_reduced(picture, [reading(1500, 1000, 2100, 1400)], 1000)
    coloured = np.argwhere((drawn != 255).any(axis=2))
    assert drawn.shape[1] == 1000 and drawn.shape[0] in (667, 668)
    assert coloured[:, 0].max() == pytest.approx(1400 / 3, abs=4)
    assert coloured[:, 1].max() == pytest.approx(700, abs=4)


def test_boxes_follow_the_scale() -> None:
    drawn = draw_readings(np.full((500, 500), 255, np.uint8), [reading(200, 400, 600, 800)], scale=0.5)
    coloured = np.argwhere((drawn != 255).any(axis=2))
    assert coloured[:, 0].max() == pytest.approx(400, abs=4)
    assert coloured[:, 1].max() == pytest.approx(300, abs=4)


def test_readings_without_a_box_are_not_drawn() -> None:
    strip_reading = Reading("7", (7,), (0.9,), 0.9, True)
    assert (draw_readings(np.full((480, 640, 3), 255, np.uint8), [strip_reading]) == 255).all()


def test_a_picture_is_saved_under_any_name_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "drawn 三.png"
    save_picture(path, np.zeros((4, 5, 3), np.uint8))
    assert cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR).shape == (4, 5, 3)
    for name in ("drawn.doc", "drawn"):
        with pytest.raises(ImageError, match=r"\.png or \.jpg"):
            save_picture(tmp_path / name, np.zeros((4, 5, 3), np.uint8))
