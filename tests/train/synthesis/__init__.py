"""Tests of ``train.synthesis``."""
