"""Measurements of the shipped models: ``python -m benchmarks``."""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # as edge_runtime.recognition.model, for modules that load it alone
