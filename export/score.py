"""Probabilities of an ONNX model, and the figures that the gates and the report are made of."""

from __future__ import annotations

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from edge_runtime.recognition.contract import BLANK, INPUT_NAME, OUTPUT_NAMES, decode_classes
from edge_runtime.recognition.decode import decode

_BATCH = 64  # strips per call; larger ones do not fit the cache and are slower


def probabilities(content: bytes, strips_nhw: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Run a serialised ONNX model on strips uint8 [N, 28, 140]; float32 [N, 5, 11].

    One thread, so that the same file gives the same sums on every run.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    parts = [
        np.stack(session.run(OUTPUT_NAMES, {INPUT_NAME: strips_nhw[start : start + _BATCH, ..., None]}), axis=1)
        for start in range(0, len(strips_nhw), _BATCH)
    ]
    return np.concatenate(parts)


def texts(probabilities_nsc: NDArray[np.float32]) -> list[str]:
    """What the runtime's own decoder reads in each strip; empty where it sees no number."""
    return [reading.text for reading in decode(probabilities_nsc)]


def whole_string_accuracy(probabilities_nsc: NDArray[np.float32], labels: NDArray[np.uint8]) -> float:
    """Share of strips, 0 to 1, whose text equals the label's."""
    expected = [decode_classes(row) for row in labels]
    return float(np.mean([got == want for got, want in zip(texts(probabilities_nsc), expected, strict=True)]))


def accuracy_by_length(probabilities_nsc: NDArray[np.float32], labels: NDArray[np.uint8]) -> dict[str, float]:
    """``whole_string_accuracy`` of the strips of each number of digits, by that number."""
    lengths = (labels != BLANK).sum(axis=1)
    return {
        str(length): whole_string_accuracy(probabilities_nsc[lengths == length], labels[lengths == length])
        for length in np.unique(lengths)
    }


def head_accuracy(probabilities_nsc: NDArray[np.float32], labels: NDArray[np.uint8]) -> float:
    """Mean over the five heads of the share of right classes, 0 to 1; blanks count."""
    return float((probabilities_nsc.argmax(axis=2) == labels).mean())


def agreement(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Share of strips, 0 to 1, that two models read as the same text."""
    return float(np.mean([one == other for one, other in zip(texts(first), texts(second), strict=True)]))


def max_difference(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Largest absolute difference between two models' probabilities."""
    return float(np.abs(first.astype(np.float64) - second).max())
