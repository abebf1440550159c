"""Tests of ``train.fitting``."""
