"""What the Keras classifiers of single digits share: MNIST, training, measuring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import keras
import numpy as np

from study.core.data import load_mnist
from study.core.protocol import Fitted, on_mnist, share
from study.core.result import Context, Result
from train.datasets.mnist import Digits

from . import fit as keras_fit

Build = Callable[[], tuple[keras.Model, keras.optimizers.Optimizer]]


def measure(build: Build, wanted: keras_fit.KerasSettings, context: Context) -> Result:
    """Train a model of uint8 [N, 28, 28, 1] digits twice and measure it.

    build: gives the model and its optimizer. The first training has validation digits, for the curves. The second, as
    published, has all training digits and ends with the last epoch, so that nothing is chosen.
    """
    mnist = load_mnist(wanted.digits)
    whole = replace(mnist, train=_joined(mnist.train, mnist.validation))
    keras.utils.set_random_seed(wanted.seed)
    course = keras_fit.train(
        *build(), _labelled(mnist.train), _labelled(mnist.validation), wanted, share(context.progress, 0, 2)
    )
    keras.utils.set_random_seed(wanted.seed)
    model, optimizer = build()
    keras_fit.train_on_all(model, optimizer, _labelled(whole.train), wanted, share(context.progress, 1, 2))
    remark = (
        f"Figures: trained on all {len(whole.train):,} training digits for {wanted.epochs} epochs, as published. "
        f"Curves: of another training, on {len(mnist.train):,} of them."
    )
    fitted = Fitted(
        lambda images: keras_fit.classify(model, images)[:, 0], keras_fit.layers(model), course.panels, (remark,)
    )
    return on_mnist(fitted, whole, context)


def _joined(one: Digits, other: Digits) -> Digits:
    return Digits(np.concatenate([one.images, other.images]), np.concatenate([one.labels, other.labels]))


def _labelled(digits: Digits) -> keras_fit.Labelled:
    return keras_fit.Labelled(digits.images, digits.labels[:, None])
