"""Training scenes: what is labelled is what was drawn, and a seed always gives the same."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from train.scenes import KINDS, Scene, scenes
from train.scenes.__main__ import main
from train.scenes.canvas.bend import bent
from train.scenes.canvas.drawing import Drawing, faint, settled
from train.scenes.grounds.bank import DEFAULT, load_backgrounds
from train.scenes.kinds.table import TABLE
from train.scenes.letters.characters import Characters, followers, kind_of
from train.scenes.letters.typeset import bank, set_line

INK = np.zeros(3, np.float32)


def chains(text: str) -> list[str]:
    """The numbers and words that the links of a text make, of two characters at least."""
    links = followers(text)
    starts = [place for place, after in enumerate(links) if after >= 0 and place not in links]
    found = []
    for place in starts:
        run = text[place]
        while (place := links[place]) >= 0:
            run += text[place]
        found.append(run)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12.5 kg", ["12.5", "kg"]),
        ("-42", ["-42"]),
        ("243-259", ["243", "259"]),
        ("05/17/2024", ["05", "17", "2024"]),
        ("02:15.55", ["02:15.55"]),
        ("1.234,50 €", ["1.234,50"]),
        ("B52", ["52"]),
        ("16 JAN 2021.", ["16", "JAN", "2021"]),
        ("a-1 .50 1..2", [".50"]),
    ],
)
def test_links_part_numbers_where_people_do(text: str, expected: list[str]) -> None:
    assert chains(text) == expected


def test_kinds_of_characters() -> None:
    assert [KINDS[kind_of(char)] for char in "07.,:-%°$/()aZé·"] == [
        *("0", "7", ".", ",", ":", "-"),
        *(["mark"] * 6),
        *(["letter"] * 3),
        ".",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("kind", TABLE)
def test_every_kind_draws_labels_that_fit_the_picture(kind: str) -> None:
    for scene in scenes(3, 4, (160, 224), kind):
        check(scene, (160, 224))
        if TABLE[kind].empty:
            assert not len(scene.kinds)
    if not TABLE[kind].empty:
        assert any(len(scene.kinds) for scene in scenes(4, 6, (224, 224), kind))


def check(scene: Scene, size: tuple[int, int]) -> None:
    count = len(scene.kinds)
    assert scene.pixels.shape == (*size, 3) and scene.pixels.dtype == np.uint8
    assert scene.ignore.shape == size and set(np.unique(scene.ignore).tolist()) <= {0, 255}
    assert scene.boxes.shape == (count, 5) and scene.boxes.dtype == np.float32
    assert scene.following.shape == (count,) and scene.following.dtype == np.int32
    assert scene.kinds.dtype == np.uint8 and (count == 0 or int(scene.kinds.max()) < len(KINDS))
    x, y, height, width, angle = scene.boxes.T
    assert ((x >= 0) & (x < size[1]) & (y >= 0) & (y < size[0])).all()
    assert (height > 0).all() and (width > 0).all() and ((angle >= 0) & (angle < 2 * np.pi + 1e-5)).all()
    links = scene.following[scene.following >= 0]
    assert len(set(links.tolist())) == len(links) and (links < count).all()
    assert (scene.following != np.arange(count)).all()


def test_a_seed_and_a_number_give_the_same_scene_alone_and_in_a_run() -> None:
    run = list(scenes(11, 5, (128, 128)))
    alone = next(scenes(11, 1, (128, 128), first=4))
    assert np.array_equal(run[4].pixels, alone.pixels)
    assert np.array_equal(run[4].boxes, alone.boxes)
    assert not np.array_equal(run[4].pixels, run[3].pixels)


def drawn(text: str = "3 07") -> Drawing:
    """Black characters on white."""
    line = set_line(text, int(bank().faces_of("sans")[1]), 30, np.random.default_rng(0), tracking=0.3)
    drawing = Drawing(np.full((line.height + 60, line.width + 60, 3), 255, np.uint8))
    drawing.put(line, 30, 30, INK)
    return drawing


def dark_share(drawing: Drawing) -> list[float]:
    """Of each character's box, shrunk a little, whether its ink fills the width: share of columns with ink."""
    shares = []
    for x, y, height, width, angle in drawing.characters.boxes:
        matrix = cv2.getRotationMatrix2D((float(x), float(y)), float(np.degrees(angle)), 1.0)
        upright = cv2.warpAffine(drawing.pixels, matrix, drawing.pixels.shape[1::-1], borderValue=(255, 255, 255))
        top, left = int(y - height * 0.6), int(x - width / 2)
        box = upright[max(top, 0) : int(y + height * 0.6), max(left, 0) : int(x + width / 2), 0]
        shares.append(float((box.min(axis=0) < 140).mean()))
    return shares


def test_boxes_stay_on_their_ink_when_the_drawing_is_turned_and_tilted() -> None:
    drawing = drawn()
    turn = np.radians(110)
    matrix = np.array([[np.cos(turn), -np.sin(turn), 190], [np.sin(turn), np.cos(turn), 30], [0.0004, 0.0002, 1]])
    picture = Drawing(np.full((260, 260, 3), 255, np.uint8))
    picture.warp_in(drawing, matrix)
    assert min(dark_share(drawing)) > 0.9
    assert min(dark_share(picture)) > 0.8
    assert np.degrees(picture.characters.boxes[:, 4]) == pytest.approx(110, abs=8)


def test_boxes_stay_on_their_ink_when_the_surface_bends() -> None:
    drawing = drawn()
    height, width = drawing.pixels.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    moved = bent(drawing, 6 * np.sin(y / 30), 10 * np.sin(x / 40))
    assert min(dark_share(moved)) > 0.8


def test_characters_cut_by_the_border_are_ignored_and_unlinked() -> None:
    drawing = drawn("888")
    first = drawing.characters.boxes[0]
    picture = Drawing(np.full((100, 200, 3), 255, np.uint8))
    picture.paste(drawing, int(-first[0]), 0)
    characters, ignore = settled(picture)
    assert len(characters) == 2 and characters.following.tolist() == [1, -1]
    assert ignore[int(first[1]), 2] == 255 and not ignore[:, 100:].any()


def test_small_characters_are_ignored() -> None:
    characters = Characters.of([(50, 50, 5.0, 3, 0), (70, 50, 9.0, 5, 0)], "12")
    kept, ignore = settled(Drawing(np.zeros((100, 100, 3), np.uint8), [characters]))
    assert kept.kinds.tolist() == [2] and ignore[50, 50] == 255 and ignore[50, 70] == 0


def test_characters_that_nobody_sees_are_told() -> None:
    drawing = drawn("12")
    assert not faint(drawing.pixels, drawing.characters).any()
    assert faint(np.full_like(drawing.pixels, 200), drawing.characters).all()


def test_what_a_pasted_thing_covers_is_ignored() -> None:
    drawing = drawn("12")
    second = drawing.characters.boxes[1]
    drawing.paste(Drawing(np.zeros((20, 20, 3), np.uint8)), int(second[0]) - 10, int(second[1]) - 10)
    characters, ignore = settled(drawing)
    assert characters.kinds.tolist() == [1] and ignore[int(second[1]), int(second[0])] == 255


def test_background_bank_is_whole_and_listed() -> None:
    bank = load_backgrounds()
    listed = DEFAULT.with_name("BACKGROUNDS.md").read_text("utf-8")
    assert len(bank) > 200
    assert all(bank.crop(index).shape == (320, 320, 3) for index in (0, len(bank) // 2, len(bank) - 1))
    assert all(f"| {source} |" in listed for source in set(bank.sources))


@pytest.mark.slow
def test_the_command_writes_a_sheet_beside_pictures(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "real.png"), np.full((30, 50, 3), 200, np.uint8))
    out = tmp_path / "sheet.png"
    options = [
        "--out",
        str(out),
        "--count",
        "2",
        "--side",
        "64",
        "--columns",
        "2",
        "--labels",
        "--beside",
        str(tmp_path),
    ]
    result = CliRunner().invoke(main, options)
    assert result.exit_code == 0, result.output
    sheet = cv2.imread(str(out))
    assert sheet is not None and sheet.shape == (68, 136, 3)
