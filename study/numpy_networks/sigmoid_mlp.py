"""A multi-layer perceptron in NumPy: one hidden sigmoid layer, ten sigmoid outputs, logistic cross-entropy.

L1 and L2 penalties, momentum, a decaying learning rate, mini-batches. Cost and gradients are sums over the
mini-batch, not means, and the rate of epoch e is that of the epoch before divided by 1 + decrease · e: the
published rates mean this.
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


@dataclass(frozen=True, kw_only=True)
class Settings(LayerSettings):
    """Hyper-parameters; eta: learning rate; alpha: momentum; decrease: of the rate."""

    l1: float = 0.0
    l2: float
    eta: float
    alpha: float
    decrease: float
    minibatches: int
    epochs: int = 1_000

    def quick(self) -> Settings:
        """A toy."""
        return replace(self.on_little_data(), epochs=10)


PUBLISHED: Final[Mapping[str, Settings]] = {
    "sigmoid-digits8": Settings(
        data="digits8", digits=DIGITS8, hidden=128, l2=0.1, eta=0.01, alpha=0.01, decrease=0.001, minibatches=128
    ),
    "sigmoid-mnist": Settings(
        data="mnist", digits=TRAIN_DIGITS, hidden=196, l2=0.01, eta=0.001, alpha=0.001, decrease=1e-5, minibatches=50
    ),
}


def settings(name: str, context: Context) -> Settings:
    """As published, or a toy."""
    return context.sized(PUBLISHED[name])


def run(wanted: Settings, context: Context) -> Result:
    """Train and measure."""
    method = Method(
        fit=lambda sample, course: fit(wanted, sample, course),
        classify=classify,
        unit="epoch",
        total=wanted.epochs,
        loss="cross-entropy and penalty per digit",
        activations=("sigmoid", "sigmoid"),
    )
    return measure(method, wanted, context)


def fit(wanted: Settings, sample: Sample, course: Course) -> TwoLayers:
    """Stochastic gradient descent with momentum over mini-batches of digits in a new order each epoch."""
    rng = np.random.default_rng(wanted.seed)
    targets = np.eye(CLASSES, dtype=sample.inputs.dtype)[sample.labels]
    network = initial(sample.inputs.shape[1], wanted.hidden, rng)
    velocity = TwoLayers(*(np.zeros_like(weights) for weights in network))
    eta = wanted.eta
    for epoch in range(wanted.epochs):
        eta /= 1 + wanted.decrease * epoch
        cost = 0.0
        for batch in np.array_split(rng.permutation(len(targets)), wanted.minibatches):
            inputs = sample.inputs[batch]
            batch_cost, gradients = cost_and_gradients(network, inputs, targets[batch], wanted.l1, wanted.l2)
            cost += batch_cost
            for weights, gradient, step in zip(network, gradients, velocity, strict=True):
                step *= wanted.alpha
                step += eta * gradient
                weights -= step
        course.note(network, cost / len(targets))
    return network


def cost_and_gradients(
    network: TwoLayers, inputs: Array, targets: Array, l1: float, l2: float
) -> tuple[float, TwoLayers]:
    """Cross-entropy of ten sigmoids summed over the batch, with the penalties of the weights, and its gradients.

    inputs: [N, D]; targets: [N, 10], a one in each row. The biases are not penalised.
    """
    hidden = sigmoid(inputs @ network.hidden + network.hidden_bias)
    logits = hidden @ network.output + network.output_bias
    cost = float((np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))).sum())
    error = sigmoid(logits) - targets
    hidden_error = error @ network.output.T * hidden * (1 - hidden)
    gradients = TwoLayers(inputs.T @ hidden_error, hidden_error.sum(axis=0), hidden.T @ error, error.sum(axis=0))
    for weights, gradient in ((network.hidden, gradients.hidden), (network.output, gradients.output)):
        if l2:
            cost += l2 / 2 * float(np.vdot(weights, weights))
            gradient += l2 * weights
        if l1:
            cost += l1 * float(np.abs(weights).sum())
            gradient += l1 * np.sign(weights)
    return cost, gradients


def sigmoid(logits: Array) -> Array:
    """1 / (1 + exp(-x)) by way of tanh, which cannot overflow."""
    return (np.tanh(logits / 2) + 1) / 2


def classify(network: TwoLayers, inputs: Array) -> NDArray[np.intp]:
    """[N, D] -> classes [N]."""
    hidden = sigmoid(inputs @ network.hidden + network.hidden_bias)
    return (hidden @ network.output + network.output_bias).argmax(axis=1)


def initial(inputs: int, hidden: int, rng: np.random.Generator) -> TwoLayers:
    """Uniform in Glorot and Bengio's range (AISTATS 2010), four times as wide: a sigmoid is a quarter as steep as tanh.

    What the published network began with is not known; among a few ranges this one read validation digits best.
    """

    def uniform(rows: int, columns: int) -> Array:
        limit = 4 * np.sqrt(6 / (rows + columns))
        return rng.uniform(-limit, limit, (rows, columns)).astype(np.float32)

    return TwoLayers(
        uniform(inputs, hidden), np.zeros(hidden, np.float32), uniform(hidden, CLASSES), np.zeros(CLASSES, np.float32)
    )
