"""Lines are found where numbers were drawn: polarity, colour, light, tilt, spacing, size; and nothing on nothing."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge_runtime.detection.grouping.glyphs import Extents, link
from edge_runtime.detection.locate import Line, locate

HEIGHT, WIDTH = 480, 640
FONT = cv2.FONT_HERSHEY_SIMPLEX


def paper(level: float = 200.0, noise: float = 3.0, seed: int = 0) -> NDArray[np.float32]:
    """A grey sheet with sensor noise, [480, 640]."""
    rng = np.random.default_rng(seed)
    return (level + rng.normal(0, noise, (HEIGHT, WIDTH))).astype(np.float32)


def stencil(
    text: str,
    digit_px: float,
    center: tuple[float, float],
    angle: float = 0.0,
    shape: tuple[int, int] = (HEIGHT, WIDTH),
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Ink share 0 to 1 of a number, ``angle`` degrees clockwise about ``center``, and the corners of its ink."""
    scale = digit_px / cv2.getTextSize("0", FONT, 1.0, 1)[0][1]
    thickness = max(int(digit_px / 9), 1)
    (width, height), base = cv2.getTextSize(text, FONT, scale, thickness)
    tile = np.zeros((height + base + 20, width + 20), np.uint8)
    cv2.putText(tile, text, (10, height + 10), FONT, scale, 255, thickness, cv2.LINE_AA)
    rows, columns = np.nonzero(tile > 127)
    tile = tile[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    high, wide = tile.shape
    turn = cv2.getRotationMatrix2D(((wide - 1) / 2, (high - 1) / 2), -angle, 1.0)
    turn[:, 2] += np.array(center) - np.array([(wide - 1) / 2, (high - 1) / 2])
    share = cv2.warpAffine(tile, turn, (WIDTH, HEIGHT)).astype(np.float32) / 255
    ends = np.array([[-0.5, -0.5], [wide - 0.5, -0.5], [wide - 0.5, high - 0.5], [-0.5, high - 0.5]])
    return share, (ends @ turn[:, :2].T + turn[:, 2]).astype(np.float32)


def picture(
    ground: NDArray[np.float32], share: NDArray[np.float32], ink: float | tuple[float, ...]
) -> NDArray[np.uint8]:
    """The ground with ink on it, slightly out of focus."""
    if ground.ndim == 3:
        share = share[..., None]
    mixed = ground * (1 - share) + np.array(ink, np.float32) * share
    return np.clip(cv2.GaussianBlur(mixed, (0, 0), 0.8), 0, 255).astype(np.uint8)


def overlap(line: Line, corners: NDArray[np.float32]) -> float:
    """Intersection over union of a line's box and a drawn one."""
    common, _ = cv2.intersectConvexConvex(line.corners, corners)
    return float(common / (cv2.contourArea(line.corners) + cv2.contourArea(corners) - common))


def found(image: NDArray[np.uint8], corners: NDArray[np.float32]) -> Line:
    """The line that fits the drawn one; fails where none does."""
    lines = locate(image)
    assert lines, "no line was found"
    best = max(lines, key=lambda line: overlap(line, corners))
    assert overlap(best, corners) > 0.8
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
    assert len({line.group for line in locate(picture(paper(), share, 40))}) == 1


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
    assert np.abs(line.corners - corners).max() < 8


def test_a_single_digit_stays_upright() -> None:
    share, _ = stencil("7", 120, (320, 240), 20)
    (line,) = locate(picture(paper(), share, 40))
    assert line.corners[0, 1] == line.corners[1, 1]
    assert line.corners[0, 0] == line.corners[3, 0]


def test_wide_even_gaps_are_one_line() -> None:
    shares, centers = [], [140, 260, 380, 500]
    for digit, column in zip("1248", centers, strict=True):
        shares.append(stencil(digit, 60, (column, 240))[0])
    lines = locate(picture(paper(), np.max(shares, axis=0), 40))
    assert len(lines) == 1
    assert len(lines[0].spans) == 4
    assert lines[0].spans == tuple(sorted(lines[0].spans))


def test_two_numbers_on_a_page_in_reading_order() -> None:
    lower, lower_corners = stencil("17", 60, (160, 380))
    upper, upper_corners = stencil("905", 60, (450, 120))
    lines = locate(picture(paper(), np.maximum(lower, upper), 40))
    assert len(lines) == 2
    assert overlap(lines[0], upper_corners) > 0.8
    assert overlap(lines[1], lower_corners) > 0.8
    assert lines[0].group != lines[1].group


def test_numbers_far_apart_in_a_row_are_two_lines() -> None:
    left, left_corners = stencil("17", 50, (110, 240))
    right, right_corners = stencil("905", 50, (520, 240))
    lines = locate(picture(paper(), np.maximum(left, right), 40))
    assert len(lines) == 2
    assert overlap(lines[0], left_corners) > 0.8
    assert overlap(lines[1], right_corners) > 0.8


def test_number_in_a_ring() -> None:
    share, corners = stencil("50", 70, (320, 240))
    sheet = paper()
    cv2.circle(sheet, (320, 240), 120, 90.0, 14, cv2.LINE_AA)
    found(picture(sheet, share, 40), corners)


def test_line_at_the_pictures_border() -> None:
    share, corners = stencil("4072", 70, (320, 240))
    image = picture(paper(), share, 40)
    left, top = np.ceil(corners[0]).astype(int)
    right, bottom = np.floor(corners[2]).astype(int) + 1
    crop = image[top:bottom, left:right]
    inner = np.array([[0, 0], [right - left, 0], [right - left, bottom - top], [0, bottom - top]], np.float32)
    assert len(found(crop, inner).spans) == 4


def test_crop_that_falls_into_two_lines_is_also_offered_whole() -> None:
    left, _ = stencil("17", 40, (60, 50))
    right, _ = stencil("905", 40, (230, 50))
    crop = picture(paper(), np.maximum(left, right), 40)[:100, :300]
    lines = locate(crop)
    assert len({line.group for line in lines}) == 2
    assert any(line.corners[1, 0] - line.corners[0, 0] > 230 for line in lines)


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
    lines = locate(image)
    assert all(np.isfinite(line.corners).all() for line in lines)
    assert fill == "noise" or lines == []


def test_at_most_as_many_lines_as_asked_for() -> None:
    shares = [stencil("38", 24, (80 + 160 * (i % 4), 40 + 60 * (i // 4)))[0] for i in range(28)]
    image = picture(paper(), np.max(shares, axis=0), 40)
    assert len(locate(image)) == 16
    assert len(locate(image, max_lines=3)) == 3
    assert len({line.group for line in locate(image, max_lines=40)}) == 28


def test_grey_and_its_bgr_copy_agree() -> None:
    share, _ = stencil("4072", 70, (330, 220))
    image = picture(paper(), share, 40)
    grey, colour = locate(image), locate(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR))
    assert [line.corners.tolist() for line in grey] == [line.corners.tolist() for line in colour]
    np.testing.assert_allclose(colour[0].direction, np.repeat(grey[0].direction, 3), atol=1e-3)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(factor=st.floats(0.35, 4.0))
def test_scale_does_not_matter(factor: float) -> None:
    share, corners = stencil("8305", 90, (320, 240))
    image = picture(paper(200, 1.5), share, 40)
    scaled = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA if factor < 1 else 1)
    ratio = np.array([scaled.shape[1] / WIDTH, scaled.shape[0] / HEIGHT], np.float32)
    line = found(scaled, (corners + 0.5) * ratio - 0.5)
    assert len(line.spans) == 4


def test_a_long_tail_gives_an_alternative_without_it() -> None:
    image = np.full((300, 500), 220, np.uint8)
    for index, digit in enumerate("358"):
        cv2.putText(image, digit, (100 + index * 60, 140), cv2.FONT_HERSHEY_SIMPLEX, 2, 40, 4, cv2.LINE_AA)
    cv2.line(image, (290, 98), (320, 98), 40, 4)
    cv2.line(image, (320, 98), (300, 230), 40, 4)  # a 7 that reaches far below the line
    lines = locate(image)
    heights = sorted(float(np.linalg.norm(line.corners[3] - line.corners[0])) for line in lines)
    assert len({line.group for line in lines}) == 1
    assert heights[-1] > 125 and any(42 < height < 65 for height in heights)
    assert all(abs(line.corners[1][0] - 322) < 8 for line in lines if np.ptp(line.corners[:, 0]) > 200)


def test_ink_as_faint_as_nothing_stands_alone() -> None:
    u0, contrast = np.array([0, 8, 16], np.float32), np.array([0, 20, 20], np.float32)
    extents = Extents(u0, u0 + 5, np.zeros(3, np.float32), np.full(3, 10, np.float32))
    assert [group.tolist() for group in link(extents, contrast)] == [[0], [1, 2]]
    none = np.zeros(0, np.int64)
    assert link(extents.take(none), contrast[none]) == []


def test_random_scenes_end_in_lines_and_never_in_an_error() -> None:
    """Faint and broken things beside each other, as no other test draws them."""
    random = np.random.default_rng(2)
    for _ in range(100):
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
                cv2.putText(scene, str(random.integers(10**6)), start, cv2.FONT_HERSHEY_SIMPLEX, size, colour, weight)
        for line in locate(scene):
            assert np.isfinite(line.corners).all() and 0 <= line.score <= 1
