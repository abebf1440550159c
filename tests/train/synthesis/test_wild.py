"""The wild recipe's parts: tablet digits, drums and displays, neighbours, and strips that detection cuts."""

from pathlib import Path

import numpy as np
import pytest

from edge_runtime.recognition.contract import STRIP_HEIGHT, STRIP_WIDTH
from train.core.errors import DataError
from train.datasets.glyph_bank import LETTERS, load_glyphs
from train.datasets.tablet import build, strokes_of, tablet_source
from train.synthesis.backgrounds import behind_windows
from train.synthesis.camera import Picture, photograph
from train.synthesis.detector_crop import beside, found_strip
from train.synthesis.typesetting import glyph_line
from train.synthesis.writing import InkLine

BANK = load_glyphs()
PRINTED = next(int(face) for face in BANK.faces_with(LETTERS) if BANK.faces[face].style == "sans")


def printed(text: str, seed: int = 0) -> InkLine:
    return glyph_line(text, np.random.default_rng(seed), BANK, PRINTED)


# Tablet digits


@pytest.mark.parametrize("digit", "0123456789")
def test_a_tablet_digit_is_one_high_and_about_as_wide_as_people_write(digit: str) -> None:
    rng = np.random.default_rng(int(digit))
    draw = tablet_source("train")
    sizes = np.array([np.ptp(draw(digit, rng), axis=0) for _ in range(50)])
    assert (sizes[:, 1] > 0.55).all() and (sizes[:, 1] < 1.3).all()
    assert 0.2 < np.median(sizes[:, 0]) < 1


def test_tablet_curves_have_no_gap_within_a_stroke_that_a_pen_would_show() -> None:
    curve = tablet_source("train")("3", np.random.default_rng(1))
    assert np.hypot(*np.diff(curve, axis=0).T).max() < 0.03


def test_the_way_to_a_bar_or_flag_is_not_drawn() -> None:
    rng = np.random.default_rng(0)
    seven = np.array([[0, 0.2], [0.4, 0], [0.8, 0.1], [0.9, 0.5], [0.8, 0.9], [0.6, 1], [0.5, 0.8], [1, 0.8]])
    stem, bar = strokes_of("7", seven, rng)
    assert (stem == seven[:6]).all() and np.ptp(bar[:, 0]) > 4 * np.ptp(bar[:, 1])
    five = np.array([[0.1, 0.1], [0.1, 0.5], [0.7, 0.6], [0.6, 1], [0, 0.8], [0, 0.4], [0.3, 0.1], [1, 0]])
    body, flag = strokes_of("5", five, rng)
    assert (body == five[:5]).all() and (flag == five[[0, 7]]).all()
    plain = np.array([[0.5, 0], [0.4, 0.1], [0.2, 0.4], [0, 0.8], [0.4, 1], [0.8, 0.9], [0.7, 0.6], [0.1, 0.8]])
    assert [stroke.tolist() for stroke in strokes_of("6", plain, rng)] == [plain.tolist()]


def test_training_and_validation_share_no_tablet_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, set[bytes]] = {"train": set(), "validation": set()}
    for split, points in seen.items():
        monkeypatch.setattr(
            "train.datasets.tablet.strokes_of",
            lambda digit, way, rng, points=points: points.add(way.tobytes()) or [way],
        )
        draw, rng = tablet_source(split), np.random.default_rng(0)  # type: ignore[arg-type]
        for _ in range(300):
            draw("8", rng)
    assert seen["train"] and seen["validation"] and not seen["train"] & seen["validation"]


# What surrounds a number


@pytest.mark.parametrize("apart", [True, False])
def test_windows_leave_the_digits_where_they_are_and_the_box_holds_them(apart: bool) -> None:
    line = printed("407")
    for seed in range(20):
        ground, box = behind_windows(
            np.ones(line.alpha.shape, np.float32), line.alpha, line.box, np.random.default_rng(seed), apart=apart
        )
        assert ground.shape == line.alpha.shape and ground.min() >= 0 and ground.max() <= 1
        assert box[0] <= line.box[0] + 1 and box[2] >= line.box[2] - 1


def test_empty_paper_has_no_windows() -> None:
    ground, box = behind_windows(
        np.ones((40, 80), np.float32),
        np.zeros((40, 80), np.float32),
        (1.0, 2.0, 3.0, 4.0),
        np.random.default_rng(0),
        apart=True,
    )
    assert (ground == 1).all() and box == (1.0, 2.0, 3.0, 4.0)


def test_a_neighbour_stands_clear_of_the_line_which_stays_as_it_was() -> None:
    line, other = printed("52"), printed("hand", 1)
    for seed in range(30):
        page = beside(line, other, np.random.default_rng(seed))
        left, top, right, bottom = (int(value) for value in page.box)
        assert page.box[2] - page.box[0] == pytest.approx(line.box[2] - line.box[0])
        was = line.alpha[int(line.box[1]) : int(line.box[3]), int(line.box[0]) : int(line.box[2])]
        now = page.alpha[top:bottom, left:right][: was.shape[0], : was.shape[1]]
        np.testing.assert_allclose(now, was[: now.shape[0], : now.shape[1]], atol=1e-6)
        assert page.alpha.sum() > line.alpha.sum() + 0.5


# Strips that detection cuts


def picture_of(text: str, seed: int = 0) -> Picture:
    return photograph(printed(text), np.random.default_rng(seed), clean=True)


def test_detection_cuts_what_the_true_box_would_have_shown() -> None:
    picture = picture_of("6284", seed=3)
    strip = found_strip(picture, np.random.default_rng(0), number=True)
    assert strip.shape == (STRIP_HEIGHT, STRIP_WIDTH) and strip.dtype == np.uint8
    columns = strip.max(axis=0) > 100
    starts = int((np.diff(columns.astype(int)) == 1).sum())
    assert starts == 4, "four digits apart from each other"


def test_a_line_that_shows_only_a_part_is_not_taken_for_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = picture_of("6284", seed=3)
    cut_from_the_true_box = np.full((STRIP_HEIGHT, STRIP_WIDTH), 7, np.uint8)
    monkeypatch.setattr("train.synthesis.detector_crop.cut_strip", lambda picture, rng: cut_from_the_true_box)
    width = picture.box[2] - picture.box[0]
    half = Picture(picture.image, (picture.box[0], picture.box[1], picture.box[2] + width, picture.box[3]), False)
    assert found_strip(half, np.random.default_rng(0), number=True) is cut_from_the_true_box
    assert found_strip(half, np.random.default_rng(0), number=False) is not cut_from_the_true_box
    other_polarity = Picture(picture.image, picture.box, not picture.bright)
    assert found_strip(other_polarity, np.random.default_rng(0), number=True) is cut_from_the_true_box


def test_pen_digits_are_built_from_keels_text(tmp_path: Path) -> None:
    source, out = tmp_path / "penbased.dat", tmp_path / "pen.npz"
    source.write_text("@relation penbased\n@data\n" + ", ".join(["100, 0"] * 8) + ", 7\n", "ascii")
    assert build(source, out) == 1
    with np.load(out, allow_pickle=False) as archive:
        assert archive["labels"].tolist() == [7] and archive["points"].tolist() == [[[100, 100]] * 8]


@pytest.mark.parametrize("text", ["", "1, 2, 3\n", "a, b\n", ", ".join(["101"] * 16) + ", 1\n", "1, 2\n3\n"])
def test_other_files_are_no_pen_digits(tmp_path: Path, text: str) -> None:
    (tmp_path / "other.dat").write_text(text, "ascii")
    with pytest.raises(DataError, match=r"other\.dat"):
        build(tmp_path / "other.dat", tmp_path / "out.npz")
