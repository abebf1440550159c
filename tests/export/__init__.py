"""Tests of ``export``."""
