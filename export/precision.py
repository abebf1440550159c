"""Which nodes of a model compute in 8 bits, which in fp32, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import onnx

from . import graph

_ROUNDING: Final = ("QuantizeLinear", "DequantizeLinear")
_REASONS: Final = {
    "Cast": "bytes of the strip become floats for the first convolution",
    "Conv": "one input channel: the 8-bit kernel takes much longer",
    "Relu": "fused with the convolution before it, or keeps a pool in floats",
    "MaxPool": "between the fp32 convolution and the first rounding: bytes in this layout are pooled slowly",
    "Softmax": "probabilities and attention keep their resolution",
    "MatMul": "a product of two activations: small, and it wants precision",
    "Add": "scores that a softmax reads keep their resolution",
    "Gemm": "gives scores that a softmax reads",
    "Reshape": "moves no data",
    "Split": "moves no data worth rounding",
    "Transpose": "moves data once, before the first rounding",
}
_UNSEEN: Final = "no 8-bit form in this graph"


@dataclass(frozen=True)
class NodePrecision:
    """precision: ``8 bits`` or ``fp32``; reason: why fp32, empty for 8 bits."""

    name: str
    op: str
    precision: str
    reason: str


def node_precisions(model: onnx.ModelProto) -> list[NodePrecision]:
    """Every node but the roundings, in the graph's order; a node between roundings computes in 8 bits."""
    made_by = graph.producers(model)
    found = []
    for node in model.graph.node:
        if node.op_type in _ROUNDING:
            continue
        source = made_by.get(node.input[0])
        in_bytes = source is not None and source.op_type == "DequantizeLinear"
        reason = "" if in_bytes else _REASONS.get(node.op_type, _UNSEEN)
        found.append(NodePrecision(node.name, node.op_type, "8 bits" if in_bytes else "fp32", reason))
    return found


def summary(nodes: Sequence[NodePrecision]) -> list[tuple[str, str, int, str]]:
    """Op, precision, how many, reason; 8 bits first, then by op."""
    counts = Counter((node.precision, node.op, node.reason) for node in nodes)
    return [(op, precision, count, reason) for (precision, op, reason), count in sorted(counts.items())]
