"""A network with two heads on pairs of digits: the step from one digit to a strip of several.

Two digits stand side by side in 56×56, each pair at a height of its own. Each digit is in one pair; test pairs are of
test digits alone. What the published test measured, pairs of training digits, is given beside it.

Heights of their own are a harder task than the published one height for all, and ten epochs over the same pairs do not
learn it. So the network is trained twice: as published, and for longer, over digits that are paired anew each epoch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import repeat
from typing import ClassVar, Final

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from study.core.data import QUICK_DIGITS, load_mnist
from study.core.pictures import draw_confusion, draw_curves, draw_mistakes, draw_sheet
from study.core.protocol import share
from study.core.result import Context, Figure, Progress, Result, figure, headline
from train.datasets.mnist import SIZE, Digits

from . import keras_fit

SIDE: Final = 56  # pixels of a picture
SHOWN: Final = 21
COLUMNS: Final = 7
HEADS: Final = ("first digit", "second digit")
_RATE: Final = 1e-3  # of learning, where it begins: Adam's default
_HEIGHTS: Final = "Each pair stands at a height of its own; the published set had one random height for all."


@dataclass(frozen=True)
class TwoHeadsSettings(keras_fit.KerasSettings):
    """Hyper-parameters; convolutions: channels and kernel size of each. The batch is our choice.

    longer_epochs: of the second training, whose learning rate falls along half a cosine.
    """

    QUICK: ClassVar = {"digits": QUICK_DIGITS // 2, "epochs": 2, "longer_epochs": 2}

    convolutions: tuple[tuple[int, int], ...] = ((56, 3), (104, 3))
    convolution_dropout: float = 0.25
    dense: int = 208
    dropout: float = 0.5
    epochs: int = 10
    batch: int = 64
    longer_epochs: int = 25


SETTINGS: Final = {"two-heads": TwoHeadsSettings()}


def run(wanted: TwoHeadsSettings, context: Context) -> Result:
    """Train twice, and measure on pairs of test digits."""
    mnist = load_mnist(wanted.digits)
    rng = np.random.default_rng(wanted.seed)
    train, validation, test = (make_pairs(part, rng) for part in (mnist.train, mnist.validation, mnist.test))
    first, longer = share(context.progress, 0, 2), share(context.progress, 1, 2)
    keras.utils.set_random_seed(wanted.seed)
    published = build(wanted)
    epochs = repeat(train, wanted.epochs)
    keras_fit.train(published, keras.optimizers.Adam(), epochs, validation, wanted, first, keep_best=True)
    keras.utils.set_random_seed(wanted.seed)
    model = build(wanted)
    course = train_longer(model, mnist.train, validation, wanted, longer)

    answers = keras_fit.classify(model, test.images)
    right = answers == test.labels_nh
    figures = (
        *_figures(right, "test"),
        *_figures(_right(model, train), "training pairs"),
        *_figures(_right(published, test), "test, as published"),
        *_figures(_right(published, train), "training pairs, as published"),
    )
    title, examples = f"{context.system}: Training pairs", train.images[:SHOWN]
    captions = _texts(train.labels_nh[:SHOWN])
    truths, read = _texts(test.labels_nh), _texts(answers)
    misread = "test pairs misread, true → read"
    pictures = (
        draw_sheet(
            context, "examples", "Training pairs", title=title, images=examples, captions=captions, columns=COLUMNS
        ),
        draw_curves(context, keras_fit.panels(course)),
        draw_confusion(context, test.labels_nh, answers, HEADS),
        draw_mistakes(context, test.images, truths, read, misread, columns=COLUMNS, most=SHOWN),
    )
    remarks = (
        _HEIGHTS,
        f"As published: {wanted.epochs} epochs over the same {len(train.images):,} pairs. The other figures and all "
        f"pictures: {wanted.longer_epochs} epochs, the digits paired anew for each, the learning rate falling to 0. "
        "Weights of the last epoch.",
    )
    return Result(headline(figures[:3]), figures, pictures, keras_fit.layers(model), remarks)


def train_longer(
    model: keras.Model, digits: Digits, validation: keras_fit.Labelled, wanted: TwoHeadsSettings, progress: Progress
) -> keras_fit.History:
    """Train in place over digits that are paired anew each epoch; the weights of the last epoch stay."""
    rng = np.random.default_rng([wanted.seed, 1])
    steps = -(-(len(digits) // 2) // wanted.batch) * wanted.longer_epochs
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(_RATE, steps))
    pairs = (make_pairs(digits, rng) for _ in range(wanted.longer_epochs))
    longer = replace(wanted, epochs=wanted.longer_epochs)
    return keras_fit.train(model, optimizer, pairs, validation, longer, progress)


def _right(model: keras.Model, pairs: keras_fit.Labelled) -> NDArray[np.bool_]:
    return keras_fit.classify(model, pairs.images) == pairs.labels_nh


def _figures(right: NDArray[np.bool_], what: str) -> tuple[Figure, ...]:
    heads = (figure(f"{head}, {what}", right[:, index]) for index, head in enumerate(HEADS))
    return (*heads, figure(f"both, {what}", right.all(axis=1)))


def make_pairs(digits: Digits, rng: np.random.Generator) -> keras_fit.Labelled:
    """Digits in random order, two by two, each pair at a random height of 56×56; grey values stay as they are."""
    chosen = rng.permutation(len(digits))[: len(digits) // 2 * 2].reshape(-1, 2)
    tops = rng.integers(0, SIDE - SIZE + 1, len(chosen))
    images = np.zeros((len(chosen), SIDE, SIDE), np.uint8)
    for image, (left, right), top in zip(images, chosen, tops, strict=True):
        image[top : top + SIZE] = np.hstack([digits.images[left], digits.images[right]])
    return keras_fit.Labelled(images, digits.labels[chosen])


def build(wanted: TwoHeadsSettings) -> keras.Model:
    """Takes uint8 [N, 56, 56, 1], gives a list of two float32 [N, 10]."""
    pair = keras.Input((SIDE, SIDE, 1), dtype="uint8", name="pair")
    x = layers.BatchNormalization()(layers.Rescaling(1 / 255)(pair))
    for channels, kernel in wanted.convolutions:
        x = layers.MaxPooling2D(2)(layers.Conv2D(channels, kernel, activation="relu")(x))
        x = layers.Dropout(wanted.convolution_dropout)(x)
    x = layers.Dense(wanted.dense, activation="relu")(layers.Flatten()(x))
    x = layers.Dropout(wanted.dropout)(x)
    return keras.Model(pair, [layers.Dense(10, activation="softmax", name=f"digit{slot}")(x) for slot in (1, 2)])


def _texts(classes_nh: NDArray[np.integer]) -> list[str]:
    return [" ".join(map(str, row)) for row in classes_nh]
