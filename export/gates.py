"""What is measured of a model, and the conditions under which it may be installed.

A gate that does not hold raises ``ModelError``.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from edge_runtime.core.errors import ModelError
from edge_runtime.recognition.contract import BLANK, INPUT_NAME, OUTPUT_NAMES, decode_classes
from edge_runtime.recognition.decode import decode

PARITY_TOLERANCE: Final = 1e-4  # largest absolute difference of a probability, ONNX against Keras
MAX_ACCURACY_LOSS: Final = 0.002  # whole-string accuracy on the test strips that 8 bits may cost: 0.2 points
FLOOR: Final = 0.5
"""The least whole-string accuracy on validation strips of the run's own recipe.

Chance reads one strip in a thousand; a network that was shown 0.8 million wild strips reads three of four.
"""
_BATCH: Final = 64  # strips per call; larger ones do not fit the cache and are slower


def check_parity(keras: NDArray[np.float32], fp32: NDArray[np.float32]) -> None:
    """Both float32 [N, 5, 11] on the same strips: equal within the tolerance, and the same text everywhere."""
    if keras.shape != fp32.shape:
        raise ModelError(f"parity gate: Keras gives {keras.shape}, ONNX {fp32.shape}")
    difference = max_difference(keras, fp32)
    if not difference <= PARITY_TOLERANCE:  # written so that NaN fails
        raise ModelError(
            f"parity gate: fp32 ONNX differs from Keras by {difference:.2e} (at most {PARITY_TOLERANCE:.0e}); "
            "the conversion changed the network, look at the layers added last"
        )
    pairs = zip(texts(keras), texts(fp32), strict=True)
    unequal = [(index, one, other) for index, (one, other) in enumerate(pairs) if one != other]
    if unequal:
        index, one, other = unequal[0]
        raise ModelError(
            f"parity gate: {len(unequal)} of {len(keras)} strips read differently; "
            f"strip {index}: Keras {one!r}, fp32 ONNX {other!r}"
        )


def check_accuracy(fp32_accuracy: float, int8_accuracy: float) -> None:
    """Whole-string accuracies (0 to 1) on the test strips: 8 bits may lose 0.2 points, no more."""
    loss = fp32_accuracy - int8_accuracy
    if not loss <= MAX_ACCURACY_LOSS + 1e-12:
        raise ModelError(
            f"accuracy gate: int8 reads {int8_accuracy:.2%} of the test strips, fp32 {fp32_accuracy:.2%}: "
            f"{loss * 100:.2f} points lost, at most {MAX_ACCURACY_LOSS * 100:.1f} allowed"
        )


def check_floor(accuracy: float, floor: float, strips: str) -> None:
    """The network's whole-string accuracy (0 to 1) on ``strips`` must reach the floor."""
    if not accuracy >= floor:
        raise ModelError(
            f"floor gate: the network reads {accuracy:.2%} of {strips}, at least {floor:.2%} are wanted; "
            "train longer, or lower the gate with --floor"
        )


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
