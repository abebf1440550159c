"""A ReLU network in NumPy: one hidden layer, softmax loss, plain gradient descent over all digits at once.

Loss is the mean cross-entropy and half of ``reg`` times the squared weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from study.core.data import DIGITS8
from study.core.result import Context, Result
from train.datasets.mnist import TRAIN_DIGITS

from .two_layers import CLASSES, Array, Course, LayerSettings, Method, Sample, TwoLayers, measure

_FIRST_SCALE: Final = 0.01  # standard deviation of the first weights


@dataclass(frozen=True, kw_only=True)
class Settings(LayerSettings):
    """Hyper-parameters; step: learning rate; steps: how many are taken."""

    step: float
    reg: float
    steps: int

    def quick(self) -> Settings:
        """A toy."""
        return replace(self.on_little_data(), steps=100)


PUBLISHED: Final[Mapping[str, Settings]] = {
    "relu-digits8": Settings(data="digits8", digits=DIGITS8, hidden=512, step=1e-2, reg=1e-4, steps=2_000),
    "relu-mnist": Settings(data="mnist", digits=TRAIN_DIGITS, hidden=196, step=1e-1, reg=1e-3, steps=3_000),
}


def settings(name: str, context: Context) -> Settings:
    """As published, or a toy."""
    return context.sized(PUBLISHED[name])


def run(wanted: Settings, context: Context) -> Result:
    """Train and measure."""
    method = Method(
        fit=lambda sample, course: fit(wanted, sample, course),
        classify=classify,
        unit="step",
        total=wanted.steps,
        loss="cross-entropy and penalty",
        activations=("ReLU", "softmax"),
    )
    return measure(method, wanted, context)


def fit(wanted: Settings, sample: Sample, course: Course) -> TwoLayers:
    """Gradient descent, each step over the whole sample."""
    network = initial(sample.inputs.shape[1], wanted.hidden, np.random.default_rng(wanted.seed))
    for _ in range(wanted.steps):
        loss, gradients = loss_and_gradients(network, sample.inputs, sample.labels, wanted.reg)
        for weights, gradient in zip(network, gradients, strict=True):
            weights -= wanted.step * gradient
        course.note(network, loss)
    return network


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


def initial(inputs: int, hidden: int, rng: np.random.Generator) -> TwoLayers:
    """Small normal weights, no biases."""

    def normal(rows: int, columns: int) -> Array:
        return (_FIRST_SCALE * rng.standard_normal((rows, columns))).astype(np.float32)

    return TwoLayers(
        normal(inputs, hidden), np.zeros(hidden, np.float32), normal(hidden, CLASSES), np.zeros(CLASSES, np.float32)
    )
