"""The working copy: made once for both searches; planes of what shows ink; noise as it is defined."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge_runtime.core.types import Alternatives
from edge_runtime.detection import working
from edge_runtime.detection.locate import locate, locate_more
from edge_runtime.detection.shapes.ink import level_counts, pixel_noise
from edge_runtime.detection.working import SMALL_LONG_SIDE, WORK_LONG_SIDE, WorkingCopy
from train.synthesis import cache_key

Colour = tuple[int, int, int]


def sheet(ground: Colour, ink: Colour, size: tuple[int, int] = (640, 480), noise: float = 3.0) -> NDArray[np.uint8]:
    """A number on a sheet, width and height in pixels, uint8 BGR."""
    image = np.full((size[1], size[0], 3), ground, np.uint8)
    cv2.putText(image, "4072", (size[0] // 6, size[1] * 2 // 3), cv2.FONT_HERSHEY_SIMPLEX, size[0] / 200, ink, 6)
    noisy = image + np.random.default_rng(0).normal(0, noise, image.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def described(places: list[Alternatives]) -> list[list[tuple[object, ...]]]:
    return [[(line.box, line.direction.tolist(), line.spans, line.score) for line in place] for place in places]


def test_a_copy_is_searched_like_the_picture_and_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    image = sheet((180, 130, 60), (20, 140, 100))
    expected = described(locate(image)), described(locate_more(image))
    made: list[float] = []
    resize = working._resize

    def counted(image: NDArray[np.uint8], factor: float, interpolation: int) -> NDArray[np.uint8]:
        made.append(factor)
        return resize(image, factor, interpolation)

    monkeypatch.setattr(working, "_resize", counted)
    copy = WorkingCopy(image)
    assert (described(locate(copy)), described(locate_more(copy))) == expected
    assert expected[0] and made == [0.8]


@pytest.mark.parametrize("size", [(1280, 960), (640, 480), (400, 300), (120, 60), (30, 7)])
def test_size_and_scale(size: tuple[int, int]) -> None:
    copy = WorkingCopy(np.zeros((size[1], size[0], 3), np.uint8))
    height, width = copy.pixels.shape[:2]
    assert width <= WORK_LONG_SIDE
    assert copy.is_crop == (size[0] < SMALL_LONG_SIDE)
    np.testing.assert_allclose(copy.scale, [width / size[0], height / size[1]], rtol=1e-6)


@pytest.mark.parametrize(
    ("ground", "ink", "planes"),
    [
        ((230, 230, 230), (40, 40, 40), 1),
        ((200, 210, 215), (60, 50, 40), 1),
        ((60, 150, 60), (60, 60, 236), 2),
        ((180, 130, 60), (20, 140, 100), 2),
    ],
    ids=["grey", "cream", "red on green", "green on blue"],
)
@pytest.mark.parametrize("size", [(640, 480), (607, 401)])
def test_the_rough_look_hides_no_colour(
    ground: Colour, ink: Colour, planes: int, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    image = sheet(ground, ink, size)
    found = WorkingCopy(image).planes
    assert len(found) == planes
    monkeypatch.setattr(working, "_NO_COLOUR", 0.0)  # every picture is looked at closely
    closely = WorkingCopy(image).planes
    assert len(closely) == planes
    assert all(np.array_equal(one, two) for one, two in zip(found, closely, strict=True))


def test_a_grey_picture_is_its_own_plane() -> None:
    image = sheet((230, 230, 230), (40, 40, 40), (400, 300))[:, :, 0]
    assert WorkingCopy(image).planes[0] is image
    np.testing.assert_array_equal(WorkingCopy(image[:, :, None]).planes[0], image)


@pytest.mark.parametrize("deviation", [0.0, 1.0, 5.0, 20.0])
def test_pixel_noise_is_the_lower_quartile_of_second_differences(deviation: float) -> None:
    plane = sheet((200, 200, 200), (40, 40, 40), (512, 384), deviation)[:, :, 0]
    rows = [plane[start : 382 + start : 4].astype(int) for start in range(3)]
    across = rows[0] - 2 * rows[1] + rows[2]
    second = np.sort(np.abs(across[:, :-2] - 2 * across[:, 1:-1] + across[:, 2:]).reshape(-1))
    assert pixel_noise(plane) == second[second.size // 4] / (6 * 0.319)


def test_level_counts() -> None:
    counts = level_counts(np.array([[0, 3, 3], [255, 7, 3]], np.uint8))
    assert [counts[level] for level in (0, 2, 3, 6, 7, 254, 255)] == [1, 1, 4, 4, 5, 5, 6]


def test_training_knows_every_file_that_finds_lines() -> None:
    """A pool of training strips is known by the code that drew it, and the locator cuts a part of them."""
    code = "import sys, edge_runtime.detection.locate\nfor name in sorted(sys.modules): print(name)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    files = {f"{name.replace('.', '/')}.py" for name in loaded if name.startswith("edge_runtime.")}
    root = Path(working.__file__).parents[2]
    known = {str(path.relative_to(root)) for path in cache_key._WILD}
    packages = {file for file in files if not (root / file).exists()}
    without_effect = {"edge_runtime/core/errors.py", "edge_runtime/core/opencv.py"}
    assert files - packages - without_effect <= known
