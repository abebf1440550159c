"""A multi-layer perceptron in NumPy: one hidden sigmoid layer, ten sigmoid outputs, logistic cross-entropy.

An L2 penalty, momentum, a decaying learning rate, mini-batches. Cost and gradients are sums over the mini-batch, not
means, and the rate of epoch e is that of the epoch before divided by 1 + decrease · e: the published rates mean this.
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


@dataclass(frozen=True, kw_only=True)
class SigmoidSettings(TwoLayerSettings):
    """Hyper-parameters; eta: learning rate; alpha: momentum; decrease: of the rate."""

    l2: float
    eta: float
    alpha: float
    decrease: float
    minibatches: int
    epochs: int = 1_000

    def quick(self) -> Self:
        """A toy."""
        return replace(super().quick(), epochs=10)


SETTINGS: Final = {
    "sigmoid-digits8": SigmoidSettings(
        data="digits8", digits=DIGITS8, hidden=128, l2=0.1, eta=0.01, alpha=0.01, decrease=0.001, minibatches=128
    ),
    "sigmoid-mnist": SigmoidSettings(
        data="mnist", digits=TRAIN_DIGITS, hidden=196, l2=0.01, eta=0.001, alpha=0.001, decrease=1e-5, minibatches=50
    ),
}


def run(wanted: SigmoidSettings, context: Context) -> Result:
    """Train and measure."""
    return measure(method_of(wanted), wanted, context)


def method_of(wanted: SigmoidSettings) -> Method:
    """The network with these hyper-parameters."""
    return Method(
        initial=partial(initial, hidden=wanted.hidden),
        descend=partial(descend, wanted=wanted),
        classify=classify,
        total=wanted.epochs,
        unit="epoch",
        loss="cross-entropy and penalty per digit",
        activations=("sigmoid", "sigmoid"),
    )


def initial(inputs: int, rng: np.random.Generator, hidden: int) -> TwoLayers:
    """Uniform in Glorot and Bengio's range (AISTATS 2010), four times as wide: a sigmoid is a quarter as steep as tanh.

    What the published network began with is not known; among a few ranges this one read validation digits best.
    """

    def uniform(rows: int, columns: int) -> Array:
        limit = 4 * np.sqrt(6 / (rows + columns))
        return rng.uniform(-limit, limit, (rows, columns)).astype(np.float32)

    return TwoLayers(
        uniform(inputs, hidden), np.zeros(hidden, np.float32), uniform(hidden, CLASSES), np.zeros(CLASSES, np.float32)
    )


def descend(network: TwoLayers, sample: Sample, rng: np.random.Generator, wanted: SigmoidSettings) -> Iterator[float]:
    """Stochastic gradient descent with momentum over mini-batches of digits in a new order each epoch."""
    targets = np.eye(CLASSES, dtype=sample.inputs.dtype)[sample.labels]
    velocity = TwoLayers(*(np.zeros_like(weights) for weights in network))
    eta = wanted.eta
    for epoch in range(wanted.epochs):
        eta /= 1 + wanted.decrease * epoch
        cost = 0.0
        for batch in np.array_split(rng.permutation(len(targets)), wanted.minibatches):
            inputs = sample.inputs[batch]
            batch_cost, gradients = cost_and_gradients(network, inputs, targets[batch], wanted.l2)
            cost += batch_cost
            for weights, gradient, step in zip(network, gradients, velocity, strict=True):
                step *= wanted.alpha
                step += eta * gradient
                weights -= step
        yield cost / len(targets)


def cost_and_gradients(network: TwoLayers, inputs: Array, targets: Array, l2: float) -> tuple[float, TwoLayers]:
    """Cross-entropy of ten sigmoids summed over the batch, with the penalty of the weights, and its gradients.

    inputs: [N, D]; targets: [N, 10], a one in each row. The biases are not penalised.
    """
    hidden = sigmoid(inputs @ network.hidden + network.hidden_bias)
    logits = hidden @ network.output + network.output_bias
    cost = float((np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))).sum())
    cost += l2 / 2 * float(np.vdot(network.hidden, network.hidden) + np.vdot(network.output, network.output))
    error = sigmoid(logits) - targets
    hidden_error = error @ network.output.T * hidden * (1 - hidden)
    return cost, TwoLayers(
        inputs.T @ hidden_error + l2 * network.hidden,
        hidden_error.sum(axis=0),
        hidden.T @ error + l2 * network.output,
        error.sum(axis=0),
    )


def sigmoid(logits: Array) -> Array:
    """1 / (1 + exp(-x)) by way of tanh, which cannot overflow."""
    return (np.tanh(logits / 2) + 1) / 2


def classify(network: TwoLayers, inputs: Array) -> NDArray[np.intp]:
    """[N, D] -> classes [N]."""
    hidden = sigmoid(inputs @ network.hidden + network.hidden_bias)
    return (hidden @ network.output + network.output_bias).argmax(axis=1)
