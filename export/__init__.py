"""Keras → ONNX → 8 bits, each step behind a gate: ``python -m export runs/NAME [--install]``."""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # as edge_runtime/model.py, for modules that load it alone
