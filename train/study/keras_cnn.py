"""A Keras convolutional network: two convolutions with pooling, three dense layers, by Adam."""

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
    """Hyper-parameters; digits: how many train; convolutions: channels and kernel size of each."""

    digits: int = TRAIN_DIGITS
    convolutions: tuple[tuple[int, int], ...] = ((56, 7), (28, 3))
    dropout: float = 0.1
    dense: tuple[int, ...] = (128, 64)
    epochs: int = 20
    batch: int = 128
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
    return measure(build(wanted), keras.optimizers.Adam(), wanted, context)


def build(wanted: Settings) -> keras.Model:
    """Takes uint8 [N, 28, 28, 1], gives float32 [N, 10]."""
    digit = keras.Input((28, 28, 1), dtype="uint8", name="digit")
    x = layers.Rescaling(1 / 255)(digit)
    for channels, kernel in wanted.convolutions:
        x = layers.MaxPooling2D(2)(layers.Conv2D(channels, kernel, activation="relu")(x))
    x = layers.Flatten()(layers.Dropout(wanted.dropout)(x))
    for units in wanted.dense:
        x = layers.Dense(units, activation="relu")(x)
    return keras.Model(digit, layers.Dense(10, activation="softmax")(x))
