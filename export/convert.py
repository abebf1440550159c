"""Keras → fp32 ONNX of the contract. The only file of the export that imports TensorFlow."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray

from edge_runtime.core.errors import DependencyError, ModelError
from edge_runtime.recognition.contract import INPUT_NAME, OUTPUT_NAMES, SLOTS, STRIP_HEIGHT, STRIP_WIDTH

from . import graph
from .simplify import simplify

OPSET: Final = 17  # the newest that the released converter takes, and older than every ONNX Runtime we support
_BATCH: Final = 500  # strips per Keras call

Predict = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


def load_network(path: Path) -> Any:
    """The trained Keras model, checked against the contract's names.

    Raises ``ModelError`` where the file is missing, unreadable, or has other outputs; ``DependencyError``
    where TensorFlow is not installed.
    """
    if not path.is_file():
        raise ModelError(f"{path}: no such file; train first, with python -m train fit --out {path.parent}")
    keras = _import_keras()
    try:
        network = keras.models.load_model(path, compile=False)
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"{path}: not a Keras model that this version reads: {error}") from error
    names = tuple(getattr(network, "output_names", ()))
    if names != OUTPUT_NAMES:
        raise ModelError(f"{path}: outputs are {names}, the contract has {OUTPUT_NAMES}")
    return network


def predictor(network: Any) -> Predict:
    """Keras as a function: strips uint8 [N, 28, 140] -> probabilities float32 [N, 5, 11]."""

    def predict(strips_nhw: NDArray[np.uint8]) -> NDArray[np.float32]:
        parts = []
        for start in range(0, len(strips_nhw), _BATCH):
            heads = network(strips_nhw[start : start + _BATCH, ..., None], training=False)
            parts.append(np.stack([np.asarray(head) for head in heads], axis=1))
        return np.concatenate(parts).astype(np.float32)

    return predict


def to_onnx(network: Any) -> onnx.ModelProto:
    """Trace the network for inference and convert it.

    A traced function with named results is the one way of the converter that keeps the names of several
    heads whatever the order in which Keras holds them.
    """
    tensorflow, tf2onnx = _import_converter()
    signature = [tensorflow.TensorSpec([None, STRIP_HEIGHT, STRIP_WIDTH, 1], tensorflow.uint8, name=INPUT_NAME)]

    def serve(strip: Any) -> dict[str, Any]:
        heads = network(strip, training=False)
        if len(heads) != SLOTS:
            raise ModelError(f"network {network.name}: {len(heads)} outputs, the contract has {SLOTS}")
        return dict(zip(OUTPUT_NAMES, heads, strict=True))

    traced = tensorflow.function(serve, input_signature=signature)
    model, _ = tf2onnx.convert.from_function(traced, input_signature=signature, opset=OPSET)
    simplify(model)
    graph.set_signature(model)
    return graph.infer_shapes(model)


def _import_keras() -> Any:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # its start-up notes would bury ours
    try:
        import keras

        import train.model.network
    except ImportError as error:
        raise DependencyError(f"{error}; in a checkout: pip install --editable '.[train,export]'") from error
    return keras


def _import_converter() -> tuple[Any, Any]:
    try:
        import tensorflow
        import tf2onnx
    except ImportError as error:
        raise DependencyError(f"{error}; in a checkout: pip install --editable '.[train,export]'") from error
    return tensorflow, tf2onnx
