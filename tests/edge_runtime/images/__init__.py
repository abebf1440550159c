"""Tests of ``edge_runtime.images``."""
