"""How every classifier of single digits is measured, so that their figures can be compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.recognition.contract import ALPHABET

from . import plots
from .data import Digits8, Mnist, folds
from .result import Context, Layer, Picture, Progress, Result, figure, headline

SHOWN_MISTAKES: Final = 40
SHOWN_EXAMPLES: Final = 60
BLANK_SIGN: Final = "·"

Predict = Callable[[NDArray[Any]], NDArray[np.intp]]
"""uint8 [N, 28, 28] or float32 [N, 8, 8] pictures -> classes [N]."""


@dataclass(frozen=True)
class Fitted:
    """A trained classifier, its summary and the course of its training."""

    predict: Predict
    layers: tuple[Layer, ...]
    curves: tuple[plots.Panel, ...]
    remarks: tuple[str, ...] = ()


def on_mnist(fitted: Fitted, mnist: Mnist, context: Context) -> Result:
    """Train and test accuracy; curves, confusion matrix and mistakes as pictures."""
    train, test = mnist.train, mnist.test
    answers = fitted.predict(test.images)
    figures = (
        figure("train", fitted.predict(train.images) == train.labels),
        figure("test", answers == test.labels),
    )
    pictures = (
        draw_curves(context, fitted.curves),
        draw_confusion(context, test.labels[:, None], answers[:, None], ("test digits",)),
        draw_mistakes(context, test.images, test.labels, answers, "test digits"),
    )
    return Result(headline(figures), figures, pictures, fitted.layers, fitted.remarks)


def on_digits8(fit: Callable[[Digits8, Progress], Fitted], digits: Digits8, parts: int, context: Context) -> Result:
    """Accuracy on all digits after training on all, as published, and honestly: each digit held out once.

    fit: trains on the digits it is given; it is called once with all and once for each of ``parts`` held-out parts.
    """
    fitted = fit(digits, share(context.progress, 0, parts + 1))
    answers = np.empty(len(digits.labels), np.intp)
    for index, held_out in enumerate(folds(len(answers), parts)):
        rest = np.setdiff1d(np.arange(len(answers)), held_out)
        part = fit(Digits8(digits.images[rest], digits.labels[rest]), share(context.progress, index + 1, parts + 1))
        answers[held_out] = part.predict(digits.images[held_out])
    figures = (
        figure("train", fitted.predict(digits.images) == digits.labels),
        figure("held out", answers == digits.labels),
    )
    pictures = (
        draw_curves(context, fitted.curves),
        draw_confusion(context, digits.labels[:, None], answers[:, None], ("held-out digits",)),
        draw_mistakes(context, digits.images, digits.labels, answers, "held-out digits"),
    )
    remark = (
        "train: trained on all digits and asked about the same ones, as published. "
        f"held out: trained {parts} times, each time on all but one of {parts} parts of the file, and asked about that "
        "part, which is mostly of other writers."
    )
    return Result(headline(figures), figures, pictures, fitted.layers, (remark, *fitted.remarks))


def draw_examples(context: Context, title: str, images: NDArray[Any], labels: NDArray[np.integer]) -> Picture:
    """The first digits of a set with their labels."""
    shown = images[:SHOWN_EXAMPLES]
    captions = [str(label) for label in labels[:SHOWN_EXAMPLES]]
    draw = partial(plots.sheet, title=title, images=shown, captions=captions, columns=12)
    return context.picture("examples", f"{title}: the first of the set and their labels", draw)


def draw_curves(context: Context, panels: tuple[plots.Panel, ...]) -> Picture:
    """The course of the training."""
    caption = "Course of the training"
    return context.picture("curves", caption, lambda path: plots.curves(path, f"{context.system}: training", panels))


def draw_confusion(
    context: Context,
    labels_nh: NDArray[np.integer],
    answers_nh: NDArray[np.integer],
    heads: tuple[str, ...],
    classes: tuple[str, ...] = tuple(ALPHABET),
) -> Picture:
    """A matrix for each head."""
    draw = partial(
        plots.confusion,
        title=f"{context.system}: who is taken for whom",
        labels_nh=labels_nh,
        answers_nh=answers_nh,
        classes=classes,
        heads=heads,
    )
    caption = "Confusion matrices: counts, errors in colour" + (", · is blank" if BLANK_SIGN in classes else "")
    return context.picture("confusion", caption, draw)


def draw_mistakes(
    context: Context, images: NDArray[Any], labels: NDArray[np.integer], answers: NDArray[np.integer], what: str
) -> Picture:
    """The first misclassified digits with true and predicted class."""
    wrong = np.flatnonzero(labels != answers)
    shown = wrong[:SHOWN_MISTAKES] if len(wrong) else np.arange(1)
    captions = [f"{labels[index]} → {answers[index]}" for index in shown]
    draw = partial(
        plots.sheet,
        title=f"{context.system}: {len(wrong)} of {len(labels):,} {what} misclassified, true → predicted",
        images=images[shown],
        captions=captions,
        columns=10,
    )
    return context.picture("mistakes", f"The first misclassified {what}: true → predicted class", draw)


def share(progress: Progress, part: int, parts: int) -> Progress:
    """Progress of one of so many parts of the work, as progress of the whole."""
    return lambda done, words: progress((part + done) / parts, words)
