"""Tests of ``edge_runtime.detection``."""
