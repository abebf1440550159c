"""The pool of scenes, the views of them, and the passes over a picture."""

from __future__ import annotations

import numpy as np
import pytest

from edge_runtime.detection.characters.contract import CELL, KINDS, SIDE_MULTIPLE, Maps
from edge_runtime.detection.characters.numbers import find_numbers
from edge_runtime.detection.characters.scales import ScaleRules, find_characters
from train.core.errors import DataError
from train.detector.evaluate import Example, find_examples, perfect_maps
from train.detector.pool import CHUNK, PoolKey, ScenePool, View, to_cells
from train.detector.targets import Labels
from train.detector.vary import stacked, vary
from train.scenes import KINDS as DRAWN_KINDS
from train.scenes import Scene


def spots(seed: int, count: int, first: int) -> list[Scene]:
    """Scenes with white squares on black; each is a 1, and followed by the next."""
    return [spot(np.random.default_rng([seed, index])) for index in range(first, first + count)]


def spot(rng: np.random.Generator) -> Scene:
    pixels = np.zeros((320, 320, 3), np.uint8)
    count = int(rng.integers(1, 5))
    centres = (np.arange(count)[:, None] * 60 + rng.integers(40, 60, (count, 2))).astype(np.float32)
    for x, y in centres.astype(int):
        pixels[y - 5 : y + 5, x - 5 : x + 5] = 255
    boxes = np.column_stack([centres, np.full((count, 2), 10), np.zeros(count)]).astype(np.float32)
    following = np.arange(1, count + 1, dtype=np.int32)
    following[-1] = -1
    ignore = np.zeros((320, 320), np.uint8)
    ignore[300:, 300:] = 255
    return Scene(pixels, boxes, np.ones(count, np.uint8), following, ignore)


def failing(seed: int, count: int, first: int) -> list[Scene]:
    raise ValueError("no paper left")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr("train.detector.pool.CACHE", tmp_path / "cache")


def test_scenes_and_contract_have_the_same_kinds():
    assert tuple(DRAWN_KINDS) == KINDS


@pytest.mark.slow
def test_pool_holds_what_was_drawn_and_is_kept():
    key = PoolKey(3, 2 * CHUNK)
    with ScenePool(key, 1, spots) as pool:
        pool.wait_for(2 * CHUNK)
        assert pool.ready == 2 * CHUNK
    expected = spots(3, 1, CHUNK + 7)[0]
    with ScenePool(key, 1, failing) as again:  # nothing is left to draw
        again.wait_for(2 * CHUNK)
        view = again.scene(CHUNK + 7)
        assert again.pick(np.random.default_rng(0)).pixels.shape == (320, 320, 1)
    np.testing.assert_array_equal(view.pixels[..., 0], expected.pixels[..., 0])
    np.testing.assert_array_equal(view.labels.boxes, expected.boxes)
    np.testing.assert_array_equal(view.labels.following, expected.following)
    assert view.ignored[75:, 75:].all() and np.count_nonzero(view.ignored) == 25


@pytest.mark.slow
def test_a_half_drawn_pool_is_carried_on():
    with ScenePool(PoolKey(3, 2 * CHUNK), 1, spots) as pool:
        pool.wait_for(2 * CHUNK)
    (pool._folder / "labels-1.npz").unlink()
    with ScenePool(PoolKey(3, 2 * CHUNK), 1, spots) as again:
        assert again.ready == CHUNK
        again.wait_for(2 * CHUNK)
        assert again.ready == 2 * CHUNK


@pytest.mark.slow
def test_a_failing_drawer_is_named():
    with ScenePool(PoolKey(4, CHUNK), 1, failing) as pool, pytest.raises(DataError, match="no paper left"):
        pool.wait_for_first()


def views(count: int = 4) -> list[View]:
    return [
        View(scene.pixels[..., :1], Labels(scene.boxes, scene.kinds, scene.following), to_cells(scene.ignore))
        for scene in spots(5, count, 0)
    ]


@pytest.mark.parametrize("seed", range(40))
def test_labels_stay_on_their_ink_in_every_view(seed):
    view = vary(views(), np.random.default_rng(seed))
    assert view.pixels.shape == (320, 320, 1) and view.ignored.shape == (80, 80)
    ground = int(np.median(view.pixels))
    for (x, y, height, width, _), following in zip(view.labels.boxes, view.labels.following, strict=True):
        assert height == pytest.approx(width) and 4 < height < 16
        half = height / 4
        ink = view.pixels[int(y - half) : int(y + half) + 1, int(x - half) : int(x + half) + 1]
        assert abs(float(ink.mean()) - ground) > 40
        assert following == -1 or np.all(view.labels.boxes[following, :2] > (x, y))
    bright = np.abs(view.pixels[..., 0].astype(int) - ground) > 100
    cells = to_cells((bright * 255).astype(np.uint8))
    for x, y in view.labels.boxes[:, :2]:
        row, column = int(y // CELL), int(x // CELL)
        cells[max(row - 4, 0) : row + 5, max(column - 4, 0) : column + 5] = 0
    border = np.ones_like(cells, bool)
    border[5:-5, 5:-5] = False
    border[35:45] = border[:, 35:45] = True  # where four scenes meet
    assert not (cells.astype(bool) & ~border & (view.ignored == 0)).any()  # no ink without a label


def test_batches_are_stacked():
    pictures, targets = stacked(views())
    assert pictures.shape == (4, 320, 320, 1) and pictures.dtype == np.uint8
    assert targets.shape == (4, 80, 80, 25)


def whole_picture(height: float, digits: str, size: tuple[int, int]) -> Labels:
    x = size[1] / 2 + (np.arange(len(digits)) - (len(digits) - 1) / 2) * 0.7 * height
    count = len(digits)
    boxes = np.column_stack([x, np.full(count, size[0] / 2), np.full((count, 1), height), np.full(count, height / 2)])
    boxes = np.column_stack([boxes, np.zeros(count)]).astype(np.float32)
    kinds = np.array([KINDS.index(digit) for digit in digits], np.uint8)
    following = np.array([*range(1, count), -1], np.int32)
    return Labels(boxes, kinds, following)


@pytest.mark.parametrize("height", [9.0, 12.0, 30.0, 120.0, 300.0])
def test_digits_of_any_height_come_back_in_the_picture_s_pixels(height):
    """A detector that sees characters of 8 to 140 pixels perfectly, and no others, on pictures of any size."""
    size = (900, 1300)
    labels = whole_picture(height, "40719", size)
    sizes = []

    def detect(picture: np.ndarray) -> Maps:
        assert picture.shape[0] % SIDE_MULTIPLE == picture.shape[1] % SIDE_MULTIPLE == 0
        sizes.append(picture.shape)
        # Its values are the coordinates in the whole picture, which tell where this part was cut and how it was scaled.
        lines = (picture[4, :, 0], picture[:, 4, 1])
        ends = [np.flatnonzero(np.diff(line) > 0)[-1] - 4 for line in lines]  # what follows repeats the border
        steps = np.array([(line[end] - line[4]) / (end - 4) for line, end in zip(lines, ends, strict=True)])
        left, top = (picture[4, 4] + 0.5) - 4.5 * steps
        scale = 1 / steps
        boxes = labels.boxes.copy()
        boxes[:, :2] = (boxes[:, :2] - (left, top)) * scale
        boxes[:, 2:4] *= scale.mean()
        readable = (boxes[:, 2] >= 8) & (boxes[:, 2] <= 140)
        inside = readable & (boxes[:, :2] >= 0).all(axis=1) & (boxes[:, :2] < picture.shape[1::-1]).all(axis=1)
        kept = Labels(boxes[inside], labels.kinds[inside], labels.following[inside])
        return perfect_maps(kept, np.zeros((picture.shape[0] // CELL, picture.shape[1] // CELL), np.uint8))

    ramp = np.stack(np.meshgrid(np.arange(size[1]), np.arange(size[0])), axis=-1).astype(np.float32)
    found = find_characters(ramp, detect, ScaleRules())
    (number,) = find_numbers(found.characters, size)
    assert number.text == "40719" and not found.limited
    assert number.characters.heights == pytest.approx(height, rel=0.05)
    assert number.characters.centres == pytest.approx(labels.boxes[:, :2], abs=0.5)
    assert len(sizes) <= 12


def test_examples_of_a_folder(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "labels.csv").write_text("file,label,view,note\nx.png,12 3,crop,\ny.png,7,scene,\n")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "labels.csv").write_text("file,label\nz.png,123\nw.png,\n")
    groups = find_examples(tmp_path)
    crop, scene = groups["a"]
    assert crop.is_right(["12", "3"]) and not crop.is_right(["123"]) and crop.has_right_count(["123"])
    assert scene.is_right(["1", "7"]) and not scene.is_right(["1"])
    joined, empty = groups["b"]
    assert joined.is_right(["12", "3"]) and empty.is_right([]) and not empty.is_right(["1"])
    assert isinstance(joined, Example)
    with pytest.raises(DataError, match=r"labels\.csv"):
        find_examples(tmp_path / "a" / "none")
