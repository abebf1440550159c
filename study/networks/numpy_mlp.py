"""Two networks in NumPy with one hidden layer.

Sigmoid: ten sigmoid outputs, logistic cross-entropy with an L2 penalty, momentum, a decaying learning rate,
mini-batches. Cost and gradients are sums over the mini-batch, not means, and the rate of epoch e is that of the epoch
before divided by 1 + decrease · e: the published rates mean this.

ReLU: softmax loss, plain gradient descent over all digits at once. Loss is the mean cross-entropy and half of ``reg``
times the squared weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from study.core.data import DIGITS8
from train.datasets.mnist import TRAIN_DIGITS

from .two_layers import CLASSES, Array, Sample, TwoLayers, TwoLayerSettings, run

__all__ = ["SETTINGS", "run"]

_FIRST_SCALE: Final = 0.01  # standard deviation of the ReLU network's first weights


@dataclass(frozen=True, kw_only=True)
class SigmoidSettings(TwoLayerSettings):
    """Hyper-parameters; eta: learning rate; alpha: momentum; decrease: of the rate."""

    QUICK: ClassVar = {"epochs": 10}
    UNIT = "epoch"
    LOSS = "cross-entropy and penalty per digit"
    ACTIVATIONS = ("sigmoid", "sigmoid")

    l2: float
    eta: float
    alpha: float
    decrease: float
    minibatches: int
    epochs: int = 1_000

    @property
    def total(self) -> int:
        """Epochs."""
        return self.epochs

    def first_weights(self, rows: int, columns: int, rng: np.random.Generator) -> Array:
        """Uniform in Glorot and Bengio's range (AISTATS 2010), four times as wide: a sigmoid is less steep than tanh.

        What the published network began with is not known; among a few ranges this one read validation digits best.
        """
        limit = 4 * np.sqrt(6 / (rows + columns))
        return rng.uniform(-limit, limit, (rows, columns)).astype(np.float32)

    def descend(self, network: TwoLayers, sample: Sample, rng: np.random.Generator) -> Iterator[float]:
        """Stochastic gradient descent with momentum over mini-batches of digits in a new order each epoch."""
        targets = np.eye(CLASSES, dtype=sample.inputs.dtype)[sample.labels]
        velocity = TwoLayers(*(np.zeros_like(weights) for weights in network))
        eta = self.eta
        for epoch in range(self.epochs):
            eta /= 1 + self.decrease * epoch
            cost = 0.0
            for batch in np.array_split(rng.permutation(len(targets)), self.minibatches):
                inputs = sample.inputs[batch]
                batch_cost, gradients = sigmoid_cost_and_gradients(network, inputs, targets[batch], self.l2)
                cost += batch_cost
                for weights, gradient, step in zip(network, gradients, velocity, strict=True):
                    step *= self.alpha
                    step += eta * gradient
                    weights -= step
            yield cost / len(targets)

    def activate(self, sums: Array) -> Array:
        """1 / (1 + exp(-x))."""
        return sigmoid(sums)


@dataclass(frozen=True, kw_only=True)
class ReluSettings(TwoLayerSettings):
    """Hyper-parameters; step: learning rate; steps: how many are taken."""

    QUICK: ClassVar = {"steps": 100}
    UNIT = "step"
    LOSS = "cross-entropy and penalty"
    ACTIVATIONS = ("ReLU", "softmax")

    step: float
    reg: float
    steps: int

    @property
    def total(self) -> int:
        """Steps."""
        return self.steps

    def first_weights(self, rows: int, columns: int, rng: np.random.Generator) -> Array:
        """Small and normal."""
        return (_FIRST_SCALE * rng.standard_normal((rows, columns))).astype(np.float32)

    def descend(self, network: TwoLayers, sample: Sample, rng: np.random.Generator) -> Iterator[float]:
        """Gradient descent, each step over the whole sample."""
        for _ in range(self.steps):
            loss, gradients = relu_loss_and_gradients(network, sample.inputs, sample.labels, self.reg)
            for weights, gradient in zip(network, gradients, strict=True):
                weights -= self.step * gradient
            yield loss

    def activate(self, sums: Array) -> Array:
        """max(x, 0)."""
        return np.maximum(sums, 0)


SETTINGS: Final = {
    "sigmoid-digits8": SigmoidSettings(
        data="digits8", digits=DIGITS8, hidden=128, l2=0.1, eta=0.01, alpha=0.01, decrease=0.001, minibatches=128
    ),
    "sigmoid-mnist": SigmoidSettings(
        data="mnist", digits=TRAIN_DIGITS, hidden=196, l2=0.01, eta=0.001, alpha=0.001, decrease=1e-5, minibatches=50
    ),
    "relu-digits8": ReluSettings(data="digits8", digits=DIGITS8, hidden=512, step=1e-2, reg=1e-4, steps=2_000),
    "relu-mnist": ReluSettings(data="mnist", digits=TRAIN_DIGITS, hidden=196, step=1e-1, reg=1e-3, steps=3_000),
}


def sigmoid_cost_and_gradients(network: TwoLayers, inputs: Array, targets: Array, l2: float) -> tuple[float, TwoLayers]:
    """Cross-entropy of ten sigmoids summed over the batch, with the penalty of the weights, and its gradients.

    inputs: [N, D]; targets: [N, 10], a one in each row. The biases are not penalised.
    """
    hidden = sigmoid(inputs @ network.hidden + network.hidden_bias)
    logits = hidden @ network.output + network.output_bias
    cost = float((np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))).sum())
    error = sigmoid(logits) - targets
    hidden_error = error @ network.output.T * hidden * (1 - hidden)
    return cost + _penalty(network, l2), _gradients(network, inputs, hidden, hidden_error, error, l2)


def relu_loss_and_gradients(
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
    error /= totals
    error[rows, labels] -= 1
    error /= len(inputs)
    hidden_error = error @ network.output.T
    hidden_error *= hidden > 0
    return loss + _penalty(network, reg), _gradients(network, inputs, hidden, hidden_error, error, reg)


def _penalty(network: TwoLayers, strength: float) -> float:
    return strength / 2 * float(np.vdot(network.hidden, network.hidden) + np.vdot(network.output, network.output))


def _gradients(
    network: TwoLayers, inputs: Array, hidden: Array, hidden_error: Array, error: Array, penalty: float
) -> TwoLayers:
    """From the errors of the sums of both layers, [N, H] and [N, 10]."""
    return TwoLayers(
        inputs.T @ hidden_error + penalty * network.hidden,
        hidden_error.sum(axis=0),
        hidden.T @ error + penalty * network.output,
        error.sum(axis=0),
    )


def sigmoid(logits: Array) -> Array:
    """1 / (1 + exp(-x)) by way of tanh, which cannot overflow."""
    return (np.tanh(logits / 2) + 1) / 2
