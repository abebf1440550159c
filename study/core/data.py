"""The study's single digits. The split of MNIST is the project's: no test digit serves for training or a choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from train.datasets.mnist import Digits, Split, load_digits

QUICK_DIGITS: Final = 2_000  # training digits of a toy run
DIGITS8: Final = 1_797
QUICK_DIGITS8: Final = 400


@dataclass(frozen=True)
class Mnist:
    """The house's three parts of MNIST."""

    train: Digits
    validation: Digits
    test: Digits


@dataclass(frozen=True)
class Digits8:
    """images: float32 [N, 8, 8], 0 to 16, ink bright on dark; labels: uint8 [N], 0 to 9."""

    images: NDArray[np.float32]
    labels: NDArray[np.uint8]


def load_mnist(train_digits: int) -> Mnist:
    """The first ``train_digits`` training digits, and at most half as many of the others."""
    held_out = max(train_digits // 2, 1)
    counts: dict[Split, int] = {"train": train_digits, "validation": held_out, "test": held_out}
    return Mnist(**{split: first(load_digits(split), count) for split, count in counts.items()})


def load_digits8(count: int = DIGITS8) -> Digits8:
    """The first digits of scikit-learn's ``load_digits``."""
    from sklearn import datasets

    bunch = datasets.load_digits()
    return Digits8(bunch.images[:count].astype(np.float32), bunch.target[:count].astype(np.uint8))


def first(digits: Digits, count: int) -> Digits:
    """At most ``count`` of them."""
    return Digits(digits.images[:count], digits.labels[:count])


def folds(count: int, parts: int) -> list[NDArray[np.intp]]:
    """Indices of each held-out part, as they follow in the file.

    The 8×8 digits of one writer follow one another, so parts in order keep most writers of a held-out part out of
    training; a shuffled split would test on the hands that were learned.
    """
    return np.array_split(np.arange(count), parts)


def raw(images: NDArray[Any]) -> NDArray[np.float32]:
    """Pictures [N, h, w] as rows float32 [N, h * w], grey values as they are."""
    return images.reshape(len(images), -1).astype(np.float32)


def scaled(images: NDArray[Any]) -> NDArray[np.float32]:
    """The same of uint8 pictures, from 0 to 1."""
    return raw(images) / np.float32(255)
