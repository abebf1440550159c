"""What the two hand-written networks share: one hidden layer's arrays, the notes of a training, the measuring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from study.core.data import QUICK_DIGITS, QUICK_DIGITS8, load_digits8, load_mnist
from study.core.plots import Panel
from study.core.protocol import Fitted, draw_examples, on_digits8, on_mnist
from study.core.result import Context, Layer, Progress, Result

CLASSES: Final = 10
CURVE_POINTS: Final = 100  # at which the held-out digits are asked about

Array = NDArray[np.floating]


class TwoLayers(NamedTuple):
    """Weights, or their gradients: hidden [D, H], hidden_bias [H], output [H, 10], output_bias [10]."""

    hidden: Array
    hidden_bias: Array
    output: Array
    output_bias: Array

    def describe(self, activation: str, last: str) -> tuple[Layer, ...]:
        """The summary's rows."""
        inputs, hidden = self.hidden.shape
        return (
            Layer("input", f"{inputs}", 0),
            Layer(f"dense, {activation}", f"{hidden}", self.hidden.size + self.hidden_bias.size),
            Layer(f"dense, {last}", f"{CLASSES}", self.output.size + self.output_bias.size),
        )


@dataclass(frozen=True, kw_only=True)
class LayerSettings:
    """Hyper-parameters that both have.

    data: ``digits8`` or ``mnist``; digits: how many train; folds: held-out parts of the 8×8 digits.
    """

    data: str
    digits: int
    hidden: int
    folds: int = 5
    seed: int = 1

    def on_little_data(self) -> Self:
        """For a toy."""
        return replace(self, digits=QUICK_DIGITS8 if self.data == "digits8" else QUICK_DIGITS, folds=2)


@dataclass(frozen=True)
class Sample:
    """inputs: float32 [N, D]; labels: uint8 [N]."""

    inputs: Array
    labels: NDArray[np.uint8]


Classify = Callable[[TwoLayers, Array], NDArray[np.intp]]
"""Weights and inputs [N, D] -> classes [N]."""

Fit = Callable[[Sample, "Course"], TwoLayers]
"""Trains on a sample and notes its course."""


class Course:
    """The notes of one training: the loss of each epoch or step, now and then the accuracy on digits held out."""

    def __init__(self, unit: str, total: int, classify: Classify, held_out: Sample | None, progress: Progress) -> None:
        self._unit = unit
        self._total = total
        self._classify = classify
        self._held_out = held_out
        self._progress = progress
        self._losses: list[float] = []
        self._asked_at: list[int] = []
        self._right_percent: list[float] = []

    def note(self, network: TwoLayers, loss: float) -> None:
        """At the end of each epoch or step."""
        self._losses.append(loss)
        count = len(self._losses)
        self._progress(count / self._total, f"{self._unit} {count}, {loss:.4f}")
        if self._held_out is not None and count % max(self._total // CURVE_POINTS, 1) == 0:
            answers = self._classify(network, self._held_out.inputs)
            self._asked_at.append(count)
            self._right_percent.append(100 * float((answers == self._held_out.labels).mean()))

    def panels(self, loss: str) -> tuple[Panel, ...]:
        """Curves of the loss, so named, and of the accuracy where digits were held out."""
        x = range(1, len(self._losses) + 1)
        panels = (Panel("Cost", self._unit, loss, {"cost": (x, self._losses)}, log=True),)
        if self._held_out is None:
            return panels
        lines = {"validation": (self._asked_at, self._right_percent)}
        return (*panels, Panel("Validation digits", self._unit, "right, %", lines))


@dataclass(frozen=True)
class Method:
    """A hand-written network: how it is trained and asked, and the words for its curves and summary.

    unit: of its course, of which there are ``total``.
    """

    fit: Fit
    classify: Classify
    unit: str
    total: int
    loss: str
    activations: tuple[str, str]


def measure(method: Method, wanted: LayerSettings, context: Context) -> Result:
    """Train by the method on the data that is wanted, and measure."""
    if wanted.data == "digits8":
        return on_digits8(
            lambda digits, progress: _fitted(method, Sample(_raw(digits.images), digits.labels), None, _raw, progress),
            load_digits8(wanted.digits),
            wanted.folds,
            context,
        )
    mnist = load_mnist(wanted.digits)
    train, validation = (Sample(_scaled(part.images), part.labels) for part in (mnist.train, mnist.validation))
    result = on_mnist(_fitted(method, train, validation, _scaled, context.progress), mnist, context)
    return replace(
        result, pictures=(draw_examples(context, "MNIST", mnist.train.images, mnist.train.labels), *result.pictures)
    )


def _fitted(
    method: Method,
    train: Sample,
    held_out: Sample | None,
    pixels: Callable[[NDArray[Any]], Array],
    progress: Progress,
) -> Fitted:
    course = Course(method.unit, method.total, method.classify, held_out, progress)
    network = method.fit(train, course)
    return Fitted(
        lambda images: method.classify(network, pixels(images)),
        network.describe(*method.activations),
        course.panels(method.loss),
    )


def _raw(images: NDArray[Any]) -> Array:
    """8×8 digits as they are, 0 to 16, as the published rates want them."""
    return images.reshape(len(images), -1).astype(np.float32)


def _scaled(images: NDArray[Any]) -> Array:
    """MNIST from 0 to 1."""
    return _raw(images) / np.float32(255)
