"""Tests of ``train.datasets``."""
