"""fp32 ONNX → 8 bits: static, QDQ, unsigned activations and signed weights (U8S8).

Of the formats of ONNX Runtime this one is the fastest on x86 and serves ARM as well. The first convolution
stays in fp32, and so do each softmax and the scores that it reads, so that confidences keep their
resolution: the attention over the strip's width, and the heads.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from edge_runtime.recognition.contract import INPUT_NAME

from . import graph

_BATCH: Final = 100  # calibration strips per run
_QUANTIZED_OPS: Final = ["Conv", "Gemm", "MatMul", "MaxPool", "AveragePool", "Relu", "Reshape", "Transpose"]
_ROUNDING: Final = ("QuantizeLinear", "DequantizeLinear")


def scheme_name(weight_bits: int) -> str:
    """What the report calls it."""
    return f"QDQ U8S8, {weight_bits}-bit weights per channel, Percentile"


def quantize(fp32: onnx.ModelProto, calibration_nhw: NDArray[np.uint8], weight_bits: int) -> onnx.ModelProto:
    """The 8-bit twin of a model; ranges are measured on strips uint8 [N, 28, 140].

    weight_bits: 7 or 8. x86 processors without VNNI add pairs of products in 16 bits and saturate with 8.
    Ranges of activations leave out the outermost 0.001 %: that moved the probabilities a fifth less than ranges from
    minimum to maximum did.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, prepared, target = (Path(folder) / name for name in ("fp32.onnx", "prepared.onnx", "int8.onnx"))
        onnx.save(fp32, source)
        # Symbolic shape inference wants sympy, and a network with one free dimension does not need it.
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        with contextlib.redirect_stdout(io.StringIO()):  # the calibrator prints its progress there
            quantize_static(
                prepared,
                target,
                _Strips(calibration_nhw),
                quant_format=QuantFormat.QDQ,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                per_channel=True,
                reduce_range=weight_bits == 7,
                calibrate_method=CalibrationMethod.Percentile,
                op_types_to_quantize=_QUANTIZED_OPS,
                nodes_to_exclude=_kept_in_fp32(onnx.load(prepared)),
            )
        model = onnx.load(target)
    keep_softmax_inputs(model)
    shield_first_pool(model)
    return graph.tidied(model)


def keep_softmax_inputs(model: onnx.ModelProto) -> None:
    """Take out the rounding to 8 bits between a softmax and the product that feeds it."""
    made_by = graph.producers(model)
    for softmax in [node for node in model.graph.node if node.op_type == "Softmax"]:
        pending = [softmax]
        while pending:
            node = pending.pop()
            for position, name in enumerate(node.input):
                node.input[position] = name = _before_rounding(made_by, name)
                if name in made_by and made_by[name].op_type in ("Reshape", "Add"):
                    pending.append(made_by[name])


def _before_rounding(made_by: dict[str, onnx.NodeProto], tensor: str) -> str:
    """The tensor that a QuantizeLinear-DequantizeLinear pair rounds, or the tensor itself where there is none."""
    expand = made_by.get(tensor)
    if expand is None or expand.op_type != "DequantizeLinear":
        return tensor
    rounding = made_by.get(expand.input[0])
    return tensor if rounding is None or rounding.op_type != "QuantizeLinear" else rounding.input[0]


def shield_first_pool(model: onnx.ModelProto) -> None:
    """Keep ONNX Runtime from rounding before a pool that stays in fp32.

    It moves a rounding backwards through a pool, and then pools bytes in fp32's layout, ten times more slowly than
    floats. A second ReLU behind the pool, which changes nothing, is where it stops.
    """
    made_by = graph.producers(model)
    for place, pool in enumerate(model.graph.node):
        if pool.op_type == "MaxPool" and made_by[pool.input[0]].op_type == "Relu":
            shield = f"{pool.output[0]}_shielded"
            for node in model.graph.node:
                node.input[:] = [shield if name == pool.output[0] else name for name in node.input]
            model.graph.node.insert(place + 1, helper.make_node("Relu", [pool.output[0]], [shield], name=shield))
            return


def node_precisions(model: onnx.ModelProto) -> dict[str, dict[str, int]]:
    """How many nodes of each type compute in ``8 bits`` and in ``fp32``, roundings left out.

    A node whose input comes from a rounding computes in 8 bits.
    """
    made_by = graph.producers(model)
    counts: dict[str, dict[str, int]] = {"8 bits": {}, "fp32": {}}
    for node in sorted(model.graph.node, key=lambda node: node.op_type):
        if node.op_type not in _ROUNDING:
            source = made_by.get(node.input[0])
            of_kind = counts["8 bits" if source is not None and source.op_type == "DequantizeLinear" else "fp32"]
            of_kind[node.op_type] = of_kind.get(node.op_type, 0) + 1
    return counts


def _kept_in_fp32(model: onnx.ModelProto) -> list[str]:
    """The nodes that are not worth 8 bits, or not good enough with them.

    The first convolution, which has one channel: ONNX Runtime's 8-bit kernel takes much longer there. A pool
    right after it (see ``shield_first_pool``), which leaves fewer values to round. Products without a constant side,
    attention times features: cheap, and they want precision.
    """
    known = graph.constants(model)
    first = [node for node in model.graph.node if node.op_type == "Conv"][:1]
    if first:
        first += _followers(model, first[0])
    products = [node for node in model.graph.node if node.op_type == "MatMul" and not known.keys() & set(node.input)]
    return [node.name for node in first + products]


def _followers(model: onnx.ModelProto, node: onnx.NodeProto) -> list[onnx.NodeProto]:
    """The activation and the pool that follow a convolution, or nothing where no pool follows."""
    found = []
    for kind in ("Relu", "MaxPool"):
        after = graph.consumers(model, node.output[0])
        if len(after) == 1 and after[0].op_type == kind:
            node = after[0]
            found.append(node)
    return found if found and found[-1].op_type == "MaxPool" else []


class _Strips(CalibrationDataReader):
    """Feeds the calibration strips in batches, in their order."""

    def __init__(self, strips_nhw: NDArray[np.uint8]) -> None:
        starts = range(0, len(strips_nhw), _BATCH)
        self._feeds: Iterator[dict[str, NDArray[np.uint8]]] = iter(
            [{INPUT_NAME: strips_nhw[start : start + _BATCH, ..., None]} for start in starts]
        )

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        return next(self._feeds, None)
