"""Tests of ``edge_runtime``."""
