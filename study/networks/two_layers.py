"""What the two hand-written networks share: one hidden layer's arrays, the course of a training, the measuring."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from study.core.data import QUICK_DIGITS, QUICK_DIGITS8, load_digits8, load_mnist
from study.core.plots import Panel
from study.core.protocol import Fitted, draw_examples, on_digits8, on_mnist
from study.core.result import Context, Layer, Progress, Result, Settings

CLASSES: Final = 10
CURVE_POINTS: Final = 100  # at which the held-out digits are asked about

Array = NDArray[np.floating]


class TwoLayers(NamedTuple):
    """Weights, or their gradients: hidden [D, H], hidden_bias [H], output [H, 10], output_bias [10]."""

    hidden: Array
    hidden_bias: Array
    output: Array
    output_bias: Array


@dataclass(frozen=True, kw_only=True)
class TwoLayerSettings(Settings):
    """Hyper-parameters that both have.

    data: ``digits8`` or ``mnist``; digits: how many train; folds: held-out parts of the 8×8 digits.
    """

    data: str
    digits: int
    hidden: int
    folds: int = 5
    seed: int = 1

    def quick(self) -> Self:
        """On little data."""
        return replace(self, digits=QUICK_DIGITS8 if self.data == "digits8" else QUICK_DIGITS, folds=2)


@dataclass(frozen=True)
class Sample:
    """inputs: float32 [N, D]; labels: uint8 [N]."""

    inputs: Array
    labels: NDArray[np.uint8]


@dataclass(frozen=True)
class Method:
    """A hand-written network.

    initial: weights for so many inputs; descend: trains them in place, and gives the loss after each of ``total``
    units (epochs or steps); classify: weights and inputs [N, D] -> classes [N]. The rest are words for the report.
    """

    initial: Callable[[int, np.random.Generator], TwoLayers]
    descend: Callable[[TwoLayers, Sample, np.random.Generator], Iterator[float]]
    classify: Callable[[TwoLayers, Array], NDArray[np.intp]]
    total: int
    unit: str
    loss: str
    activations: tuple[str, str]


def train(method: Method, sample: Sample, seed: int, note: Callable[[TwoLayers, float], None]) -> TwoLayers:
    """Trained weights; ``note`` is told the weights and the loss after each unit."""
    rng = np.random.default_rng(seed)
    network = method.initial(sample.inputs.shape[1], rng)
    for loss in method.descend(network, sample, rng):
        note(network, loss)
    return network


def measure(method: Method, wanted: TwoLayerSettings, context: Context) -> Result:
    """Train by the method on the data that is wanted, and measure."""
    if wanted.data == "digits8":
        return on_digits8(
            lambda digits, progress: _fitted(
                method, Sample(_raw(digits.images), digits.labels), None, wanted.seed, _raw, progress
            ),
            load_digits8(wanted.digits),
            wanted.folds,
            context,
        )
    mnist = load_mnist(wanted.digits)
    train_on, validation = (Sample(_scaled(part.images), part.labels) for part in (mnist.train, mnist.validation))
    fitted = _fitted(method, train_on, validation, wanted.seed, _scaled, context.progress)
    result = on_mnist(fitted, mnist, context)
    examples = draw_examples(context, "MNIST", mnist.train.images, mnist.train.labels)
    return replace(result, pictures=(examples, *result.pictures))


def _fitted(
    method: Method,
    sample: Sample,
    held_out: Sample | None,
    seed: int,
    pixels: Callable[[NDArray[Any]], Array],
    progress: Progress,
) -> Fitted:
    losses: list[float] = []
    right_percent: dict[int, float] = {}  # of the held-out digits, by unit

    def note(network: TwoLayers, loss: float) -> None:
        losses.append(loss)
        count = len(losses)
        progress(count / method.total, f"{method.unit} {count}, {loss:.4f}")
        if held_out is not None and count % max(method.total // CURVE_POINTS, 1) == 0:
            right = method.classify(network, held_out.inputs) == held_out.labels
            right_percent[count] = 100 * float(right.mean())

    network = train(method, sample, seed, note)
    panels = [Panel("Cost", method.unit, method.loss, {"cost": (range(1, len(losses) + 1), losses)}, log=True)]
    if held_out is not None:
        lines = {"validation": (list(right_percent), list(right_percent.values()))}
        panels.append(Panel("Validation digits", method.unit, "right, %", lines))
    return Fitted(
        lambda images: method.classify(network, pixels(images)), _layers(network, method.activations), tuple(panels)
    )


def _layers(network: TwoLayers, activations: tuple[str, str]) -> tuple[Layer, ...]:
    """The summary's rows."""
    inputs, hidden = network.hidden.shape
    return (
        Layer("input", f"{inputs}", 0),
        Layer(f"dense, {activations[0]}", f"{hidden}", network.hidden.size + network.hidden_bias.size),
        Layer(f"dense, {activations[1]}", f"{CLASSES}", network.output.size + network.output_bias.size),
    )


def _raw(images: NDArray[Any]) -> Array:
    """8×8 digits as they are, 0 to 16, as the published rates want them."""
    return images.reshape(len(images), -1).astype(np.float32)


def _scaled(images: NDArray[Any]) -> Array:
    """MNIST from 0 to 1."""
    return _raw(images) / np.float32(255)
