"""The recipes: seeded, split, and labelled as the contract says."""

import numpy as np
import pytest

from edge_runtime.recognition.contract import BLANK
from train.datasets.mnist import Digits, load_digits
from train.synthesis import strips as recipes
from train.synthesis.strips import StripSource, iter_chunks, join_rotated, make_strips, notebook_strips


@pytest.mark.slow
def test_frozen_test_strips_use_every_test_digit_at_most_once():
    strips, labels = recipes.test_strips()
    digits = labels[labels != BLANK]
    expected = np.bincount(load_digits("test").labels, minlength=10)
    counts = np.bincount(digits, minlength=10)
    assert strips.shape == (len(labels), 28, 140) and strips.dtype == np.uint8
    assert 2_400 < len(labels) < 2_600
    assert (counts <= expected).all() and counts.sum() > 9_990


@pytest.mark.parametrize("recipe", ["notebook", "notebook-1-5", "wild"])
def test_same_seed_same_strips_and_another_seed_others(recipe):
    first, labels = make_strips(recipe, "validation", 40, seed=3)
    again, labels_again = make_strips(recipe, "validation", 40, seed=3)
    other, _ = make_strips(recipe, "validation", 40, seed=4)
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(labels, labels_again)
    assert (first != other).any()


def test_a_longer_draw_begins_with_the_shorter():
    for recipe, count in (("notebook", 510), ("wild", 30)):
        short, _ = make_strips(recipe, "validation", 20, seed=5)
        long, _ = make_strips(recipe, "validation", count, seed=5)
        np.testing.assert_array_equal(long[:20], short)


@pytest.mark.slow
def test_workers_do_not_change_the_strips():
    alone, labels = make_strips("wild", "validation", 520, seed=6)
    helped, labels_helped = make_strips("wild", "validation", 520, seed=6, workers=2)
    np.testing.assert_array_equal(alone, helped)
    np.testing.assert_array_equal(labels, labels_helped)


@pytest.mark.parametrize(("recipe", "lengths"), [("notebook", {3, 4, 5}), ("notebook-1-5", {1, 2, 3, 4, 5})])
def test_lengths_and_left_padding(recipe, lengths):
    _, labels = make_strips(recipe, "validation", 100, seed=1)
    blank = labels == BLANK
    assert set((~blank).sum(axis=1)) == lengths
    assert (np.sort(blank, axis=1)[:, ::-1] == blank).all(), "blanks stand on the left"


def test_wild_draws_every_length_and_no_number():
    strips, labels = make_strips("wild", "validation", 300, seed=1)
    lengths = (labels != BLANK).sum(axis=1)
    assert set(lengths) == {0, 1, 2, 3, 4, 5}
    assert 0.04 < (lengths == 0).mean() < 0.2
    written = strips[lengths > 0]
    assert (written.max(axis=(1, 2)) > 150).mean() > 0.97, "ink is bright"
    assert np.median(written) < 20, "ground is dark"


def test_a_strip_shows_its_digits_in_order():
    digits = load_digits("validation")
    few = Digits(digits.images[:4], digits.labels[:4])
    strips, labels = notebook_strips(few, np.random.default_rng(0), shortest=2, longest=2)
    assert len(strips) == 2
    assert sorted(labels[labels != BLANK]) == sorted(few.labels)


def test_joining_stretches_to_the_full_range_and_width():
    half = np.zeros((28, 28), np.uint8)
    half[8:20, 10:18] = 100
    strip = join_rotated([half, half, half])
    assert strip.shape == (28, 140) and strip.max() == 255 and strip.min() == 0


def test_chunks_can_be_taken_from_the_middle():
    source = StripSource("notebook", "validation", seed=2)
    chunks = [strips for strips, _ in iter_chunks(source, 600)]
    later = [strips for strips, _ in iter_chunks(source, 600, first=1)]
    assert [len(chunk) for chunk in chunks] == [500, 100] and len(later) == 1
    np.testing.assert_array_equal(later[0], chunks[1])


def test_a_bank_of_the_users_changes_the_strips(tmp_path):
    from tests.train.datasets.test_glyph_build import drawn
    from train.datasets.glyph_bank import save_glyphs
    from train.datasets.glyph_build import pack

    save_glyphs(pack([drawn("own", 3)]), tmp_path / "own.npz")
    plain, _ = make_strips("wild", "validation", 60, seed=3)
    own, labels = make_strips("wild", "validation", 60, seed=3, glyphs=tmp_path / "own.npz")
    assert own.shape == plain.shape and (own != plain).any() and (labels <= BLANK).all()


def test_unknown_recipe_lists_the_known():
    with pytest.raises(ValueError, match="expected one of notebook, notebook-1-5, wild"):
        make_strips("nonsense", "train", 1, 0)
