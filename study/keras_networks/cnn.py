"""A Keras convolutional network: two convolutions with pooling, three dense layers, by Adam."""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

from study.core.result import Context, Result

from .fit import KerasSettings
from .single import measure


@dataclass(frozen=True)
class Settings(KerasSettings):
    """Hyper-parameters; convolutions: channels and kernel size of each; dense: units of each hidden layer."""

    convolutions: tuple[tuple[int, int], ...] = ((56, 7), (28, 3))
    dropout: float = 0.1
    dense: tuple[int, ...] = (128, 64)


def settings(_name: str, context: Context) -> Settings:
    """As published, or a toy."""
    return context.sized(Settings())


def run(wanted: Settings, context: Context) -> Result:
    """Train and measure."""
    return measure(lambda: (build(wanted), keras.optimizers.Adam()), wanted, context)


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
