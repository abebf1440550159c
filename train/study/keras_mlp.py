"""A Keras multi-layer perceptron: two dense ReLU layers with dropout, by stochastic gradient descent with momentum."""

from __future__ import annotations

from dataclasses import dataclass, replace

import keras
from keras import layers

from ..digits import TRAIN_DIGITS
from .data import QUICK_DIGITS
from .keras_single import measure
from .result import Context, Result


@dataclass(frozen=True)
class Settings:
    """Hyper-parameters; digits: how many train."""

    digits: int = TRAIN_DIGITS
    dense: tuple[int, ...] = (196, 784)
    dropout: float = 0.1
    rate: float = 0.01
    momentum: float = 0.9
    nesterov: bool = True
    epochs: int = 20
    batch: int = 64
    seed: int = 1

    def quick(self) -> Settings:
        """A toy."""
        return replace(self, digits=QUICK_DIGITS, epochs=2)


def settings(_name: str, context: Context) -> Settings:
    """As published, or a toy."""
    return Settings().quick() if context.quick else Settings()


def run(wanted: Settings, context: Context) -> Result:
    """Train and measure."""
    keras.utils.set_random_seed(wanted.seed)
    optimizer = keras.optimizers.SGD(wanted.rate, momentum=wanted.momentum, nesterov=wanted.nesterov)
    return measure(build(wanted), optimizer, wanted, context)


def build(wanted: Settings) -> keras.Model:
    """Takes uint8 [N, 28, 28, 1], gives float32 [N, 10]."""
    digit = keras.Input((28, 28, 1), dtype="uint8", name="digit")
    x = layers.Flatten()(layers.Rescaling(1 / 255)(digit))
    for units in wanted.dense:
        x = layers.Dropout(wanted.dropout)(layers.Dense(units, activation="relu")(x))
    return keras.Model(digit, layers.Dense(10, activation="softmax")(x))
