"""What a network answers."""

from __future__ import annotations

from typing import Final

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

_BATCH: Final = 1000  # strips per call


def predict(model: keras.Model, strips: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Probabilities float32 [N, 5, 11] of strips uint8 [N, 28, 140]."""
    run = tf.function(lambda batch: tf.stack(model(batch, training=False), axis=1), reduce_retracing=True)
    parts = [run(strips[i : i + _BATCH, ..., None]).numpy() for i in range(0, len(strips), _BATCH)]
    return np.concatenate(parts)


def whole_string_accuracy(model: keras.Model, strips: NDArray[np.uint8], labels: NDArray[np.uint8]) -> float:
    """Share of strips [N, 28, 140] with all five slots right, 0 to 1."""
    return float((predict(model, strips).argmax(axis=2) == labels).all(axis=1).mean())
