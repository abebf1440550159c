"""The distance to the limit: a network's multiply-accumulates at the rate of this machine's best matrix product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper, shape_inference

from benchmarks.core.turns import time_in_turns
from edge_runtime import ModelError
from edge_runtime.recognition.contract import BATCH_SYMBOL

SIZES: Final = (128, 256, 512)  # square matrices that are multiplied; the best rate counts
_OPSET: Final = 17
_PRODUCTS: Final = ("Conv", "Gemm", "MatMul")


def multiply_accumulates(content: bytes) -> int:
    """Of one strip through an fp32 ONNX file: its convolutions and matrix products."""
    model = onnx.load_from_string(content)
    for value in (*model.graph.input, *model.graph.output):
        for dimension in value.type.tensor_type.shape.dim:
            if dimension.dim_param == BATCH_SYMBOL:
                dimension.dim_value = 1
    del model.graph.value_info[:]
    inferred = shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph
    values = (*inferred.input, *inferred.value_info, *inferred.output)
    shapes = {value.name: [dim.dim_value for dim in value.type.tensor_type.shape.dim] for value in values}
    shapes |= {tensor.name: list(tensor.dims) for tensor in inferred.initializer}
    return sum(_of_node(node, shapes) for node in inferred.node if node.op_type in _PRODUCTS)


def matrix_rates(seconds: float) -> dict[str, float]:
    """Multiply-accumulates in a second on one thread, in ONNX Runtime: fp32, and unsigned times signed 8 bits."""
    products = {(kind, size): _product(kind, size) for kind in ("fp32", "int8") for size in SIZES}
    timings = time_in_turns(list(products.values()), [None], seconds)
    rates: dict[str, float] = {}
    for (kind, size), timing in zip(products, timings, strict=True):
        rates[kind] = max(rates.get(kind, 0.0), size**3 / (timing.p50_us * 1e-6))
    return rates


def _of_node(node: onnx.NodeProto, shapes: dict[str, list[int]]) -> int:
    unknown = [name for name in (node.output[0], *node.input[:2]) if 0 in shapes.get(name, [0])]
    if unknown:
        raise ModelError(f"node {node.name}: the shapes of {unknown} are not known, so its products cannot be counted")
    outputs = int(np.prod(shapes[node.output[0]]))
    if node.op_type == "Conv":
        return outputs * int(np.prod(shapes[node.input[1]][1:]))  # kernel [out, in / groups, height, width]
    is_turned = node.op_type == "Gemm" and any(item.name == "transA" and item.i for item in node.attribute)
    return outputs * shapes[node.input[0]][0 if is_turned else -1]


def _product(kind: str, size: int) -> Callable[[Any], object]:
    """A product of two square matrices, the second constant as weights are."""
    random = np.random.default_rng(0)
    if kind == "fp32":
        operator, element, result = "MatMul", TensorProto.FLOAT, TensorProto.FLOAT
        left = random.random((size, size), np.float32)
        right = random.random((size, size), np.float32)
    else:
        operator, element, result = "MatMulInteger", TensorProto.UINT8, TensorProto.INT32
        left = random.integers(0, 256, (size, size), np.uint8)
        right = random.integers(-127, 128, (size, size), np.int8)
    graph = helper.make_graph(
        [helper.make_node(operator, ["left", "right"], ["product"])],
        "product",
        [helper.make_tensor_value_info("left", element, [size, size])],
        [helper.make_tensor_value_info("product", result, [size, size])],
        [numpy_helper.from_array(right, "right")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda _: session.run(["product"], {"left": left})
