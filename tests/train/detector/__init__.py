"""Tests of ``train.detector``."""
