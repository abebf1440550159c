"""Labelled strips: the notebook's recipe and the wild recipe, drawn from one seed.

``make_strips`` gives the same strips for the same arguments, however many workers draw them: work is cut
into chunks, and every chunk has a random generator of its own.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from edge_runtime.recognition.contract import BLANK, SLOTS, STRIP_HEIGHT, STRIP_WIDTH, encode_label
from train.datasets.glyph_bank import load_glyphs
from train.datasets.mnist import SIZE, Digits, Split, load_digits

from .wild import WildRecipe

RECIPES: Final = ("notebook", "notebook-1-5", "wild")
TEST_SEED: Final = 20_171_101
"""Seed of the frozen test strips of the ``notebook`` recipe; changing it makes old figures incomparable."""

CHUNK: Final = 500  # strips drawn from one generator

Strips = tuple[NDArray[np.uint8], NDArray[np.uint8]]


@dataclass(frozen=True)
class StripSource:
    """What fixes the strips that are drawn, but for how many.

    recipe: one of ``RECIPES``, ``ValueError`` for another; split: which of MNIST's digits (and, for ``wild``, which
    typefaces) are used; mnist: digits in place of the repository's; glyphs: a bank of further typefaces for ``wild``.
    """

    recipe: str
    split: Split
    seed: int
    mnist: str | Path | None = None
    glyphs: str | Path | None = None

    def __post_init__(self) -> None:
        if self.recipe not in RECIPES:
            raise ValueError(f"recipe {self.recipe!r}: expected one of {', '.join(RECIPES)}")


def test_strips(mnist: str | Path | None = None) -> Strips:
    """The frozen test set: every MNIST test digit once, by the notebook's recipe; strips [~2,490, 28, 140]."""
    return notebook_strips(load_digits("test", mnist), np.random.default_rng(TEST_SEED))


def make_strips(
    recipe: str,
    split: Split,
    count: int,
    seed: int,
    *,
    workers: int = 0,
    mnist: str | Path | None = None,
    glyphs: str | Path | None = None,
) -> Strips:
    """Draw labelled strips.

    recipe, split, seed, mnist, glyphs: as for ``StripSource``; workers: processes that draw, 0 for none.
    Returns uint8 [count, 28, 140] strips, ink bright on dark, and uint8 [count, 5] classes.
    """
    chunks = list(iter_chunks(StripSource(recipe, split, seed, mnist, glyphs), count, workers=workers))
    strips = np.concatenate([strips for strips, _ in chunks] or [np.zeros((0, STRIP_HEIGHT, STRIP_WIDTH), np.uint8)])
    labels = np.concatenate([labels for _, labels in chunks] or [np.zeros((0, SLOTS), np.uint8)])
    return strips, labels


def iter_chunks(source: StripSource, count: int, *, workers: int = 0, first: int = 0) -> Iterator[Strips]:
    """The strips of ``make_strips`` in chunks of 500, in order, from chunk ``first`` on; the last may be smaller."""
    starts = range(first * CHUNK, count, CHUNK)
    jobs = [(source, start // CHUNK, min(CHUNK, count - start)) for start in starts]
    if workers == 0:
        yield from map(_draw_chunk, jobs)
        return
    # spawn: a fork of a process that runs TensorFlow's threads can hang
    with multiprocessing.get_context("spawn").Pool(workers, _quiet_worker) as pool:
        yield from pool.imap(_draw_chunk, jobs)


def notebook_strips(digits: Digits, rng: np.random.Generator, shortest: int = 3, longest: int = 5) -> Strips:
    """The notebook's recipe, each digit used once.

    A digit is rotated by a whole angle in [-15, 15) degrees with the frame growing to hold it, resized back
    to 28×28; runs of ``shortest`` to ``longest`` digits are joined, stretched to the full range, resized to
    28×140; the label is padded with blanks on the left.
    """
    return _join_runs(digits, _runs(len(digits), rng, shortest, longest), rng)


def _runs(count: int, rng: np.random.Generator, shortest: int, longest: int) -> list[NDArray[np.intp]]:
    """Indices 0 to ``count`` - 1 in random order, cut into runs; what is left at the end is too short for one."""
    lengths = rng.integers(shortest, longest + 1, count // shortest + 1)
    stops = lengths.cumsum()
    return np.split(rng.permutation(count), stops[stops <= count])[:-1]


def _join_runs(digits: Digits, runs: list[NDArray[np.intp]], rng: np.random.Generator) -> Strips:
    strips = np.empty((len(runs), STRIP_HEIGHT, STRIP_WIDTH), np.uint8)
    labels = np.empty((len(runs), SLOTS), np.uint8)
    for row, chosen in enumerate(runs):
        strips[row] = join_rotated([rotate(digits.images[index], rng) for index in chosen])
        labels[row] = encode_label("".join(str(digits.labels[index]) for index in chosen))
    return strips, labels


def join_rotated(digits: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """28×28 digits side by side -> full range -> 28×140."""
    joined = np.hstack(digits).astype(np.float32)
    low, high = float(joined.min()), float(joined.max())
    stretched = (joined - low) * (255 / max(high - low, 1.0))
    return cv2.resize(stretched.astype(np.uint8), (STRIP_WIDTH, STRIP_HEIGHT), interpolation=cv2.INTER_LINEAR)


def rotate(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A 28×28 digit turned by -15 to 14 whole degrees, the larger picture reduced to 28×28 again."""
    turned = ndimage.rotate(image, int(rng.integers(-15, 15)), reshape=True)
    return cv2.resize(turned, (SIZE, SIZE), interpolation=cv2.INTER_AREA)


def _draw_chunk(job: tuple[StripSource, int, int]) -> Strips:
    """The first ``size`` strips of a chunk."""
    source, index, size = job
    rng = np.random.default_rng([source.seed, index, RECIPES.index(source.recipe), len(source.split)])
    if source.recipe == "wild":
        return _wild_chunk(_wild_recipe(source.split, source.mnist, source.glyphs), size, rng)
    digits = _digits(source.split, source.mnist)
    shortest = 1 if source.recipe == "notebook-1-5" else 3
    runs = _endless_runs(len(digits), source.seed, shortest, index * CHUNK + size)[index * CHUNK :]
    return _join_runs(digits, runs, rng)


def _endless_runs(count: int, seed: int, shortest: int, needed: int) -> list[NDArray[np.intp]]:
    """The first ``needed`` runs of a pass over all digits, a second pass in another order, and so on."""
    runs: list[NDArray[np.intp]] = []
    while len(runs) < needed:
        runs += _runs(count, np.random.default_rng([seed, len(runs), shortest]), shortest, SLOTS)
    return runs[:needed]


def _wild_chunk(recipe: WildRecipe, size: int, rng: np.random.Generator) -> Strips:
    strips = np.empty((size, STRIP_HEIGHT, STRIP_WIDTH), np.uint8)
    labels = np.full((size, SLOTS), BLANK, np.uint8)
    for index in range(size):
        strips[index], text = recipe.draw(rng)
        labels[index] = encode_label(text)
    return strips, labels


@cache
def _digits(split: Split, mnist: str | Path | None) -> Digits:
    return load_digits(split, mnist)


@cache
def _wild_recipe(split: Split, mnist: str | Path | None, glyphs: str | Path | None) -> WildRecipe:
    return WildRecipe(_digits(split, mnist), split, None if glyphs is None else load_glyphs(glyphs))


def _quiet_worker() -> None:
    """One thread a worker, and the lowest priority, so that drawing yields to training."""
    cv2.setNumThreads(1)
    os.nice(5)
