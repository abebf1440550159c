"""Two Keras classifiers of single digits: a multi-layer perceptron and a convolutional network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import repeat
from typing import Final

import keras
import numpy as np
from keras import layers

from study.core.data import load_mnist
from study.core.protocol import Fitted, on_mnist, share
from study.core.result import Context, Result
from train.datasets.mnist import Digits

from .keras_fit import KerasSettings, Labelled, classify, panels, train
from .keras_fit import layers as summary_of


@dataclass(frozen=True)
class MlpSettings(KerasSettings):
    """Dense ReLU layers with dropout, by stochastic gradient descent with momentum.

    dense: units of each hidden layer; rate: of learning.
    """

    dense: tuple[int, ...] = (196, 784)
    dropout: float = 0.1
    rate: float = 0.01
    momentum: float = 0.9
    nesterov: bool = True
    batch: int = 64

    def build(self) -> tuple[keras.Model, keras.optimizers.Optimizer]:
        """Takes uint8 [N, 28, 28, 1], gives float32 [N, 10]."""
        digit = keras.Input((28, 28, 1), dtype="uint8", name="digit")
        x = layers.Flatten()(layers.Rescaling(1 / 255)(digit))
        for units in self.dense:
            x = layers.Dropout(self.dropout)(layers.Dense(units, activation="relu")(x))
        model = keras.Model(digit, layers.Dense(10, activation="softmax")(x))
        return model, keras.optimizers.SGD(self.rate, momentum=self.momentum, nesterov=self.nesterov)


@dataclass(frozen=True)
class CnnSettings(KerasSettings):
    """Convolutions with pooling, then dense layers, by Adam.

    convolutions: channels and kernel size of each; dense: units of each hidden layer.
    """

    convolutions: tuple[tuple[int, int], ...] = ((56, 7), (28, 3))
    dropout: float = 0.1
    dense: tuple[int, ...] = (128, 64)

    def build(self) -> tuple[keras.Model, keras.optimizers.Optimizer]:
        """Takes uint8 [N, 28, 28, 1], gives float32 [N, 10]."""
        digit = keras.Input((28, 28, 1), dtype="uint8", name="digit")
        x = layers.Rescaling(1 / 255)(digit)
        for channels, kernel in self.convolutions:
            x = layers.MaxPooling2D(2)(layers.Conv2D(channels, kernel, activation="relu")(x))
        x = layers.Flatten()(layers.Dropout(self.dropout)(x))
        for units in self.dense:
            x = layers.Dense(units, activation="relu")(x)
        return keras.Model(digit, layers.Dense(10, activation="softmax")(x)), keras.optimizers.Adam()


SETTINGS: Final = {"keras-mlp": MlpSettings(), "keras-cnn": CnnSettings()}


def run(wanted: MlpSettings | CnnSettings, context: Context) -> Result:
    """Train twice and measure.

    The first training has validation digits, for the curves. The second, as published, has all training digits and
    ends with the last epoch, so that nothing is chosen.
    """
    mnist = load_mnist(wanted.digits)
    whole = replace(mnist, train=_joined(mnist.train, mnist.validation))
    keras.utils.set_random_seed(wanted.seed)
    epochs = repeat(_labelled(mnist.train), wanted.epochs)
    course = train(*wanted.build(), epochs, _labelled(mnist.validation), wanted, share(context.progress, 0, 2))
    keras.utils.set_random_seed(wanted.seed)
    model, optimizer = wanted.build()
    train(model, optimizer, repeat(_labelled(whole.train), wanted.epochs), None, wanted, share(context.progress, 1, 2))
    remark = (
        f"Figures: trained on all {len(whole.train):,} training digits for {wanted.epochs} epochs, as published. "
        f"Curves: of another training, on {len(mnist.train):,} of them."
    )
    fitted = Fitted(lambda images: classify(model, images)[:, 0], summary_of(model), panels(course), (remark,))
    return on_mnist(fitted, whole, context)


def _joined(one: Digits, other: Digits) -> Digits:
    return Digits(np.concatenate([one.images, other.images]), np.concatenate([one.labels, other.labels]))


def _labelled(digits: Digits) -> Labelled:
    return Labelled(digits.images, digits.labels[:, None])
