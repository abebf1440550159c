"""Targets of the character detector, and that decoding perfect maps gives the drawn characters and numbers back."""

from __future__ import annotations

import numpy as np
import pytest

from edge_runtime.detection.characters.contract import CELL, COMMA, DASH, KINDS, LETTER, MARK, POINT, Maps
from edge_runtime.detection.characters.numbers import find_numbers
from edge_runtime.detection.characters.peaks import find_peaks
from train.detector.evaluate import perfect_maps
from train.detector.targets import HEAT_WEIGHT, SHAPE_WEIGHT, TARGET_PLANES, Labels, draw_targets

SIDE = 320


def test_targets_of_one_character_by_hand():
    box = [[50.0, 30.0, 40.0, 20.0, np.pi / 2]]
    labels = Labels(np.array(box, np.float32), np.array([7], np.uint8), np.array([-1], np.int32))
    targets = draw_targets([labels], np.zeros((1, 32, 32), np.uint8))
    assert targets.shape == (1, 32, 32, TARGET_PLANES)
    row, column = 7, 12  # 30 / 4, 50 / 4
    heat = targets[0, :, :, :16]
    assert heat[row, column, 7] == 1
    assert heat[..., 7].max() == 1 and np.count_nonzero(heat[..., 7] == 1) == 1
    assert 0 < heat[row, column + 1, 7] < 1
    assert not heat[..., [k for k in range(16) if k != 7]].any()
    centre = targets[0, row, column, 16:]
    assert centre == pytest.approx([np.log(10), np.log(0.5), 0, 1, 0.0, 0.0, 0, 1, 1], abs=1e-6)
    assert targets[0, row, column + 1, 20:22] == pytest.approx([-1, 0])  # the centre lies one cell to the left
    assert targets[0, :, :, SHAPE_WEIGHT].sum() == 9


def test_nothing_is_taught_where_the_scene_says_so():
    labels = Labels(np.array([[50, 30, 40, 20, 0]], np.float32), np.array([7], np.uint8), np.array([-1], np.int32))
    ignored = np.zeros((1, 32, 32), np.uint8)
    ignored[0, :16] = 255
    targets = draw_targets([labels], ignored)
    assert not targets[0, :16, :, HEAT_WEIGHT].any() and targets[0, 16:, :, HEAT_WEIGHT].all()
    assert not targets[..., SHAPE_WEIGHT].any()


def test_the_nearer_of_two_characters_has_the_cell():
    boxes = np.array([[10, 10, 20, 10, 0], [17, 10, 30, 10, 0]], np.float32)  # cells 2 and 4 of row 2
    labels = Labels(boxes, np.array([1, 2], np.uint8), np.array([1, -1], np.int32))
    targets = draw_targets([labels], np.zeros((1, 8, 8), np.uint8))
    assert targets[0, 2, 3, 16] == pytest.approx(np.log(30 / CELL))  # its middle, 14, is nearer to 17 than to 10
    assert targets[0, 2, 2, 16] == pytest.approx(np.log(20 / CELL))


def test_characters_outside_are_left_out():
    boxes = np.array([[-3, 10, 20, 10, 0], [500, 10, 20, 10, 0]], np.float32)
    labels = Labels(boxes, np.array([1, 2], np.uint8), np.array([-1, -1], np.int32))
    targets = draw_targets([labels], np.zeros((1, 8, 8), np.uint8))
    assert not targets[..., :HEAT_WEIGHT].any()


def written_line(
    text: str, height: float = 24.0, angle: float = 0.0, middle: tuple[float, float] = (160, 160), pitch: float = 0.7
) -> Labels:
    """A line of equal pitch; a space in ``text`` parts words, an underscore leaves a cell empty within one."""
    boxes, kinds, following = [], [], []
    along, down = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    joins = False
    for index, character in enumerate(text):
        if character == " ":
            joins = False
        if character in " _":
            continue
        kind = KINDS.index(character) if character in KINDS else MARK if character in "/%$" else LETTER
        lift = 0.42 if kind in (POINT, COMMA) else 0
        centre = np.array(middle) + along * (index - (len(text) - 1) / 2) * pitch * height + down * lift * height
        width = {POINT: 0.12, COMMA: 0.15, DASH: 0.4}.get(kind, 0.55)
        if joins:
            following[-1] = len(kinds)
        boxes.append([*centre, height, width * height, angle % (2 * np.pi)])
        kinds.append(kind)
        following.append(-1)
        joins = True
    return Labels(np.array(boxes, np.float32), np.array(kinds, np.uint8), np.array(following, np.int32))


def maps_of(labels: Labels, side: int = SIDE) -> Maps:
    return perfect_maps(labels, np.zeros((side // CELL, side // CELL), np.uint8))


@pytest.mark.parametrize("degrees", [0, 17, 90, 135, 180, 243, 315, 359])
@pytest.mark.parametrize("height", [14.0, 24.0, 60.0])
def test_decoding_gives_the_characters_back(height, degrees):
    angle = np.deg2rad(degrees)
    labels = written_line("40.7", height, angle)
    found = find_peaks(maps_of(labels), 0.5)
    assert len(found) == 4
    for box, kind, following in zip(labels.boxes, labels.kinds, labels.following, strict=True):
        nearest = int(np.argmin(np.hypot(*(found.centres - box[:2]).T)))
        assert found.centres[nearest] == pytest.approx(box[:2], abs=0.01)
        assert found.kinds[nearest] == kind
        assert found.heights[nearest] == pytest.approx(box[2], rel=1e-3)
        assert found.widths[nearest] == pytest.approx(box[3], rel=1e-3)
        assert np.cos(found.angles[nearest] - angle) == pytest.approx(1, abs=1e-4)
        assert (found.links[nearest] > 0.5) == (following >= 0)


@pytest.mark.parametrize("degrees", range(0, 360, 15))
def test_decoding_gives_the_number_back_at_any_angle(degrees):
    labels = written_line("-12.5kg", 24, np.deg2rad(degrees))
    (number,) = find_numbers(find_peaks(maps_of(labels), 0.5), (SIDE, SIDE))
    assert number.written == "-12.5"
    assert number.before is None and number.after is not None and number.after.kind == LETTER
    corners = number.box.array()
    along = corners[1] - corners[0]
    assert np.arctan2(along[1], along[0]) % (2 * np.pi) == pytest.approx(np.deg2rad(degrees), abs=0.02)
    down = corners[3] - corners[0]
    assert np.hypot(*down) == pytest.approx(24, rel=0.02)
    assert along[0] * down[1] - along[1] * down[0] > 0  # clockwise: upper left, upper right, lower right, lower left


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("12.5", ["12.5"]),
        ("02:15.55", ["02:15.55"]),
        ("5,23", ["5,23"]),
        ("05/17/24", ["05", "17", "24"]),
        ("243-259", ["243", "259"]),
        ("-45", ["-45"]),
        ("$-45", ["-45"]),
        ("A-45", ["45"]),
        ("$19.99", ["19.99"]),
        ("12.", ["12"]),
        (".5", [".5"]),
        ("1..2", ["1", "2"]),
        ("B52", ["52"]),
        ("3h15m", ["3", "15"]),
        ("12 34", ["12", "34"]),
        ("word", []),
        ("7", ["7"]),
    ],
)
def test_what_parts_a_number(text, numbers):
    found = find_numbers(find_peaks(maps_of(written_line(text)), 0.5), (SIDE, SIDE))
    assert [number.written for number in sorted(found, key=lambda number: number.box.top_left)] == numbers


def test_wide_pitch_is_one_number_where_the_links_say_so():
    labels = written_line("4071", height=20, pitch=2.2)
    (number,) = find_numbers(find_peaks(maps_of(labels), 0.5), (SIDE, SIDE))
    assert number.text == "4071" and not number.hole


def test_an_empty_cell_in_a_number_is_a_hole():
    (number,) = find_numbers(find_peaks(maps_of(written_line("03_27")), 0.5), (SIDE, SIDE))
    assert number.text == "0327" and number.hole


@pytest.mark.parametrize(("x", "cut"), [(160, False), (26, True), (294, True)])
def test_a_number_at_the_border_may_be_cut(x, cut):
    (number,) = find_numbers(find_peaks(maps_of(written_line("123", middle=(x, 160))), 0.5), (SIDE, SIDE))
    assert number.cut is cut


def test_rows_are_not_joined():
    rows = [written_line("123", middle=(160, y)) for y in (100, 132)]
    labels = Labels(
        np.concatenate([row.boxes for row in rows]),
        np.concatenate([row.kinds for row in rows]),
        np.array([1, 2, -1, 4, 5, -1], np.int32),
    )
    found = find_numbers(find_peaks(maps_of(labels), 0.5), (SIDE, SIDE))
    assert [number.written for number in found] == ["123", "123"]


def test_an_empty_picture_has_no_numbers():
    nothing = Labels(np.zeros((0, 5), np.float32), np.zeros(0, np.uint8), np.zeros(0, np.int32))
    characters = find_peaks(maps_of(nothing), 0.5)
    assert len(characters) == 0 and find_numbers(characters, (SIDE, SIDE)) == []
