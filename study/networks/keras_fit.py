"""Training a Keras model of one or more heads by cross-entropy."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import keras
import numpy as np
from numpy.typing import NDArray

from study.core.data import QUICK_DIGITS
from study.core.result import Layer, Progress, Settings
from train.datasets.mnist import TRAIN_DIGITS
from train.preview.plots import Panel

_ASK_BATCH: Final = 500

History = dict[str, list[float]]
"""Losses and accuracies by Keras' names, one value an epoch."""


@dataclass(frozen=True)
class KerasSettings(Settings):
    """Hyper-parameters that all have; digits: how many train."""

    QUICK: ClassVar = {"digits": QUICK_DIGITS, "epochs": 2}

    digits: int = TRAIN_DIGITS
    epochs: int = 20
    batch: int = 128
    seed: int = 1


@dataclass(frozen=True)
class Labelled:
    """images: uint8 [N, h, w]; labels_nh: uint8 [N, heads]."""

    images: NDArray[np.uint8]
    labels_nh: NDArray[np.uint8]

    def for_keras(self) -> tuple[NDArray[np.uint8], Any]:
        """Inputs [N, h, w, 1] and targets [N], a list of them for several heads."""
        heads = list(self.labels_nh.T)
        return self.images[..., None], heads[0] if len(heads) == 1 else heads


def train(
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    epochs: Iterable[Labelled],
    validate_on: Labelled | None,
    wanted: KerasSettings,
    progress: Progress,
    *,
    keep_best: bool = False,
) -> History:
    """Train in place, each epoch on the next of ``epochs``; the weights of the last epoch stay.

    keep_best: those of the epoch that was best in validation stay instead.
    """
    heads = len(model.outputs)
    losses, metrics = ["sparse_categorical_crossentropy"] * heads, [["accuracy"]] * heads
    model.compile(optimizer, losses[0] if heads == 1 else losses, metrics=metrics[0] if heads == 1 else metrics)
    validation = None if validate_on is None else validate_on.for_keras()
    history: History = {}
    best, weights = -1.0, None
    for epoch, part in enumerate(epochs, start=1):
        images, targets = part.for_keras()
        fitted = model.fit(images, targets, batch_size=wanted.batch, validation_data=validation, verbose=0).history
        for name, values in fitted.items():
            history.setdefault(name, []).extend(values)
        said = f"epoch {epoch}, all digits"
        if validation is not None:
            accuracy = accuracies(fitted, "val_")[0]
            said = f"epoch {epoch}, validation {accuracy:.2%}"
            if keep_best and accuracy > best:
                best, weights = accuracy, model.get_weights()
        progress(epoch / wanted.epochs, said)
    if weights is not None:
        model.set_weights(weights)
    return history


def classify(model: keras.Model, images: NDArray[Any]) -> NDArray[np.intp]:
    """Classes [N, heads] of uint8 [N, h, w]."""
    answers = model.predict(images[..., None], batch_size=_ASK_BATCH, verbose=0)
    heads = answers if isinstance(answers, list) else [answers]
    return np.stack([head.argmax(axis=1) for head in heads], axis=1)


def panels(history: History) -> tuple[Panel, ...]:
    """Curves of loss and accuracy, in training and in validation."""
    x = range(1, len(history["loss"]) + 1)
    names = {"training": "", "validation": "val_"}
    losses = {name: (x, history[f"{prefix}loss"]) for name, prefix in names.items()}
    right = {name: (x, [100 * share for share in accuracies(history, prefix)]) for name, prefix in names.items()}
    heads = sum(name.endswith("accuracy") for name in history) // 2
    accuracy = "Accuracy" if heads == 1 else "Mean accuracy of the heads"
    return Panel("Loss", "epoch", "cross-entropy", losses), Panel(accuracy, "epoch", "right, %", right)


def accuracies(history: History, prefix: str) -> list[float]:
    """Of each epoch, the mean over the heads; prefix: ``val_``, or nothing for those of training."""
    found = [values for name, values in history.items() if re.fullmatch(rf"{prefix}(digit\d_)?accuracy", name)]
    return [float(np.mean(epoch)) for epoch in zip(*found, strict=True)]


def layers(model: keras.Model) -> tuple[Layer, ...]:
    """The summary's rows."""
    return tuple(Layer(_title(layer), _shape(layer.output), int(layer.count_params())) for layer in model.layers)


def _title(layer: keras.layers.Layer) -> str:
    """Its kind, and its name where it was given one."""
    kind = type(layer).__name__
    own_name = re.sub(r"_\d+$", "", layer.name).replace("_", "") != kind.lower()
    return f"{layer.name} ({kind})" if own_name else kind


def _shape(tensor: Any) -> str:
    return "×".join(str(size) for size in tensor.shape[1:])
