"""A ReLU network in NumPy: one hidden layer, softmax loss, plain gradient descent over all digits at once.

Loss is the mean cross-entropy and half of ``reg`` times the squared weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from study.core.data import DIGITS8
from study.core.result import Context, Result
from train.datasets.mnist import TRAIN_DIGITS

from .two_layers import CLASSES, Array, Method, Sample, TwoLayers, TwoLayerSettings, measure

_FIRST_SCALE: Final = 0.01  # standard deviation of the first weights


@dataclass(frozen=True, kw_only=True)
class ReluSettings(TwoLayerSettings):
    """Hyper-parameters; step: learning rate; steps: how many are taken."""

    step: float
    reg: float
    steps: int

    def quick(self) -> Self:
        """A toy."""
        return replace(super().quick(), steps=100)


SETTINGS: Final = {
    "relu-digits8": ReluSettings(data="digits8", digits=DIGITS8, hidden=512, step=1e-2, reg=1e-4, steps=2_000),
    "relu-mnist": ReluSettings(data="mnist", digits=TRAIN_DIGITS, hidden=196, step=1e-1, reg=1e-3, steps=3_000),
}


def run(wanted: ReluSettings, context: Context) -> Result:
    """Train and measure."""
    return measure(method_of(wanted), wanted, context)


def method_of(wanted: ReluSettings) -> Method:
    """The network with these hyper-parameters."""
    return Method(
        initial=partial(initial, hidden=wanted.hidden),
        descend=partial(descend, wanted=wanted),
        classify=classify,
        total=wanted.steps,
        unit="step",
        loss="cross-entropy and penalty",
        activations=("ReLU", "softmax"),
    )


def initial(inputs: int, rng: np.random.Generator, hidden: int) -> TwoLayers:
    """Small normal weights, no biases."""

    def normal(rows: int, columns: int) -> Array:
        return (_FIRST_SCALE * rng.standard_normal((rows, columns))).astype(np.float32)

    return TwoLayers(
        normal(inputs, hidden), np.zeros(hidden, np.float32), normal(hidden, CLASSES), np.zeros(CLASSES, np.float32)
    )


def descend(network: TwoLayers, sample: Sample, _rng: np.random.Generator, wanted: ReluSettings) -> Iterator[float]:
    """Gradient descent, each step over the whole sample."""
    for _ in range(wanted.steps):
        loss, gradients = loss_and_gradients(network, sample.inputs, sample.labels, wanted.reg)
        for weights, gradient in zip(network, gradients, strict=True):
            weights -= wanted.step * gradient
        yield loss


def loss_and_gradients(
    network: TwoLayers, inputs: Array, labels: NDArray[np.integer], reg: float
) -> tuple[float, TwoLayers]:
    """Mean softmax cross-entropy with the penalty of the weights, and its gradients. inputs: [N, D]; labels: [N]."""
    rows = np.arange(len(inputs))
    hidden = np.maximum(inputs @ network.hidden + network.hidden_bias, 0)
    logits = hidden @ network.output + network.output_bias
    logits -= logits.max(axis=1, keepdims=True)
    error = np.exp(logits)
    totals = error.sum(axis=1, keepdims=True)
    loss = float((np.log(totals[:, 0]) - logits[rows, labels]).mean())
    loss += reg / 2 * float(np.vdot(network.hidden, network.hidden) + np.vdot(network.output, network.output))
    error /= totals
    error[rows, labels] -= 1
    error /= len(inputs)
    hidden_error = error @ network.output.T
    hidden_error *= hidden > 0
    return loss, TwoLayers(
        inputs.T @ hidden_error + reg * network.hidden,
        hidden_error.sum(axis=0),
        hidden.T @ error + reg * network.output,
        error.sum(axis=0),
    )


def classify(network: TwoLayers, inputs: Array) -> NDArray[np.intp]:
    """[N, D] -> classes [N]."""
    hidden = np.maximum(inputs @ network.hidden + network.hidden_bias, 0)
    return (hidden @ network.output + network.output_bias).argmax(axis=1)
