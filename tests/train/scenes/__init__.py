"""Tests of ``train.scenes``."""
