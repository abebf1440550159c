"""A five-layer TensorFlow network written with variables and a gradient tape: four wide ReLU layers and a softmax.

Dropout after each hidden layer, L2 on all weights, plain gradient descent. The published test accuracy was measured
with dropout left on; here it is off, and the same network is asked once more with it on, to show the difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, ClassVar, Final

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from study.core.data import QUICK_DIGITS, load_mnist
from study.core.protocol import Fitted, on_mnist
from study.core.result import Context, Layer, Progress, Result, Settings, dense_layers, figure, headline
from train.datasets.mnist import TRAIN_DIGITS, Digits
from train.preview.plots import Panel

CLASSES: Final = 10
CURVE_POINTS: Final = 60
_ASK_BATCH: Final = 2_000


@dataclass(frozen=True)
class TapeSettings(Settings):
    """Hyper-parameters; digits: how many train; keep_probability: of a hidden unit while training."""

    QUICK: ClassVar = {"digits": QUICK_DIGITS, "steps": 60}

    digits: int = TRAIN_DIGITS
    hidden: tuple[int, ...] = (784, 784, 784, 784)
    keep_probability: float = 0.75
    l2: float = 0.0005
    rate: float = 0.05
    batch: int = 256
    steps: int = 3_001
    seed: int = 1


SETTINGS: Final = {"tape-mnist": TapeSettings()}


def run(wanted: TapeSettings, context: Context) -> Result:
    """Train and measure, dropout off; then ask about the test digits with dropout on."""
    mnist = load_mnist(wanted.digits)
    network = Network(wanted)
    panels = _train(network, wanted, mnist.train, mnist.validation, context.progress)
    result = on_mnist(Fitted(network.classify, network.layers(), panels), mnist, context)
    slip = network.classify(mnist.test.images, keep_probability=wanted.keep_probability) == mnist.test.labels
    figures = (*result.figures, figure("test with dropout left on", slip))
    return replace(result, figures=figures, headline=headline(figures))


class Network:
    """The variables, and what is computed with them."""

    def __init__(self, wanted: TapeSettings) -> None:
        tf.random.set_seed(wanted.seed)
        sizes = (784, *wanted.hidden, CLASSES)
        self._weights = [
            tf.Variable(tf.random.truncated_normal((rows, columns), stddev=(2 / rows) ** 0.5, seed=wanted.seed + layer))
            for layer, (rows, columns) in enumerate(pairwise(sizes))
        ]
        self._biases = [tf.Variable(tf.zeros(columns)) for columns in sizes[1:]]

    def logits(self, images: tf.Tensor, keep_probability: float) -> tf.Tensor:
        """float32 [N, 10] of uint8 [N, 28, 28]; a keep-probability of 1 is dropout off."""
        x = tf.cast(tf.reshape(images, (-1, 784)), tf.float32) / 255
        for weights, biases in zip(self._weights[:-1], self._biases[:-1], strict=True):
            x = tf.nn.relu(x @ weights + biases)
            if keep_probability < 1:
                x = tf.nn.dropout(x, rate=1 - keep_probability)
        return x @ self._weights[-1] + self._biases[-1]

    def classify(self, images: NDArray[Any], keep_probability: float = 1.0) -> NDArray[np.intp]:
        """[N] classes of uint8 [N, 28, 28]."""
        parts = [images[start : start + _ASK_BATCH] for start in range(0, len(images), _ASK_BATCH)]
        return np.concatenate([self.logits(part, keep_probability).numpy().argmax(axis=1) for part in parts])

    def descend(self, images: tf.Tensor, labels: tf.Tensor, wanted: TapeSettings) -> tf.Tensor:
        """One step of plain gradient descent; returns the loss."""
        variables = [*self._weights, *self._biases]
        with tf.GradientTape() as tape:
            logits = self.logits(images, wanted.keep_probability)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
            loss += wanted.l2 * tf.add_n([tf.nn.l2_loss(weights) for weights in self._weights])
        for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
            variable.assign_sub(wanted.rate * gradient)
        return loss

    def layers(self) -> tuple[Layer, ...]:
        """The summary's rows."""
        names = ["dense, ReLU, dropout"] * (len(self._weights) - 1) + ["dense, softmax"]
        return dense_layers(names, self._weights, self._biases)


def _train(
    network: Network, wanted: TapeSettings, train: Digits, validation: Digits, progress: Progress
) -> tuple[Panel, ...]:
    step = tf.function(lambda images, labels: network.descend(images, labels, wanted))
    seen, losses = [], []
    accuracy: dict[str, list[float]] = {"dropout off": [], "dropout left on": []}
    for count, batch in enumerate(_batches(len(train), wanted), start=1):
        loss = step(train.images[batch], train.labels[batch].astype(np.int32))
        if count % max(wanted.steps // CURVE_POINTS, 1) == 0:
            seen.append(count)
            losses.append(float(loss))
            for keep, curve in zip((1.0, wanted.keep_probability), accuracy.values(), strict=True):
                curve.append(100 * float((network.classify(validation.images, keep) == validation.labels).mean()))
            progress(count / wanted.steps, f"step {count}, loss {losses[-1]:.3f}")
    lines = {name: (seen, curve) for name, curve in accuracy.items()}
    return (
        Panel("Loss of a mini-batch", "step", "cross-entropy and penalty", {"loss": (seen, losses)}, log=True),
        Panel("Validation digits", "step", "right, %", lines),
    )


def _batches(count: int, wanted: TapeSettings) -> Iterator[NDArray[np.intp]]:
    """Indices of each step's digits: the training digits in a new order each time round."""
    rng = np.random.default_rng(wanted.seed)
    order = np.array([], np.intp)
    for _ in range(wanted.steps):
        while len(order) < wanted.batch:
            order = np.concatenate([order, rng.permutation(count)])
        yield order[: wanted.batch]
        order = order[wanted.batch :]
