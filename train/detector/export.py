"""Keras -> ONNX of the detector's contract, written layer by layer.

The released converter makes some hundred operations of every dilated convolution whose picture may have any size;
the layout has only four operations of its own, so they are written down directly. Batch norms and the pixels' 1/255
are folded into the weights, which is exact but for rounding; ``parity`` measures what rounding does.
"""

from __future__ import annotations

from typing import Any, Final

import keras
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from edge_runtime.detection.characters.contract import INPUT_NAME, MAP_CHANNELS

from .network import DESIGNS, HEADS, assemble

OPSET: Final = 17  # older than every ONNX Runtime we support


def to_onnx(network: keras.Model) -> onnx.ModelProto:
    """``picture`` uint8 [1, H, W, colours] -> the contract's six maps by name, float32."""
    design = DESIGNS[network.name.removeprefix("detector-")]
    writer = _OnnxAssembler(network)
    answers = assemble(design, writer.planes(INPUT_NAME, design.colours), writer)
    writer.nodes[-2].output[0] = "kinds"
    sizes = writer.constant("sizes", np.array([4 * MAP_CHANNELS[name] for name in HEADS["shapes"]], np.int64))
    writer.nodes.append(helper.make_node("Split", [answers["shapes"], sizes], list(HEADS["shapes"]), axis=1))
    picture = helper.make_tensor_value_info(INPUT_NAME, onnx.TensorProto.UINT8, [1, "height", "width", design.colours])
    maps = [
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, 4 * count, "rows", "columns"])
        for name, count in MAP_CHANNELS.items()
    ]
    graph = helper.make_graph(writer.nodes, "characters", [picture], maps, writer.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model


def with_half_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with its weights as 16-bit floats, half the file; ONNX Runtime widens them once, when it loads it."""
    halved = onnx.ModelProto.FromString(model.SerializeToString())
    casts = []
    for tensor in halved.graph.initializer:
        if tensor.name.endswith(".weights"):
            name = f"{tensor.name}16"
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), name))
            casts.append(helper.make_node("Cast", [name], [name.removesuffix("16")], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *halved.graph.node]
    del halved.graph.node[:]
    halved.graph.node.extend(nodes)
    onnx.checker.check_model(halved, full_check=True)
    return halved


class _OnnxAssembler:
    """Builds nodes over the weights of the Keras network whose layers have the layout's names."""

    def __init__(self, network: keras.Model) -> None:
        self._network = network
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._doubling = self.constant("doubling", np.array([1, 1, 2, 2], np.float32))

    def planes(self, picture: str, colours: int) -> str:
        """Float pixels [1, colours, H, W] of a picture uint8 [1, H, W, colours]; one colour need not be moved."""
        if colours > 1:
            return self.node("Transpose", [self.node("Cast", [picture], to=onnx.TensorProto.FLOAT)], perm=[0, 3, 1, 2])
        last, second = (self.constant(f"axis{axis}", np.array([axis], np.int64)) for axis in (3, 1))
        grey = self.node("Unsqueeze", [self.node("Squeeze", [picture, last]), second])
        return self.node("Cast", [grey], to=onnx.TensorProto.FLOAT)

    def convolve(self, x: str, channels: int, kernel: int, name: str, *, stride: int = 1, dilation: int = 1) -> str:
        weights, bias = self._folded(name)
        if name == "stem":
            weights = weights / 255
        total = dilation * (kernel - 1) + 1 - stride  # "same" padding of a picture whose sides the stride divides
        before, after = total // 2, total - total // 2
        options = {"strides": [stride] * 2, "dilations": [dilation] * 2, "pads": [before, before, after, after]}
        return self.node("Relu", [self._convolution(x, name, weights, bias, **options)])

    def join(self, coarse: str, fine: str, channels: int, name: str) -> str:
        small, large = (
            self._convolution(x, f"{name}_{which}", *self._folded(f"{name}_{which}"))
            for x, which in ((coarse, "coarse"), (fine, "fine"))
        )
        how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        doubled = self.node("Resize", [small, "", self._doubling], **how)
        return self.node("Relu", [self.node("Add", [large, doubled])])

    def answer(self, x: str, planes: int, name: str) -> str:
        kernel, bias = self._network.get_layer(name).get_weights()
        order = (
            np.arange(4 * planes).reshape(4, planes).T.reshape(-1)
        )  # Keras has the cells outside, the contract inside
        return self._convolution(x, name, kernel.transpose(3, 2, 0, 1)[order], bias[order])

    def node(self, operation: str, inputs: list[str], **attributes: Any) -> str:
        """Append a node with one output, and return that output's name."""
        output = f"{operation.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, inputs, [output], name=output, **attributes))
        return output

    def constant(self, name: str, value: NDArray) -> str:
        """Append a constant, and return its name."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _convolution(self, x: str, name: str, weights: NDArray, bias: NDArray, **options: Any) -> str:
        weights_name = self.constant(f"{name}.weights", weights.astype(np.float32))
        return self.node("Conv", [x, weights_name, self.constant(f"{name}.bias", bias.astype(np.float32))], **options)

    def _folded(self, name: str) -> tuple[NDArray, NDArray]:
        """Weights [out, in, height, width] and bias of a convolution together with its batch norm."""
        (kernel,) = self._network.get_layer(name).get_weights()
        norm = self._network.get_layer(f"{name}_norm")
        gamma, beta, mean, variance = norm.get_weights()
        scale = gamma / np.sqrt(variance + norm.epsilon)
        return (kernel * scale).transpose(3, 2, 0, 1), beta - mean * scale
