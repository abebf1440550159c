"""Pictures with boxes and labels."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import ImageError, Reading, draw_readings
from edge_runtime.images.annotate import save_picture

GREEN, ORANGE = (60, 170, 0), (0, 110, 230)


def reading(left: float, top: float, right: float, bottom: float, *, accepted: bool = True) -> Reading:
    box = ((left, top), (right, top), (right, bottom), (left, bottom))
    return Reading("42", (4, 2), (0.9, 0.9), 0.87, accepted, box)


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
