"""Lines are found where numbers were drawn: polarity, colour, tilt, spacing, size; and nothing on nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge_runtime.core.types import Line, Quad
from edge_runtime.detection.locate import MAX_LINES, locate
from tests.edge_runtime.detection.overlap import iou
from train.synthesis import cache_key

HEIGHT, WIDTH = 480, 640
FONT = cv2.FONT_HERSHEY_SIMPLEX


def lines_of(image: NDArray[np.uint8], max_lines: int = MAX_LINES) -> list[Line]:
    """All lines that are found, alternatives too."""
    return [line for place in locate(image, max_lines) for line in place]


def paper(level: float = 200.0, noise: float = 3.0, seed: int = 0) -> NDArray[np.float32]:
    """A grey sheet with sensor noise, [480, 640]."""
    rng = np.random.default_rng(seed)
    return (level + rng.normal(0, noise, (HEIGHT, WIDTH))).astype(np.float32)


def stencil(
    text: str,
    digit_px: float,
    center: tuple[float, float],
    angle: float = 0.0,
) -> tuple[NDArray[np.float32], Quad]:
    """Ink share 0 to 1 of a number, ``angle`` degrees clockwise about ``center``, and the box of its ink."""
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
    return share, Quad.of(ends @ turn[:, :2].T + turn[:, 2])


def picture(
    ground: NDArray[np.float32], share: NDArray[np.float32], ink: float | tuple[float, ...]
) -> NDArray[np.uint8]:
    """The ground with ink on it, slightly out of focus."""
    if ground.ndim == 3:
        share = share[..., None]
    mixed = ground * (1 - share) + np.array(ink, np.float32) * share
    return np.clip(cv2.GaussianBlur(mixed, (0, 0), 0.8), 0, 255).astype(np.uint8)


def found(image: NDArray[np.uint8], drawn: Quad) -> Line:
    """The line that fits the drawn one; fails where none does."""
    lines = lines_of(image)
    assert lines, "no line was found"
    best = max(lines, key=lambda line: iou(line.box, drawn))
    assert iou(best.box, drawn) > 0.8
    return best


@pytest.mark.parametrize(("level", "ink"), [(200, 40), (60, 220), (130, 100)], ids=["dark", "bright", "faint"])
def test_one_number_in_the_middle_of_nothing(level: int, ink: int) -> None:
    share, corners = stencil("4072", 70, (330, 220))
    image = picture(paper(level), share, ink)
    line = found(image, corners)
    assert len(locate(image)) == 1, "nothing else"
    assert line.direction.shape == (1,)
    assert np.sign(line.direction[0]) == np.sign(ink - level)
    assert len(line.spans) == 4
    assert 0 < line.score <= 1


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


@pytest.mark.parametrize("angle", [-40, -15, 15, 40])
def test_tilt(angle: int) -> None:
    share, corners = stencil("71924", 50, (320, 240), angle)
    line = found(picture(paper(), share, 40), corners)
    assert np.abs(line.box.array() - corners.array()).max() < 8


def test_wide_even_gaps_are_one_line() -> None:
    shares, centers = [], [140, 260, 380, 500]
    for digit, column in zip("1248", centers, strict=True):
        shares.append(stencil(digit, 60, (column, 240))[0])
    (line,) = lines_of(picture(paper(), np.max(shares, axis=0), 40))
    assert len(line.spans) == 4
    assert line.spans == tuple(sorted(line.spans))


@pytest.mark.parametrize(
    ("first", "second"), [((450, 120), (160, 380)), ((110, 240), (520, 240))], ids=["below each other", "in a row"]
)
def test_two_numbers_are_two_places_in_reading_order(first: tuple[int, int], second: tuple[int, int]) -> None:
    drawn = [stencil("905", 50, first), stencil("17", 50, second)]
    places = locate(picture(paper(), np.max([share for share, _ in drawn], axis=0), 40))
    assert len(places) == 2
    for (line,), (_, corners) in zip(places, drawn, strict=True):
        assert iou(line.box, corners) > 0.8


def test_line_at_the_pictures_border() -> None:
    share, corners = stencil("4072", 70, (320, 240))
    image = picture(paper(), share, 40)
    left, top = np.ceil(corners.top_left).astype(int)
    right, bottom = np.floor(corners.bottom_right).astype(int) + 1
    crop = image[top:bottom, left:right]
    assert len(found(crop, Quad.upright(0, 0, right - left, bottom - top)).spans) == 4


@pytest.mark.parametrize("noise", [0.0, 3.0, 12.0, 25.0])
def test_blank_paper_gives_nothing(noise: float) -> None:
    assert locate(np.clip(paper(180, noise, seed=3), 0, 255).astype(np.uint8)) == []


def test_a_number_in_heavy_noise() -> None:
    share, corners = stencil("63", 90, (320, 240))
    ground = np.clip(paper(190) * (1 - share) + 30 * share + paper(0, 25, seed=4), 0, 255).astype(np.uint8)
    found(ground, corners)


def test_at_most_as_many_lines_as_asked_for() -> None:
    shares = [stencil("38", 24, (80 + 160 * (i % 4), 40 + 60 * (i // 4)))[0] for i in range(28)]
    image = picture(paper(), np.max(shares, axis=0), 40)
    assert len(locate(image)) == 28
    assert len(lines_of(image, max_lines=3)) == 3


@pytest.mark.parametrize("factor", [0.35, 0.6, 1.7, 4.0])
def test_scale_does_not_matter(factor: float) -> None:
    share, corners = stencil("8305", 90, (320, 240))
    image = picture(paper(200, 1.5), share, 40)
    scaled = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA if factor < 1 else 1)
    line = found(scaled, corners.scaled(scaled.shape[1] / WIDTH, scaled.shape[0] / HEIGHT))
    assert len(line.spans) == 4


def test_training_knows_every_file_that_finds_lines() -> None:
    """A pool of training strips is known by the code that drew it, and detection cuts a part of them."""
    code = "import sys, edge_runtime.detection.locate\nfor name in sorted(sys.modules): print(name)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    files = {f"{name.replace('.', '/')}.py" for name in loaded if name.startswith("edge_runtime.")}
    root = Path(cache_key.__file__).parents[2]
    known = {str(path.relative_to(root)) for path in cache_key._WILD}
    packages = {file for file in files if not (root / file).exists()}
    without_effect = {"edge_runtime/core/errors.py", "edge_runtime/core/opencv.py"}
    assert files - packages - without_effect <= known
