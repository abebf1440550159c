"""Tests of ``study``."""
