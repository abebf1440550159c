"""Small operations on ONNX graphs that every step of the export shares."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper, shape_inference

from edge_runtime.core.errors import ModelError
from edge_runtime.recognition.contract import (
    BATCH_SYMBOL,
    CLASSES,
    INPUT_NAME,
    METADATA_KEY,
    OUTPUT_NAMES,
    STRIP_HEIGHT,
    STRIP_WIDTH,
    ModelSpec,
)


def constants(model: onnx.ModelProto) -> dict[str, NDArray]:
    """The initializers by tensor name."""
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def set_constant(model: onnx.ModelProto, name: str, value: NDArray) -> None:
    """Add an initializer, or replace the one of this name."""
    tensor = numpy_helper.from_array(np.ascontiguousarray(value), name)
    for existing in model.graph.initializer:
        if existing.name == name:
            existing.CopyFrom(tensor)
            return
    model.graph.initializer.append(tensor)


def producers(model: onnx.ModelProto) -> dict[str, onnx.NodeProto]:
    """The node that makes each tensor."""
    return {name: node for node in model.graph.node for name in node.output}


def consumers(model: onnx.ModelProto, tensor: str) -> list[onnx.NodeProto]:
    """The nodes that read a tensor."""
    return [node for node in model.graph.node if tensor in node.input]


def bypass(model: onnx.ModelProto, node: onnx.NodeProto) -> None:
    """Take a node out: whoever read its first output reads its first input."""
    for reader in consumers(model, node.output[0]):
        for position, name in enumerate(reader.input):
            if name == node.output[0]:
                reader.input[position] = node.input[0]
    model.graph.node.remove(node)


def drop_unused(model: onnx.ModelProto) -> None:
    """Keep the nodes and initializers that the outputs depend on, in an order that depends on the graph alone.

    Every node stands behind what it reads; the outputs are followed up in the order of their names.
    """
    made_by = producers(model)
    kept: list[onnx.NodeProto] = []
    used: set[str] = set()
    pending = sorted((output.name for output in model.graph.output), reverse=True)
    while pending:
        node = made_by.get(pending[-1])
        missing = [name for name in node.input if name not in used] if node is not None else []
        if missing:
            pending.extend(reversed(missing))
            continue
        name = pending.pop()
        if node is not None and name not in used:
            kept.append(node)
            used.update(node.output)
        used.add(name)
    for node in kept:
        _replace(node.attribute, sorted(node.attribute, key=lambda attribute: attribute.name))
    _replace(model.graph.node, kept)
    _replace(model.graph.initializer, [tensor for tensor in model.graph.initializer if tensor.name in used])


def rename_inner_tensors(model: onnx.ModelProto) -> None:
    """Number nodes, constants and inner tensors in the order of the graph.

    Converters count on through a process, so that their names and notes, and with them the file's bytes,
    depend on what was converted before.
    """
    model.graph.name = "digits"
    model.graph.doc_string = ""
    public = {value.name for value in (*model.graph.input, *model.graph.output)}
    names = {name: name for name in public | {""}}
    counts: Counter[str] = Counter()
    is_constant = {tensor.name for tensor in model.graph.initializer}
    for node in model.graph.node:
        kind = node.op_type.lower()
        node.name = f"{kind}_{counts[kind]}"
        for position, name in enumerate(node.input):
            if name in is_constant:
                names.setdefault(name, f"{node.name}.{position}")
            node.input[position] = names[name]
        for position, name in enumerate(node.output):
            node.output[position] = names.setdefault(name, f"{node.name}:{position}")
        counts[kind] += 1
    for tensor in model.graph.initializer:
        tensor.name = names[tensor.name]
    _replace(model.graph.initializer, sorted(model.graph.initializer, key=lambda tensor: tensor.name))
    del model.graph.value_info[:]


def set_signature(model: onnx.ModelProto) -> None:
    """Write the contract's shapes on inputs and outputs, with one symbol for the batch.

    Raises ``ModelError`` where names or types are not the contract's; the shapes themselves are proved by
    running the model, in the parity gate.
    """
    found = [[value.name for value in values] for values in (model.graph.input, model.graph.output)]
    names = [[INPUT_NAME], list(OUTPUT_NAMES)]
    if [sorted(group) for group in found] != names:
        raise ModelError(f"exported graph: inputs and outputs are {found}, the contract has {names}")
    by_name = {value.name: value for value in model.graph.output}
    _replace(model.graph.output, [by_name[name] for name in OUTPUT_NAMES])
    expected: dict[str, tuple[int, tuple[int, ...]]]
    expected = {INPUT_NAME: (onnx.TensorProto.UINT8, (STRIP_HEIGHT, STRIP_WIDTH, 1))}
    expected |= dict.fromkeys(OUTPUT_NAMES, (onnx.TensorProto.FLOAT, (CLASSES,)))
    type_name = onnx.TensorProto.DataType.Name
    for value in (*model.graph.input, *model.graph.output):
        element, shape = expected[value.name]
        got = value.type.tensor_type.elem_type
        if got != element:
            raise ModelError(f"exported graph: {value.name} is {type_name(got)}, expected {type_name(element)}")
        value.CopyFrom(onnx.helper.make_tensor_value_info(value.name, element, (BATCH_SYMBOL, *shape)))


def tidied(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model without what nothing reads, with plain names, the contract's signature and the shapes filled in.

    ONNX's own checker must pass it. Raises ``ModelError`` like ``set_signature``.
    """
    drop_unused(model)
    rename_inner_tensors(model)
    set_signature(model)
    onnx.checker.check_model(model, full_check=True)
    return shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)


def set_spec(model: onnx.ModelProto, spec: ModelSpec) -> None:
    """Clear the metadata, then write the spec, read back and validated."""
    document = spec.to_json()
    ModelSpec.from_json(document)
    del model.metadata_props[:]
    model.metadata_props.add(key=METADATA_KEY, value=document)


def serialise(model: onnx.ModelProto) -> bytes:
    """The file's bytes; the same graph always gives the same."""
    return model.SerializeToString(deterministic=True)


def sha256(content: bytes) -> str:
    """Hexadecimal SHA-256, as ``sha256sum`` prints it."""
    return hashlib.sha256(content).hexdigest()


def count_ops(model: onnx.ModelProto) -> dict[str, int]:
    """How many nodes of each type, sorted by type."""
    return dict(sorted(Counter(node.op_type for node in model.graph.node).items()))


def _replace(field: object, items: Iterable) -> None:
    """Set a repeated protobuf field to copies of ``items``."""
    copies = [type(item).FromString(item.SerializeToString()) for item in items]
    del field[:]  # type: ignore[attr-defined]
    field.extend(copies)  # type: ignore[attr-defined]
