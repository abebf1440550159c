"""A small network of the contract for tests, and strips that it can read.

The strip's 140 columns are five cells of 28. A dark cell is blank; brighter ones are 0 to 9 in eleven
even steps. So a test can write any label, blanks in odd places included, and any doubt, as grey values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from edge_runtime.recognition.contract import BLANK, INPUT_NAME, METADATA_KEY, OUTPUT_NAMES, ModelSpec
from edge_runtime.recognition.strip import STRIP_VERSION

LEVELS = 11  # blank and ten digits
SHARPNESS = 12.0  # of the softmax over the squared distance of a cell's level to a class


def spec(**changes: object) -> ModelSpec:
    return ModelSpec(**{"name": "tiny", "strip_version": STRIP_VERSION, **changes})  # type: ignore[arg-type]


def write_model(
    path: Path,
    document: str | None = None,
    *,
    names: Mapping[str, str] | None = None,
    input_type: int = TensorProto.UINT8,
    batch: int | str = "N",
    width: int = 140,
    logits: bool = False,
) -> Path:
    """Write the network; the keywords make it break the contract in one way each."""
    renamed = {name: (names or {}).get(name, name) for name in (INPUT_NAME, *OUTPUT_NAMES)}
    # Class c stands at level c + 1, blank at level 0.
    centres = np.array([[(c + 1) % LEVELS for c in range(LEVELS)]], np.float32)
    constants = {
        "cells": np.array([0, 28, 5, width // 5], np.int64),
        "levels": np.array((LEVELS - 1) / 255, np.float32),
        "centres": centres,
        "sharpness": np.array(-SHARPNESS, np.float32),
    }
    nodes = [
        helper.make_node("Cast", [renamed[INPUT_NAME]], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["pixels", "cells"], ["cut"]),
        helper.make_node("ReduceMean", ["cut"], ["means"], axes=[1, 3], keepdims=0),
        helper.make_node("Mul", ["means", "levels"], ["level"]),
    ]
    outputs = []
    for slot, name in enumerate(OUTPUT_NAMES):
        constants[f"slot{slot}"] = np.array([slot], np.int64)
        nodes += [
            helper.make_node("Gather", ["level", f"slot{slot}"], [f"at{slot}"], axis=1),
            helper.make_node("Sub", [f"at{slot}", "centres"], [f"off{slot}"]),
            helper.make_node("Mul", [f"off{slot}", f"off{slot}"], [f"square{slot}"]),
            helper.make_node("Mul", [f"square{slot}", "sharpness"], [f"logits{slot}"]),
            helper.make_node("Identity" if logits else "Softmax", [f"logits{slot}"], [renamed[name]]),
        ]
        outputs.append(helper.make_tensor_value_info(renamed[name], TensorProto.FLOAT, [batch, LEVELS]))
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(renamed[INPUT_NAME], input_type, [batch, 28, width, 1])],
        outputs,
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    if document is None:
        document = spec().to_json()
    if document:
        helper.set_model_props(model, {METADATA_KEY: document})
    onnx.save(model, path)
    return path


def draw_strip(classes: Iterable[float]) -> np.ndarray:
    """uint8 [28, 140] that the network reads as these five classes (10 is blank, halves are doubts)."""
    cells = [np.full((28, 28), round((c + 1) % LEVELS * 255 / (LEVELS - 1)), np.uint8) for c in classes]
    return np.hstack(cells)


def strip_of(text: str) -> np.ndarray:
    """The strip of a label, blanks on the left."""
    return draw_strip([BLANK] * (5 - len(text)) + [int(char) for char in text])


def random_strips(count: int) -> np.ndarray:
    """uint8 [count, 28, 140], always the same."""
    return np.random.default_rng(1).integers(0, 256, (count, 28, 140), np.uint8)
