"""The pool of strips: kept for the next run, carried on, and never taken for another one."""

import json

import numpy as np
import pytest

from train.core.errors import DataError
from train.synthesis import pool
from train.synthesis.pool import PoolKey, StripPool, vary
from train.synthesis.strips import CHUNK

KEY = PoolKey("notebook", seed=3, count=2 * CHUNK)


@pytest.fixture(autouse=True)
def drawn(tmp_path, monkeypatch):
    """Chunks whose strips and labels are their number plus one; the numbers that were drawn."""
    numbers = []

    def iter_chunks(source, count, *, first, **_):
        for index in range(first, count // CHUNK):
            numbers.append(index)
            yield np.full((CHUNK, 28, 140), index + 1, np.uint8), np.full((CHUNK, 5), index + 1, np.uint8)

    monkeypatch.setattr(pool, "iter_chunks", iter_chunks)
    monkeypatch.setattr(pool, "CACHE", tmp_path / "cache")
    return numbers


def fill(key=KEY):
    with StripPool(key, workers=1) as strips:
        strips.wait_for_first()
        return strips.batch(64, np.random.default_rng(0))


def test_a_pool_is_drawn_once_and_kept(drawn):
    strips, labels = fill()
    assert drawn == [0, 1] and strips.shape == (64, 28, 140, 1) and set(labels[:, 0]) == {1, 2}
    np.testing.assert_array_equal(fill()[0], strips)
    assert drawn == [0, 1]


def test_a_half_drawn_pool_is_carried_on(drawn):
    fill()
    (KEY.folder() / "progress.json").write_text(json.dumps({"chunks": 1}))
    fill()
    assert drawn == [0, 1, 1]


@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_strips_that_are_lost_are_drawn_again(drawn, damage):
    fill()
    file = KEY.folder() / "strips.npy"
    file.unlink() if damage == "gone" else file.write_bytes(file.read_bytes()[:1000])
    strips, _ = fill()
    assert drawn == [0, 1, 0, 1] and strips.min() > 0


def test_pools_of_other_digits_are_other_pools(tmp_path):
    folders = set()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        path = tmp_path / name / "mnist.npz"
        for content in (b"1", b"12"):
            path.write_bytes(content)
            folders.add(PoolKey("notebook", 1, 1, mnist=str(path)).folder())
    assert len(folders) == 4


def test_what_fails_in_the_background_is_raised_in_front(monkeypatch):
    def broken(*_, **__):
        raise OSError("disk is full")
        yield

    monkeypatch.setattr(pool, "iter_chunks", broken)
    with pytest.raises(DataError, match="disk is full"):
        fill()


def test_varied_strips_keep_their_ink():
    strips = np.zeros((20, 28, 140), np.uint8)
    strips[:, 10:18, 60:80] = 128
    varied = vary(strips, np.random.default_rng(1))
    assert varied.shape == (20, 28, 140, 1) and varied.dtype == np.uint8
    assert ((varied > 0).sum(axis=(1, 2, 3)) == 160).all() and len(set(varied.max(axis=(1, 2, 3)))) > 3
