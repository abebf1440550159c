"""What the Keras classifiers of single digits share: MNIST, training, measuring."""

from __future__ import annotations

import keras

from ..digits import Digits
from . import keras_fit
from .data import load_mnist
from .protocol import Fitted, on_mnist
from .result import Context, Result


def measure(
    model: keras.Model, optimizer: keras.optimizers.Optimizer, wanted: keras_fit.KerasSettings, context: Context
) -> Result:
    """Train a model of uint8 [N, 28, 28, 1] digits and measure it."""
    mnist = load_mnist(wanted.digits)
    course = keras_fit.train(
        model,
        optimizer,
        _labelled(mnist.train),
        _labelled(mnist.validation),
        wanted,
        context.progress,
    )
    fitted = Fitted(
        lambda images: keras_fit.classify(model, images)[:, 0],
        keras_fit.layers(model),
        course.panels,
        (course.remark,),
    )
    return on_mnist(fitted, mnist, context)


def _labelled(digits: Digits) -> keras_fit.Labelled:
    return keras_fit.Labelled(digits.images, digits.labels[:, None])
