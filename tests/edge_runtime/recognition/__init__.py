"""Tests of ``edge_runtime.recognition``."""
