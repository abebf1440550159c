"""A small network of the contract as the converter leaves it: computed shapes, scaling, channels moved last."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import numpy_helper, parser

from edge_runtime.recognition.contract import BLANK
from export.convert import finish

HEADS = "\n".join(
    f"  raw{k} = MatMul(flat, w{k}) score{k} = Add(raw{k}, b{k}) digit{k} = Softmax(score{k})" for k in range(1, 6)
)
NETWORK = f"""
<ir_version: 8, opset_import: ["" : 17]>
net (uint8[n, 28, 140, 1] strip) => ({", ".join(f"float[m{k}, 11] digit{k}" for k in range(1, 6))}) {{
  pixels = Cast<to = 1>(strip)
  scaled = Mul(pixels, third)
  shifted = Add(scaled, offset)
  image = Reshape(shifted, planes)
  seen = Conv<strides = [7, 7]>(image, kernel, kernel_bias)
  active = Relu(seen)
  moved = Transpose<perm = [0, 2, 3, 1]>(active)
  back = Transpose<perm = [0, 3, 1, 2]>(moved)
  flat = Reshape(back, flattened)
{HEADS}
}}
"""
FEATURES = 4 * 20 * 16


def converted(seed: int = 7) -> onnx.ModelProto:
    rng = np.random.default_rng(seed)
    model = parser.parse_model(NETWORK)
    values = {
        "third": np.float32(1 / 300),
        "offset": np.float32(-0.25),
        "planes": np.array([-1, 1, 28, 140], np.int64),
        "flattened": np.array([-1, FEATURES], np.int64),
        "kernel": rng.normal(0, 0.4, (16, 1, 7, 7)).astype(np.float32),
        "kernel_bias": rng.normal(0, 0.1, 16).astype(np.float32),
    }
    for head in range(1, 6):
        values[f"w{head}"] = rng.normal(0, 0.15, (FEATURES, 11)).astype(np.float32)
        values[f"b{head}"] = rng.normal(0, 0.1, 11).astype(np.float32)
    model.graph.initializer.extend(numpy_helper.from_array(np.asarray(value), name) for name, value in values.items())
    return model


def finished() -> onnx.ModelProto:
    return finish(converted())


def noise() -> np.ndarray:
    """Strips that no network was made for, uint8 [40, 28, 140]."""
    return np.random.default_rng(3).integers(0, 256, (40, 28, 140)).astype(np.uint8)


def answers(texts: list[str], confidence: float = 0.9) -> np.ndarray:
    """Probabilities float32 [N, 5, 11] that decode to the texts."""
    probabilities = np.full((len(texts), 5, 11), (1 - confidence) / 10, np.float32)
    for row, text in enumerate(texts):
        for slot, char in enumerate(text.rjust(5)):
            probabilities[row, slot, BLANK if char == " " else int(char)] = confidence
    return probabilities
