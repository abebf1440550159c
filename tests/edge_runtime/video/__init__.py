"""Tests of ``edge_runtime.video``."""
