"""The weights of the shipped edge network for Keras, to start a training from.

The package ships the network as ONNX, with its batch norms folded into the convolutions. Here they are unfolded again:
each batch norm gets the mean and variance that its convolution has on drawn strips, and a scale and offset that undo
them. So the Keras network answers as the file does, and goes on answering so when training begins, since the statistics
of its first batches are about those.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from edge_runtime.core.errors import ModelError
from edge_runtime.recognition.contract import INPUT_NAME, OUTPUT_NAMES
from edge_runtime.recognition.model_files import BUNDLED, MODEL_FOLDER, SUMS_FILE, read_model

from .network import EDGE_NARROW, build
from .predict import predict

NAME: Final = "shipped"
"""What ``--start-from`` calls these weights."""

FILE: Final = Path(__file__).parent / "weights" / "edge.npz"
SOURCE: Final = MODEL_FOLDER / BUNDLED["fp32"]
TOLERANCE: Final = 1e-5  # largest difference of a probability between the file and the Keras network
_BATCH: Final = 200  # strips per run

Array = NDArray[np.float32]


def shipped_network() -> keras.Model:
    """The edge network with the shipped weights; ``ModelError`` where their file is missing or altered."""
    model = build("edge")
    with np.load(io.BytesIO(read_model(FILE)), allow_pickle=False) as archive:
        model.set_weights([archive[_key(weight)] for weight in model.weights])
    return model


def write_shipped(source: Path, strips: NDArray[np.uint8], out: Path) -> float:
    """Unfold an fp32 file of the edge network into ``out``, with a line in ``SHA256SUMS`` beside it.

    strips: uint8 [N, 28, 140], on which batch norms get their statistics and the answers are compared.
    Returns the largest difference of a probability. Raises ``ModelError`` where the file is not of the edge network.
    """
    content = read_model(source)
    try:
        model = unfolded(content, strips)
    except (ValueError, KeyError, IndexError, StopIteration) as error:
        raise ModelError(f"{source}: not an fp32 file of the edge network ({error!r})") from error
    expected = np.stack(list(_values(content, strips, OUTPUT_NAMES)), axis=1)
    difference = float(np.abs(predict(model, strips) - expected).max())
    if not difference <= TOLERANCE:
        raise ModelError(f"{source}: its twin in Keras answers otherwise, by {difference:.1e}; export the network anew")
    out.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {_key(weight): np.asarray(weight) for weight in model.weights}
    np.savez(out, **arrays)
    digest = hashlib.sha256(out.read_bytes()).hexdigest()
    out.with_name(SUMS_FILE).write_text(f"{digest}  {out.name}\n", "utf-8")
    return difference


def unfolded(content: bytes, strips: NDArray[np.uint8]) -> keras.Model:
    """The edge network with the weights of an exported fp32 file; errors of many kinds where it is another's."""
    import onnx  # only for those who make the file anew

    graph = onnx.load_from_string(content).graph
    constants = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    model = build("edge")
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    layers = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    answers = _values(content, strips, [node.output[0] for node in convolutions])
    for node, layer, norm, answer in zip(convolutions, layers, norms, answers, strict=True):
        kernel, bias = (constants[name] for name in node.input[1:3])
        scale = 255 if layer.name == "stem" else 1  # the stem has the 1/255 of the pixels in its code
        layer.set_weights([kernel.transpose(2, 3, 1, 0) * np.float32(scale)])
        mean, variance = answer.mean(axis=(0, 2, 3), dtype=np.float64), answer.var(axis=(0, 2, 3), dtype=np.float64)
        norm.set_weights([np.sqrt(variance + norm.epsilon), mean, mean - bias, variance])
    _set_products(model, graph, constants)
    return model


def _set_products(model: keras.Model, graph: Any, constants: dict[str, Array]) -> None:
    """The dense layers, told apart by the shapes of their kernels."""
    made_by = {name: node for node in graph.node for name in node.output}
    dense = {tuple(layer.kernel.shape): layer for layer in model.layers if isinstance(layer, keras.layers.Dense)}
    for node in graph.node:
        if node.op_type != "MatMul" or node.input[1] not in constants:
            continue
        kernel = constants[node.input[1]]
        layer = dense.pop(kernel.shape)
        add = next(other for other in graph.node if other.op_type == "Add" and node.output[0] in other.input)
        (bias,) = (constants[name] for name in add.input if name in constants)
        if layer.name == "context" and made_by[made_by[node.input[0]].input[0]].op_type != "Transpose":
            # the file flattens its features channel by channel, Keras column by column
            kernel = kernel.reshape(EDGE_NARROW, -1, kernel.shape[1]).swapaxes(0, 1).reshape(kernel.shape)
        layer.set_weights([kernel, bias])
    if dense:
        raise ValueError(f"no matrix products of shape {', '.join(map(str, dense))}")


def _values(content: bytes, strips: NDArray[np.uint8], names: Sequence[str]) -> Iterator[Array]:
    """The tensors of these names for all strips, one after the other; outputs of the file or inner ones."""
    import onnx

    model = onnx.load_from_string(content)
    for name in names:
        del model.graph.output[:]
        model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        starts = range(0, len(strips), _BATCH)
        parts = [session.run([name], {INPUT_NAME: strips[start : start + _BATCH, ..., None]}) for start in starts]
        yield np.concatenate([part[0] for part in parts])


def _key(weight: Any) -> str:
    return str(weight.path).replace("/", ".")
