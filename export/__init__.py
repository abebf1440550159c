"""Keras → ONNX → 8 bits, each step behind a gate: ``python -m export runs/NAME [--install]``."""
