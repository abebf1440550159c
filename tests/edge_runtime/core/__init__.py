"""Tests of ``edge_runtime.core``."""
