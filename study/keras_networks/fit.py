"""Training a Keras model of one or more heads, keeping its best epoch."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import keras
import numpy as np
from numpy.typing import NDArray

from study.core.data import QUICK_DIGITS
from study.core.plots import Panel
from study.core.result import Layer, Progress
from train.datasets.mnist import TRAIN_DIGITS

_ASK_BATCH: Final = 500


@dataclass(frozen=True)
class KerasSettings:
    """Hyper-parameters that all have; digits: how many train."""

    digits: int = TRAIN_DIGITS
    epochs: int = 20
    batch: int = 128
    seed: int = 1

    def quick(self) -> Self:
        """A toy."""
        return replace(self, digits=QUICK_DIGITS, epochs=2)


@dataclass(frozen=True)
class Labelled:
    """images: uint8 [N, h, w]; labels_nh: uint8 [N, heads]."""

    images: NDArray[np.uint8]
    labels_nh: NDArray[np.uint8]


@dataclass(frozen=True)
class Course:
    """Curves of a training and the epoch whose weights were kept."""

    panels: tuple[Panel, ...]
    remark: str


def train(
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    train_on: Labelled,
    validate_on: Labelled,
    wanted: KerasSettings,
    progress: Progress,
) -> Course:
    """Train in place by cross-entropy, and leave the weights of the epoch that was best in validation."""
    heads = _compile(model, optimizer, train_on)
    best = _BestEpoch(wanted.epochs, progress)
    history = model.fit(
        train_on.images[..., None],
        _targets(train_on),
        batch_size=wanted.batch,
        epochs=wanted.epochs,
        validation_data=(validate_on.images[..., None], _targets(validate_on)),
        callbacks=[best],
        verbose=0,
    ).history
    model.set_weights(best.weights)
    held_out = f"{len(validate_on.images):,} validation pictures"
    return Course(_panels(history, heads), f"Weights of epoch {best.epoch + 1} of {wanted.epochs}, best on {held_out}.")


def train_on_all(
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    train_on: Labelled,
    wanted: KerasSettings,
    progress: Progress,
) -> None:
    """Train in place by cross-entropy, with nothing held out, and leave the weights of the last epoch."""
    _compile(model, optimizer, train_on)
    told = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: progress((epoch + 1) / wanted.epochs, f"epoch {epoch + 1}, all digits")
    )
    images, targets = train_on.images[..., None], _targets(train_on)
    model.fit(images, targets, batch_size=wanted.batch, epochs=wanted.epochs, callbacks=[told], verbose=0)


def train_on_parts(
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    parts: Iterable[Labelled],
    validate_on: Labelled,
    wanted: KerasSettings,
    progress: Progress,
) -> Course:
    """Train in place by cross-entropy, each epoch on the next part, and leave the weights of the last epoch."""
    heads = _compile(model, optimizer, validate_on)
    history: dict[str, list[float]] = {}
    validation = validate_on.images[..., None], _targets(validate_on)
    for epoch, part in enumerate(parts):
        images, targets = part.images[..., None], _targets(part)
        fitted = model.fit(images, targets, batch_size=wanted.batch, validation_data=validation, verbose=0).history
        for name, values in fitted.items():
            history.setdefault(name, []).extend(values)
        accuracy = _accuracies(fitted, "val_")[-1]
        progress((epoch + 1) / wanted.epochs, f"epoch {epoch + 1}, validation {accuracy:.2%}")
    return Course(_panels(history, heads), "Weights of the last epoch.")


def _compile(model: keras.Model, optimizer: keras.optimizers.Optimizer, pictures: Labelled) -> int:
    """Cross-entropy for every head; how many heads there are."""
    heads = pictures.labels_nh.shape[1]
    losses, metrics = ["sparse_categorical_crossentropy"] * heads, [["accuracy"]] * heads
    single = heads == 1
    model.compile(optimizer, losses[0] if single else losses, metrics=metrics[0] if single else metrics)
    return heads


def classify(model: keras.Model, images: NDArray[Any]) -> NDArray[np.intp]:
    """Classes [N, heads] of uint8 [N, h, w]."""
    answers = model.predict(images[..., None], batch_size=_ASK_BATCH, verbose=0)
    heads = answers if isinstance(answers, list) else [answers]
    return np.stack([head.argmax(axis=1) for head in heads], axis=1)


def layers(model: keras.Model) -> tuple[Layer, ...]:
    """The summary's rows."""
    return tuple(Layer(_title(layer), _shape(layer.output), int(layer.count_params())) for layer in model.layers)


class _BestEpoch(keras.callbacks.Callback):
    """Keeps the weights of the best mean validation accuracy, and tells how far the training is."""

    def __init__(self, epochs: int, progress: Progress) -> None:
        super().__init__()
        self._epochs = epochs
        self._progress = progress
        self._accuracy = -1.0
        self.epoch = 0
        self.weights: list[NDArray[Any]] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Called by Keras with the epoch's loss and accuracies."""
        accuracy = _mean_accuracy(logs, "val_")
        if accuracy > self._accuracy:
            self._accuracy, self.epoch, self.weights = accuracy, epoch, self.model.get_weights()
        self._progress((epoch + 1) / self._epochs, f"epoch {epoch + 1}, validation {accuracy:.2%}")


def _targets(labelled: Labelled) -> Any:
    heads = list(labelled.labels_nh.T)
    return heads[0] if len(heads) == 1 else heads


def _panels(history: dict[str, list[float]], heads: int) -> tuple[Panel, ...]:
    x = range(1, len(history["loss"]) + 1)
    names = {"training": "", "validation": "val_"}
    losses = {name: (x, history[f"{prefix}loss"]) for name, prefix in names.items()}
    right = {name: (x, [100 * share for share in _accuracies(history, prefix)]) for name, prefix in names.items()}
    accuracy = "Accuracy" if heads == 1 else "Mean accuracy of the heads"
    return Panel("Loss", "epoch", "cross-entropy", losses), Panel(accuracy, "epoch", "right, %", right)


def _accuracies(history: dict[str, list[float]], prefix: str) -> list[float]:
    epochs = [dict(zip(history, values, strict=True)) for values in zip(*history.values(), strict=True)]
    return [_mean_accuracy(epoch, prefix) for epoch in epochs]


def _mean_accuracy(logs: dict[str, float], prefix: str) -> float:
    """Over the heads; without a prefix those of training."""
    found = [
        value
        for name, value in logs.items()
        if name.endswith("accuracy") and name.startswith("val_") == (prefix == "val_")
    ]
    return float(np.mean(found))


def _title(layer: keras.layers.Layer) -> str:
    """Its kind, and its name where it was given one."""
    kind = type(layer).__name__
    own_name = re.sub(r"_\d+$", "", layer.name).replace("_", "") != kind.lower()
    return f"{layer.name} ({kind})" if own_name else kind


def _shape(tensor: Any) -> str:
    return "×".join(str(size) for size in tensor.shape[1:])
