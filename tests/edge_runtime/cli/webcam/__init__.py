"""Tests of ``edge_runtime.cli.webcam``."""
