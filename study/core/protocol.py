"""How every classifier of single digits is measured, so that their figures can be compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from train.preview.plots import Panel

from .data import Digits8, Mnist, folds
from .pictures import draw_confusion, draw_curves, draw_mistakes
from .result import Context, Layer, Progress, Result, figure, headline

Predict = Callable[[NDArray[Any]], NDArray[np.intp]]
"""uint8 [N, 28, 28] or float32 [N, 8, 8] pictures -> classes [N]."""


@dataclass(frozen=True)
class Fitted:
    """A trained classifier, its summary and the course of its training."""

    predict: Predict
    layers: tuple[Layer, ...]
    curves: tuple[Panel, ...]
    remarks: tuple[str, ...] = ()


def on_mnist(fitted: Fitted, mnist: Mnist, context: Context) -> Result:
    """Train and test accuracy; curves, confusion matrix and mistakes as pictures."""
    train_right = fitted.predict(mnist.train.images) == mnist.train.labels
    test = mnist.test
    return _result(fitted, train_right, "test", test.images, test.labels, fitted.predict(test.images), context)


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
    remark = (
        "train: trained on all digits and asked about the same ones, as published. "
        f"held out: trained {parts} times, each time on all but one of {parts} parts of the file, and asked about that "
        "part, which is mostly of other writers."
    )
    train_right = fitted.predict(digits.images) == digits.labels
    return _result(fitted, train_right, "held out", digits.images, digits.labels, answers, context, remark)


def _result(
    fitted: Fitted,
    train_right: NDArray[np.bool_],
    name: str,
    images: NDArray[Any],
    labels: NDArray[np.uint8],
    answers: NDArray[np.intp],
    context: Context,
    *remarks: str,
) -> Result:
    """images, labels, answers: of the digits that the classifier has not met; name: what they are called."""
    what = f"{name.replace(' ', '-')} digits"
    figures = (figure("train", train_right), figure(name, answers == labels))
    pictures = (
        draw_curves(context, fitted.curves),
        draw_confusion(context, labels[:, None], answers[:, None], (what,)),
        draw_mistakes(
            context,
            images,
            [str(label) for label in labels],
            [str(answer) for answer in answers],
            f"{what} misclassified, true → predicted",
            caption=f"The first misclassified {what}: true → predicted class",
        ),
    )
    return Result(headline(figures), figures, pictures, fitted.layers, (*remarks, *fitted.remarks))


def share(progress: Progress, part: int, parts: int) -> Progress:
    """Progress of one of so many parts of the work, as progress of the whole."""
    return lambda done, words: progress((part + done) / parts, words)
