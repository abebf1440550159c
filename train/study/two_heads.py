"""A network with two heads on pairs of digits: the step from one digit to a strip of several.

Two digits stand side by side in 56×56, each pair at a height of its own. Each digit is in one pair; test pairs are of
test digits alone. What the published test measured, pairs of training digits, is given beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

import keras
import numpy as np
from keras import layers

from ..digits import SIZE, Digits
from . import keras_fit, plots
from .data import load_mnist
from .protocol import draw_confusion, draw_curves
from .result import Context, Picture, Result, figure, headline

SIDE: Final = 56  # pixels of a picture
SHOWN: Final = 21
HEADS: Final = ("first digit", "second digit")
_HEIGHTS: Final = "Each pair stands at a height of its own; the published set had one random height for all."


@dataclass(frozen=True)
class Settings(keras_fit.KerasSettings):
    """Hyper-parameters; convolutions: channels and kernel size of each. The batch is our choice."""

    convolutions: tuple[tuple[int, int], ...] = ((56, 3), (104, 3))
    convolution_dropout: float = 0.25
    dense: int = 208
    dropout: float = 0.5
    epochs: int = 10
    batch: int = 64


def settings(_name: str, context: Context) -> Settings:
    """As published, or a toy."""
    return context.sized(Settings())


def run(wanted: Settings, context: Context) -> Result:
    """Train, and measure on pairs of test digits."""
    mnist = load_mnist(wanted.digits)
    rng = np.random.default_rng(wanted.seed)
    train, validation, test = (make_pairs(part, rng) for part in (mnist.train, mnist.validation, mnist.test))
    keras.utils.set_random_seed(wanted.seed)
    model = build(wanted)
    course = keras_fit.train(model, keras.optimizers.Adam(), train, validation, wanted, context.progress)
    answers = keras_fit.classify(model, test.images)
    right = answers == test.labels_nh
    right_train = keras_fit.classify(model, train.images) == train.labels_nh
    figures = (
        *(figure(f"{head}, test", right[:, index]) for index, head in enumerate(HEADS)),
        figure("both, test", right.all(axis=1)),
        *(figure(f"{head}, training pairs", right_train[:, index]) for index, head in enumerate(HEADS)),
    )
    wrong = np.flatnonzero(~right.all(axis=1))
    misread = f"{len(wrong)} of {len(right):,} test pairs misread, true → read"
    pictures = (
        _sheet(context, "examples", "Training pairs", train, None, np.arange(SHOWN)),
        draw_curves(context, course.panels),
        draw_confusion(context, test.labels_nh, answers, HEADS),
        _sheet(context, "mistakes", misread, test, answers, wrong[:SHOWN]),
    )
    return Result(headline(figures[:3]), figures, pictures, keras_fit.layers(model), (course.remark, _HEIGHTS))


def make_pairs(digits: Digits, rng: np.random.Generator) -> keras_fit.Labelled:
    """Digits in random order, two by two, each pair at a random height of 56×56; grey values stay as they are."""
    chosen = rng.permutation(len(digits))[: len(digits) // 2 * 2].reshape(-1, 2)
    tops = rng.integers(0, SIDE - SIZE + 1, len(chosen))
    images = np.zeros((len(chosen), SIDE, SIDE), np.uint8)
    for image, (left, right), top in zip(images, chosen, tops, strict=True):
        image[top : top + SIZE] = np.hstack([digits.images[left], digits.images[right]])
    return keras_fit.Labelled(images, digits.labels[chosen])


def build(wanted: Settings) -> keras.Model:
    """Takes uint8 [N, 56, 56, 1], gives a list of two float32 [N, 10]."""
    pair = keras.Input((SIDE, SIDE, 1), dtype="uint8", name="pair")
    x = layers.BatchNormalization()(layers.Rescaling(1 / 255)(pair))
    for channels, kernel in wanted.convolutions:
        x = layers.MaxPooling2D(2)(layers.Conv2D(channels, kernel, activation="relu")(x))
        x = layers.Dropout(wanted.convolution_dropout)(x)
    x = layers.Dense(wanted.dense, activation="relu")(layers.Flatten()(x))
    x = layers.Dropout(wanted.dropout)(x)
    return keras.Model(pair, [layers.Dense(10, activation="softmax", name=f"digit{slot}")(x) for slot in (1, 2)])


def _sheet(
    context: Context,
    kind: str,
    title: str,
    pairs: keras_fit.Labelled,
    answers: np.ndarray | None,
    rows: np.ndarray,
) -> Picture:
    """Pairs with their labels, and with what was read where answers are given."""
    rows = rows if len(rows) else np.arange(1)
    captions = [" ".join(map(str, pairs.labels_nh[row])) for row in rows]
    if answers is not None:
        captions = [f"{text} → {' '.join(map(str, answers[row]))}" for text, row in zip(captions, rows, strict=True)]
    draw = partial(
        plots.sheet, title=f"{context.system}: {title}", images=pairs.images[rows], captions=captions, columns=7
    )
    return context.picture(kind, title, draw)
