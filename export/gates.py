"""The two conditions under which a model may be installed. A gate that does not hold raises ``ModelError``."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.errors import ModelError

from . import score

PARITY_TOLERANCE: Final = 1e-4  # largest absolute difference of a probability, ONNX against Keras
MAX_ACCURACY_LOSS: Final = 0.002  # whole-string accuracy on the test strips that 8 bits may cost: 0.2 points


def check_parity(keras: NDArray[np.float32], fp32: NDArray[np.float32]) -> None:
    """Both float32 [N, 5, 11] on the same strips: equal within the tolerance, and the same text everywhere."""
    if keras.shape != fp32.shape:
        raise ModelError(f"parity gate: Keras gives {keras.shape}, ONNX {fp32.shape}")
    difference = score.max_difference(keras, fp32)
    if not difference <= PARITY_TOLERANCE:  # written so that NaN fails
        raise ModelError(
            f"parity gate: fp32 ONNX differs from Keras by {difference:.2e} (at most {PARITY_TOLERANCE:.0e}); "
            "the conversion changed the network, look at the layers added last"
        )
    pairs = zip(score.texts(keras), score.texts(fp32), strict=True)
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
