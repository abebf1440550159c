"""What the two hand-written networks share: one hidden layer's arrays, the course of a training, the measuring."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from study.core.data import QUICK_DIGITS, QUICK_DIGITS8, load_digits8, load_mnist, raw, scaled
from study.core.pictures import draw_examples
from study.core.protocol import Fitted, on_digits8, on_mnist
from study.core.result import Context, Progress, Result, Settings, dense_layers
from train.preview.plots import Panel

CLASSES: Final = 10
CURVE_POINTS: Final = 100  # at which the held-out digits are asked about

Array = NDArray[np.floating]


class TwoLayers(NamedTuple):
    """Weights, or their gradients: hidden [D, H], hidden_bias [H], output [H, 10], output_bias [10]."""

    hidden: Array
    hidden_bias: Array
    output: Array
    output_bias: Array


@dataclass(frozen=True)
class Sample:
    """inputs: float32 [N, D]; labels: uint8 [N]."""

    inputs: Array
    labels: NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class TwoLayerSettings(Settings):
    """Hyper-parameters that both have, and the network that they are of.

    data: ``digits8`` or ``mnist``; digits: how many train; folds: held-out parts of the 8×8 digits.
    """

    UNIT: ClassVar[str]
    LOSS: ClassVar[str]
    ACTIVATIONS: ClassVar[tuple[str, str]]

    data: str
    digits: int
    hidden: int
    folds: int = 5
    seed: int = 1

    def fitted_to(self, context: Context) -> Self:
        """As published, or a toy on little data."""
        few = QUICK_DIGITS8 if self.data == "digits8" else QUICK_DIGITS
        return replace(super().fitted_to(context), digits=few, folds=2) if context.quick else self

    @property
    def total(self) -> int:
        """How many units (epochs or steps) the training has."""
        raise NotImplementedError

    def first_weights(self, rows: int, columns: int, rng: np.random.Generator) -> Array:
        """float32 [rows, columns], at random."""
        raise NotImplementedError

    def descend(self, network: TwoLayers, sample: Sample, rng: np.random.Generator) -> Iterator[float]:
        """Train in place, and give the loss after each unit."""
        raise NotImplementedError

    def activate(self, sums: Array) -> Array:
        """What the hidden units make of their sums."""
        raise NotImplementedError

    def initial(self, inputs: int, rng: np.random.Generator) -> TwoLayers:
        """The first weights; the biases are zero."""
        return TwoLayers(
            self.first_weights(inputs, self.hidden, rng),
            np.zeros(self.hidden, np.float32),
            self.first_weights(self.hidden, CLASSES, rng),
            np.zeros(CLASSES, np.float32),
        )

    def classify(self, network: TwoLayers, inputs: Array) -> NDArray[np.intp]:
        """[N, D] -> classes [N]."""
        hidden = self.activate(inputs @ network.hidden + network.hidden_bias)
        return (hidden @ network.output + network.output_bias).argmax(axis=1)


def train(wanted: TwoLayerSettings, sample: Sample, note: Callable[[TwoLayers, float], None]) -> TwoLayers:
    """Trained weights; ``note`` is told the weights and the loss after each unit."""
    rng = np.random.default_rng(wanted.seed)
    network = wanted.initial(sample.inputs.shape[1], rng)
    for loss in wanted.descend(network, sample, rng):
        note(network, loss)
    return network


def run(wanted: TwoLayerSettings, context: Context) -> Result:
    """Train on the data that is wanted, and measure."""
    if wanted.data == "digits8":  # grey values as they are, 0 to 16, as the published rates want them
        digits8 = load_digits8(wanted.digits)
        return on_digits8(
            lambda digits, progress: _fitted(wanted, Sample(raw(digits.images), digits.labels), None, raw, progress),
            digits8,
            wanted.folds,
            context,
        )
    mnist = load_mnist(wanted.digits)
    train_on, validation = (Sample(scaled(part.images), part.labels) for part in (mnist.train, mnist.validation))
    result = on_mnist(_fitted(wanted, train_on, validation, scaled, context.progress), mnist, context)
    examples = draw_examples(context, "MNIST", mnist.train.images, mnist.train.labels)
    return replace(result, pictures=(examples, *result.pictures))


def _fitted(
    wanted: TwoLayerSettings,
    sample: Sample,
    held_out: Sample | None,
    pixels: Callable[[NDArray[Any]], Array],
    progress: Progress,
) -> Fitted:
    losses: list[float] = []
    right_percent: dict[int, float] = {}  # of the held-out digits, by unit

    def note(network: TwoLayers, loss: float) -> None:
        losses.append(loss)
        count = len(losses)
        progress(count / wanted.total, f"{wanted.UNIT} {count}, {loss:.4f}")
        if held_out is not None and count % max(wanted.total // CURVE_POINTS, 1) == 0:
            right = wanted.classify(network, held_out.inputs) == held_out.labels
            right_percent[count] = 100 * float(right.mean())

    network = train(wanted, sample, note)
    panels = [Panel("Cost", wanted.UNIT, wanted.LOSS, {"cost": (range(1, len(losses) + 1), losses)}, log=True)]
    if held_out is not None:
        lines = {"validation": (list(right_percent), list(right_percent.values()))}
        panels.append(Panel("Validation digits", wanted.UNIT, "right, %", lines))
    names = [f"dense, {activation}" for activation in wanted.ACTIVATIONS]
    layers = dense_layers(names, (network.hidden, network.output), (network.hidden_bias, network.output_bias))
    return Fitted(lambda images: wanted.classify(network, pixels(images)), layers, tuple(panels))
