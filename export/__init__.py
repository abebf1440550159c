"""Keras → ONNX → 8 bits, each step behind a gate: ``python -m export runs/NAME [--install]``.

In: a run folder. Out: an fp32 and an int8 ONNX file of the contract, their hashes and a model card.
"""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # as edge_runtime.recognition.model, for modules that load it alone
