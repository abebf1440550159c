"""Measurements of the shipped models: ``python -m benchmarks``."""
