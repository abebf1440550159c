"""Tests of ``edge_runtime.batch``."""
