"""What the converter leaves undone: shapes computed at run time, scaling and transposes beside the layer they fit in.

The passes are exact but for rounding; the parity gate checks the graph that comes out of them.
"""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from edge_runtime.recognition.contract import INPUT_NAME, STRIP_HEIGHT, STRIP_WIDTH

from . import graph


def simplify(model: onnx.ModelProto) -> None:
    """Run every pass, in place."""
    freeze_reshapes(model)
    fold_input_scaling(model)
    cancel_transposes(model)
    absorb_transposes(model)
    spell_out_softmax_axis(model)
    graph.drop_unused(model)
    graph.rename_inner_tensors(model)


def freeze_reshapes(model: onnx.ModelProto) -> None:
    """Make the target shape of every Reshape a constant, -1 where the batch stands.

    The shapes are read off two runs with different batches: what stays is fixed, what grows is the batch.
    """
    known = graph.constants(model)
    reshapes = [node for node in model.graph.node if node.op_type == "Reshape" and node.input[1] not in known]
    if not reshapes:
        return
    names = sorted({node.input[1] for node in reshapes})
    of_two, of_three = (_tensor_values(model, names, batch) for batch in (2, 3))
    for name in names:
        grows = of_two[name] != of_three[name]
        if grows.sum() > 1:
            raise ValueError(f"Reshape target {name}: {of_two[name]} for 2 strips, {of_three[name]} for 3")
        graph.set_constant(model, f"{name}/frozen", np.where(grows, -1, of_two[name]).astype(np.int64))
    for node in reshapes:
        node.input[1] += "/frozen"
    graph.drop_unused(model)


def fold_input_scaling(model: onnx.ModelProto) -> None:
    """Move the scalar arithmetic between the pixels and the first convolution into its weights.

    That is 1/255 and a leading batch norm. An offset can move only where the convolution is not padded,
    because padding puts zeros beside the shifted pixels.
    """
    chain = _scalar_chain(model)
    if not chain:
        return
    scale, offset = 1.0, 0.0
    known = graph.constants(model)
    for node in chain:
        value = float(known[node.input[1]].reshape(-1)[0])
        scale, offset = (scale * value, offset * value) if node.op_type == "Mul" else (scale, offset + value)
    convolution = _next_convolution(model, chain[-1].output[0])
    if convolution is None or (offset and not _is_unpadded(convolution)):
        return
    weights = known[convolution.input[1]]
    graph.set_constant(model, convolution.input[1], (weights * scale).astype(np.float32))
    if offset:
        _add_to_bias(model, convolution, known, offset * weights.sum(axis=(1, 2, 3)))
    for node in chain:
        graph.bypass(model, node)


def spell_out_softmax_axis(model: onnx.ModelProto) -> None:
    """Write the axis of every Softmax that leaves it out.

    The default is -1 since opset 13, but OpenCV 4.6 still takes 1, and gives wrong probabilities without a word.
    """
    for node in model.graph.node:
        if node.op_type == "Softmax" and not any(attribute.name == "axis" for attribute in node.attribute):
            node.attribute.append(onnx.helper.make_attribute("axis", -1))


def cancel_transposes(model: onnx.ModelProto) -> None:
    """Where a Transpose undoes the one before it, read past both."""
    made_by = graph.producers(model)
    for node in [node for node in model.graph.node if node.op_type == "Transpose"]:
        first = made_by.get(node.input[0])
        if first is None or first.op_type != "Transpose":
            continue
        order, first_order = _permutation(node), _permutation(first)
        if [first_order[axis] for axis in order] == sorted(order):
            node.input[0] = first.input[0]
            graph.bypass(model, node)
    graph.drop_unused(model)


def absorb_transposes(model: onnx.ModelProto) -> None:
    """Transpose → flatten → MatMul: reorder the rows of the weights instead of the features, once for all."""
    shapes = _static_shapes(model)
    known = graph.constants(model)
    for node in [node for node in model.graph.node if node.op_type == "Transpose"]:
        order = _permutation(node)
        if order[0] != 0 or node.input[0] not in shapes:
            continue
        (flatten, *others) = graph.consumers(model, node.output[0])
        products = graph.consumers(model, flatten.output[0])
        size = int(np.prod(shapes[node.input[0]]))
        if others or flatten.op_type != "Reshape" or list(known[flatten.input[1]]) != [-1, size]:
            continue
        weights = [product.input[1] for product in products]
        if any(product.op_type != "MatMul" or product.input[1] not in known for product in products):
            continue
        if len(set(weights)) != len(weights) or any(len(graph.consumers(model, name)) > 1 for name in weights):
            continue
        rows = np.arange(size).reshape(shapes[node.input[0]]).transpose([axis - 1 for axis in order[1:]]).reshape(-1)
        for name in weights:
            reordered = np.empty_like(known[name])
            reordered[rows] = known[name]
            graph.set_constant(model, name, reordered)
        graph.bypass(model, node)


def _permutation(node: onnx.NodeProto) -> list[int]:
    return list(next(item.ints for item in node.attribute if item.name == "perm"))


def _static_shapes(model: onnx.ModelProto) -> dict[str, tuple[int, ...]]:
    """The shapes of inner tensors without the batch, where ONNX can tell them."""
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    shapes = {}
    for value in inferred.graph.value_info:
        _, *dims = value.type.tensor_type.shape.dim or [None]
        if all(dim.dim_value > 0 for dim in dims):
            shapes[value.name] = tuple(dim.dim_value for dim in dims)
    return shapes


def _tensor_values(model: onnx.ModelProto, names: list[str], batch: int) -> dict[str, NDArray]:
    """Run the model on an empty batch of strips and read inner tensors (int64)."""
    probe = onnx.ModelProto.FromString(model.SerializeToString())
    del probe.graph.output[:]
    probe.graph.output.extend(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.INT64, None) for name in names)
    session = onnxruntime.InferenceSession(probe.SerializeToString(), providers=["CPUExecutionProvider"])
    strips = np.zeros((batch, STRIP_HEIGHT, STRIP_WIDTH, 1), np.uint8)
    return dict(zip(names, session.run(names, {INPUT_NAME: strips}), strict=True))


def _scalar_chain(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    """The Mul and Add nodes by one number that follow the input's cast, while nothing else reads between."""
    known = graph.constants(model)
    chain: list[onnx.NodeProto] = []
    (cast,) = graph.consumers(model, INPUT_NAME)
    tensor = cast.output[0]
    while cast.op_type == "Cast":
        readers = graph.consumers(model, tensor)
        if len(readers) != 1 or readers[0].op_type not in ("Mul", "Add"):
            break
        node = readers[0]
        if node.input[0] != tensor or node.input[1] not in known or known[node.input[1]].size != 1:
            break
        chain.append(node)
        tensor = node.output[0]
    return chain


def _next_convolution(model: onnx.ModelProto, tensor: str) -> onnx.NodeProto | None:
    """The one convolution with constant weights that reads a tensor, directly or through a Reshape."""
    readers = graph.consumers(model, tensor)
    while len(readers) == 1 and readers[0].op_type in ("Reshape", "Transpose"):
        readers = graph.consumers(model, readers[0].output[0])
    if len(readers) != 1 or readers[0].op_type != "Conv" or readers[0].input[1] not in graph.constants(model):
        return None
    return readers[0]


def _is_unpadded(convolution: onnx.NodeProto) -> bool:
    attributes = {item.name: item for item in convolution.attribute}
    automatic = attributes["auto_pad"].s.decode() if "auto_pad" in attributes else "NOTSET"
    pads = list(attributes["pads"].ints) if "pads" in attributes else []
    return automatic in ("NOTSET", "VALID") and not any(pads)


def _add_to_bias(
    model: onnx.ModelProto, convolution: onnx.NodeProto, known: dict[str, NDArray], amount: NDArray
) -> None:
    if len(convolution.input) > 2:
        name, bias = convolution.input[2], known[convolution.input[2]]
    else:
        name, bias = f"{convolution.output[0]}/bias", np.zeros(len(amount), np.float32)
        convolution.input.append(name)
    graph.set_constant(model, name, (bias + amount).astype(np.float32))
