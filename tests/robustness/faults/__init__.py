"""Damage and disturbance that the tests of robustness share."""
