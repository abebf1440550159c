"""Lines are found where numbers were drawn: polarity, colour, light, tilt, spacing, size; and nothing on nothing."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge_runtime.core.types import Line, Quad
from edge_runtime.detection.locate import locate
from tests.edge_runtime.detection.drawing import FONT, HEIGHT, WIDTH, lines_of, paper, picture, stencil


def found(image: NDArray[np.uint8], drawn: Quad) -> Line:
    """The line that fits the drawn one; fails where none does."""
    lines = lines_of(image)
    assert lines, "no line was found"
    best = max(lines, key=lambda line: line.box.iou(drawn))
    assert best.box.iou(drawn) > 0.8
    return best


@pytest.mark.parametrize(("level", "ink"), [(200, 40), (60, 220), (130, 100)], ids=["dark", "bright", "faint"])
def test_one_number_in_the_middle_of_nothing(level: int, ink: int) -> None:
    share, corners = stencil("4072", 70, (330, 220))
    line = found(picture(paper(level), share, ink), corners)
    assert line.direction.shape == (1,)
    assert np.sign(line.direction[0]) == np.sign(ink - level)
    assert len(line.spans) == 4
    assert 0 < line.score <= 1


def test_nothing_else_is_found_beside_it() -> None:
    share, _ = stencil("4072", 70, (330, 220))
    assert len(locate(picture(paper(), share, 40))) == 1


@pytest.mark.parametrize(
    ("ground", "ink"), [((60, 150, 60), (60, 60, 236)), ((180, 130, 60), (20, 140, 100))], ids=["red", "green"]
)
def test_colours_of_equal_lightness(ground: tuple[int, ...], ink: tuple[int, ...]) -> None:
    weights = np.array([0.114, 0.587, 0.299])
    assert abs(float((np.array(ground) - np.array(ink)) @ weights)) < 3
    share, corners = stencil("358", 80, (300, 240))
    sheet = np.ones((HEIGHT, WIDTH, 3), np.float32) * np.array(ground, np.float32)
    sheet += np.random.default_rng(1).normal(0, 2, sheet.shape).astype(np.float32)
    line = found(picture(sheet, share, ink), corners)
    drawn = np.array(ink, np.float32) - np.array(ground, np.float32)
    cosine = float(line.direction @ drawn / np.linalg.norm(line.direction) / np.linalg.norm(drawn))
    assert cosine > 0.95


def test_shadow_edge_through_the_number() -> None:
    share, corners = stencil("2694", 80, (320, 240))
    light = cv2.GaussianBlur(np.where(np.arange(WIDTH) > 330, 0.5, 1.0).astype(np.float32)[None], (0, 0), 4)
    image = picture(paper(210) * light, share, 0)
    line = found(np.clip(image + 20.0 * light, 0, 255).astype(np.uint8), corners)
    assert len(line.spans) == 4


def test_vignetting_alone_is_no_ink() -> None:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    light = 1 - 0.6 * ((columns / WIDTH - 0.5) ** 2 + (rows / HEIGHT - 0.5) ** 2) / 0.5
    assert locate((paper(220) * light).astype(np.uint8)) == []


@pytest.mark.parametrize("angle", [-40, -30, -15, 15, 30, 40])
def test_tilt(angle: int) -> None:
    share, corners = stencil("71924", 50, (320, 240), angle)
    line = found(picture(paper(), share, 40), corners)
    assert np.abs(line.box.array() - corners.array()).max() < 8


def test_a_single_digit_stays_upright() -> None:
    share, _ = stencil("7", 120, (320, 240), 20)
    (line,) = lines_of(picture(paper(), share, 40))
    assert line.box == Quad.upright(*line.box.bounds)


def test_wide_even_gaps_are_one_line() -> None:
    shares, centers = [], [140, 260, 380, 500]
    for digit, column in zip("1248", centers, strict=True):
        shares.append(stencil(digit, 60, (column, 240))[0])
    (line,) = lines_of(picture(paper(), np.max(shares, axis=0), 40))
    assert len(line.spans) == 4
    assert line.spans == tuple(sorted(line.spans))


def test_two_numbers_on_a_page_in_reading_order() -> None:
    lower, lower_corners = stencil("17", 60, (160, 380))
    upper, upper_corners = stencil("905", 60, (450, 120))
    (first,), (second,) = locate(picture(paper(), np.maximum(lower, upper), 40))
    assert first.box.iou(upper_corners) > 0.8
    assert second.box.iou(lower_corners) > 0.8


def test_numbers_far_apart_in_a_row_are_two_lines() -> None:
    left, left_corners = stencil("17", 50, (110, 240))
    right, right_corners = stencil("905", 50, (520, 240))
    (first,), (second,) = locate(picture(paper(), np.maximum(left, right), 40))
    assert first.box.iou(left_corners) > 0.8
    assert second.box.iou(right_corners) > 0.8


def test_number_in_a_ring() -> None:
    share, corners = stencil("50", 70, (320, 240))
    sheet = paper()
    cv2.circle(sheet, (320, 240), 120, 90.0, 14, cv2.LINE_AA)
    found(picture(sheet, share, 40), corners)


def test_line_at_the_pictures_border() -> None:
    share, corners = stencil("4072", 70, (320, 240))
    image = picture(paper(), share, 40)
    left, top = np.ceil(corners.top_left).astype(int)
    right, bottom = np.floor(corners.bottom_right).astype(int) + 1
    crop = image[top:bottom, left:right]
    assert len(found(crop, Quad.upright(0, 0, right - left, bottom - top)).spans) == 4


def test_crop_that_falls_into_two_lines_is_also_offered_whole() -> None:
    left, _ = stencil("17", 40, (60, 50))
    right, _ = stencil("905", 40, (230, 50))
    crop = picture(paper(), np.maximum(left, right), 40)[:100, :300]
    places = locate(crop)
    assert len(places) == 2
    assert any(line.box.width > 230 for place in places for line in place)


@pytest.mark.parametrize("noise", [0.0, 3.0, 12.0, 25.0])
def test_blank_paper_gives_nothing(noise: float) -> None:
    assert locate(np.clip(paper(180, noise, seed=3), 0, 255).astype(np.uint8)) == []


def test_a_number_in_heavy_noise() -> None:
    share, corners = stencil("63", 90, (320, 240))
    ground = np.clip(paper(190) * (1 - share) + 30 * share + paper(0, 25, seed=4), 0, 255).astype(np.uint8)
    found(ground, corners)


@pytest.mark.parametrize("shape", [(1, 1), (1, 1, 3), (1, 400), (400, 1), (2, 3, 3), (5, 7), (3, 2000, 3)])
@pytest.mark.parametrize("fill", ["black", "white", "noise"])
def test_tiny_and_thin_pictures(shape: tuple[int, ...], fill: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    image = {"black": np.zeros(shape, np.uint8), "white": np.full(shape, 255, np.uint8), "noise": noise}[fill]
    lines = lines_of(image)
    assert all(np.isfinite(line.box).all() for line in lines)
    assert fill == "noise" or lines == []


def test_at_most_as_many_lines_as_asked_for() -> None:
    shares = [stencil("38", 24, (80 + 160 * (i % 4), 40 + 60 * (i // 4)))[0] for i in range(28)]
    image = picture(paper(), np.max(shares, axis=0), 40)
    assert len(locate(image)) == 28
    assert len(lines_of(image, max_lines=3)) == 3


def test_grey_and_its_bgr_copy_agree() -> None:
    share, _ = stencil("4072", 70, (330, 220))
    image = picture(paper(), share, 40)
    grey, colour = lines_of(image), lines_of(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR))
    assert [line.box for line in grey] == [line.box for line in colour]
    np.testing.assert_allclose(colour[0].direction, np.repeat(grey[0].direction, 3), atol=1e-3)


@pytest.mark.parametrize("factor", [0.35, 0.6, 1.7, 4.0])
def test_scale_does_not_matter(factor: float) -> None:
    share, corners = stencil("8305", 90, (320, 240))
    image = picture(paper(200, 1.5), share, 40)
    scaled = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA if factor < 1 else 1)
    line = found(scaled, corners.scaled(scaled.shape[1] / WIDTH, scaled.shape[0] / HEIGHT))
    assert len(line.spans) == 4


def test_a_long_tail_gives_an_alternative_without_it() -> None:
    image = np.full((300, 500), 220, np.uint8)
    for index, digit in enumerate("358"):
        cv2.putText(image, digit, (100 + index * 60, 140), FONT, 2, 40, 4, cv2.LINE_AA)
    cv2.line(image, (290, 98), (320, 98), 40, 4)
    cv2.line(image, (320, 98), (300, 230), 40, 4)  # a 7 that reaches far below the line
    (place,) = locate(image)
    heights = sorted(line.box.height for line in place)
    assert heights[-1] > 125 and any(42 < height < 65 for height in heights)
    assert all(abs(line.box.bounds[2] - 322) < 8 for line in place if line.box.width > 200)


def test_random_scenes_end_in_lines_and_never_in_an_error() -> None:
    """Faint and broken things beside each other, as no other test draws them."""
    random = np.random.default_rng(2)
    for _ in range(15):
        height, width = (int(size) for size in random.integers(1, 400, 2))
        scene = np.full((height, width, 3), int(random.integers(0, 256)), np.uint8)
        for _ in range(int(random.integers(0, 60))):
            colour = tuple(int(value) for value in random.integers(0, 256, 3))
            start, stop = ([int(value) for value in random.integers(-50, (width + 50, height + 50))] for _ in "ab")
            kind = int(random.integers(3))
            if kind == 0:
                cv2.line(scene, start, stop, colour, int(random.integers(1, 20)))
            elif kind == 1:
                cv2.rectangle(scene, start, stop, colour, int(random.choice([-1, 1, 3])))
            else:
                size, weight = float(random.uniform(0.3, 6)), int(random.integers(1, 12))
                cv2.putText(scene, str(random.integers(10**6)), start, FONT, size, colour, weight)
        for line in lines_of(scene):
            assert np.isfinite(line.box).all() and 0 <= line.score <= 1
