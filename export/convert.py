"""Keras → fp32 ONNX of the contract. The only file of the export that imports TensorFlow."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from edge_runtime.core.errors import DependencyError, ModelError
from edge_runtime.recognition.contract import INPUT_NAME, OUTPUT_NAMES, SLOTS, STRIP_HEIGHT, STRIP_WIDTH

from . import graph

OPSET: Final = 17  # the newest that the released converter takes, and older than every ONNX Runtime we support
_INSTALL: Final = "in a checkout: pip install --editable '.[train,export]'"


def load_network(path: Path) -> Any:
    """The trained Keras model of a run, checked against the contract's names; path: its ``model.keras``.

    Raises ``RunError`` where the file is missing or unreadable, ``ModelError`` where it has other outputs, and
    ``DependencyError`` where TensorFlow is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # its start-up notes would bury ours
    try:
        from train.model.network import load
    except ImportError as error:
        raise DependencyError(f"{error}; {_INSTALL}") from error
    network = load(path.parent)
    names = tuple(getattr(network, "output_names", ()))
    if names != OUTPUT_NAMES:
        raise ModelError(f"{path}: outputs are {names}, the contract has {OUTPUT_NAMES}")
    return network


def keras_answers(network: Any, strips_nhw: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Probabilities float32 [N, 5, 11] that Keras gives for strips uint8 [N, 28, 140]."""
    from train.model.predict import predict  # here, since it loads TensorFlow

    return predict(network, strips_nhw)


def to_onnx(network: Any) -> onnx.ModelProto:
    """Trace the network for inference and convert it.

    A traced function with named results is the one way of the converter that keeps the names of several
    heads whatever the order in which Keras holds them.
    """
    try:
        import tensorflow
        import tf2onnx
    except ImportError as error:
        raise DependencyError(f"{error}; {_INSTALL}") from error
    signature = [tensorflow.TensorSpec([None, STRIP_HEIGHT, STRIP_WIDTH, 1], tensorflow.uint8, name=INPUT_NAME)]

    def serve(strip: Any) -> dict[str, Any]:
        heads = network(strip, training=False)
        if len(heads) != SLOTS:
            raise ModelError(f"network {network.name}: {len(heads)} outputs, the contract has {SLOTS}")
        return dict(zip(OUTPUT_NAMES, heads, strict=True))

    traced = tensorflow.function(serve, input_signature=signature)
    model, _ = tf2onnx.convert.from_function(traced, input_signature=signature, opset=OPSET)
    return finish(model)


def finish(converted: onnx.ModelProto) -> onnx.ModelProto:
    """What the converter leaves undone, and the contract's signature.

    ONNX Runtime's own optimiser takes out what cancels or is constant, and spells out the axis of every Softmax,
    without which OpenCV 4.6 gives wrong probabilities.
    """
    model = _optimised(converted)
    fold_input_scaling(model)
    return graph.tidied(model)


def _optimised(model: onnx.ModelProto) -> onnx.ModelProto:
    """The basic level, which knows no processor and gives operators of the ONNX standard alone.

    A product and its bias stay two nodes: OpenCV 4.6 cannot read the Gemm that they would become.
    """
    with tempfile.TemporaryDirectory() as folder:
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(Path(folder) / "optimised.onnx")
        onnxruntime.InferenceSession(
            model.SerializeToString(),
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=["MatMulAddFusion"],
        )
        optimised = onnx.load(options.optimized_model_filepath)
    del optimised.opset_import[:]  # it names every domain that ONNX Runtime knows
    optimised.opset_import.extend(model.opset_import)
    return optimised


def fold_input_scaling(model: onnx.ModelProto) -> None:
    """Move scaling and offset by one number, between the pixels and an unpadded first convolution, into its weights.

    The notebook's network begins with a scaling and a batch norm of one channel, which no optimiser folds, and each of
    whose nodes would take ONNX Runtime 0.1 ms. (The edge network has its scaling in its first kernel.)
    """
    known = graph.constants(model)
    (node,) = graph.consumers(model, INPUT_NAME)
    chain, scale, offset = [], 1.0, 0.0
    while node.op_type in ("Cast", "Mul", "Add", "Reshape"):
        if node.op_type in ("Mul", "Add"):
            if node.input[1] not in known or known[node.input[1]].size != 1:
                return
            value = float(known[node.input[1]].reshape(-1)[0])
            scale, offset = (scale * value, offset * value) if node.op_type == "Mul" else (scale, offset + value)
            chain.append(node)
        readers = graph.consumers(model, node.output[0])
        if len(readers) != 1:
            return
        node = readers[0]
    if not chain or node.op_type != "Conv" or len(node.input) < 3:
        return
    padding = [any(item.ints) or item.s.startswith(b"SAME") for item in node.attribute if "pad" in item.name]
    if offset and any(padding):  # which puts zeros beside the shifted pixels
        return
    kernel, bias = (known[name] for name in node.input[1:3])
    graph.set_constant(model, node.input[1], (kernel * scale).astype(np.float32))
    graph.set_constant(model, node.input[2], (bias + offset * kernel.sum(axis=(1, 2, 3))).astype(np.float32))
    for link in chain:
        graph.bypass(model, link)
