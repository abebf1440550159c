"""Files of networks, timed in turns on one strip and one thread, beside the notebook's network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.core.turns import time_in_turns
from benchmarks.latency.runtimes import onnx_runtime
from export import convert, graph
from train.model.network import build

_BASELINE: Final = "notebook"
_INPUTS: Final = 8  # different strips that the turns go through


def strip_latencies(
    files: Mapping[str, Mapping[str, bytes]], strips: NDArray[np.uint8], seconds: float
) -> list[dict[str, Any]]:
    """Of each network its files' median latencies in ONNX Runtime, and how they compare with the notebook's.

    files: contents by network and kind (``fp32``, ``int8``, …); strips: uint8 [N, 28, 140].
    The notebook's network is in fp32, with weights by chance, on which its speed does not depend.
    """
    contenders = [onnx_runtime(_BASELINE, "fp32", graph.serialise(convert.to_onnx(build(_BASELINE))), 1)]
    contenders += [onnx_runtime(name, kind, data, 1) for name, kinds in files.items() for kind, data in kinds.items()]
    inputs = [strips[row : row + 1, ..., None] for row in range(_INPUTS)]
    timings = time_in_turns([item.run for item in contenders], inputs, seconds)
    p50_us = {(item.network, item.precision): t.p50_us for item, t in zip(contenders, timings, strict=True)}
    reference = p50_us[_BASELINE, "fp32"]
    return [
        {
            "p50_us": {kind: round(p50_us[name, kind], 1) for kind in kinds},
            "faster_than_notebook": {kind: round(reference / p50_us[name, kind], 2) for kind in kinds},
        }
        for name, kinds in files.items()
    ]
