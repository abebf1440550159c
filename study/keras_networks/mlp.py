"""A Keras multi-layer perceptron: two dense ReLU layers with dropout, by stochastic gradient descent with momentum."""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

from study.core.result import Context, Result

from .fit import KerasSettings
from .single import measure


@dataclass(frozen=True)
class Settings(KerasSettings):
    """Hyper-parameters; dense: units of each hidden layer; rate: of learning."""

    dense: tuple[int, ...] = (196, 784)
    dropout: float = 0.1
    rate: float = 0.01
    momentum: float = 0.9
    nesterov: bool = True
    batch: int = 64


def settings(_name: str, context: Context) -> Settings:
    """As published, or a toy."""
    return context.sized(Settings())


def run(wanted: Settings, context: Context) -> Result:
    """Train and measure."""

    def build_both() -> tuple[keras.Model, keras.optimizers.Optimizer]:
        optimizer = keras.optimizers.SGD(wanted.rate, momentum=wanted.momentum, nesterov=wanted.nesterov)
        return build(wanted), optimizer

    return measure(build_both, wanted, context)


def build(wanted: Settings) -> keras.Model:
    """Takes uint8 [N, 28, 28, 1], gives float32 [N, 10]."""
    digit = keras.Input((28, 28, 1), dtype="uint8", name="digit")
    x = layers.Flatten()(layers.Rescaling(1 / 255)(digit))
    for units in wanted.dense:
        x = layers.Dropout(wanted.dropout)(layers.Dense(units, activation="relu")(x))
    return keras.Model(digit, layers.Dense(10, activation="softmax")(x))
