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
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Scheme:
    """How 8 bits are used.

    ``reduce_range`` gives weights 7 bits: x86 processors without VNNI add pairs of products in 16 bits and
    saturate with 8. ``method`` finds the ranges of activations; cutting off the outermost 0.001 % moved the
    probabilities a fifth less than ranges from minimum to maximum did. ``signed`` gives activations a sign (S8S8):
    kernels of some ARM processors want it, those of x86 do not.
    """

    reduce_range: bool
    per_channel: bool = True
    method: str = "Percentile"
    signed: bool = False

    def __str__(self) -> str:
        kinds = "S8S8" if self.signed else "U8S8"
        weights = f"{7 if self.reduce_range else 8}-bit weights{' per channel' if self.per_channel else ''}"
        return f"QDQ {kinds}, {weights}, {self.method}"


def quantize(fp32: onnx.ModelProto, calibration_nhw: NDArray[np.uint8], scheme: Scheme) -> onnx.ModelProto:
    """The 8-bit twin of a model; ranges are measured on strips uint8 [N, 28, 140]."""
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
                activation_type=QuantType.QInt8 if scheme.signed else QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                per_channel=scheme.per_channel,
                reduce_range=scheme.reduce_range,
                calibrate_method=CalibrationMethod[scheme.method],
                op_types_to_quantize=_QUANTIZED_OPS,
                nodes_to_exclude=_kept_in_fp32(onnx.load(prepared)),
            )
        model = onnx.load(target)
    keep_softmax_inputs(model)
    shield_first_pool(model)
    graph.drop_unused(model)
    graph.rename_inner_tensors(model)
    graph.set_signature(model)
    return graph.infer_shapes(model)


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
