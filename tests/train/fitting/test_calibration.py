"""Coverage, threshold and calibration error against cases worked out by hand."""

import numpy as np
import pytest

from train.fitting.calibration import calibration_error, coverage, threshold_for

CONFIDENCE = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
RIGHT = np.array([True, True, False, True, False])


@pytest.mark.parametrize(("precision", "share"), [(1.0, 0.4), (0.75, 0.8), (0.7, 0.8), (0.6, 1.0), (0.5, 1.0)])
def test_coverage_is_the_largest_share_that_keeps_the_precision(precision, share):
    assert coverage(CONFIDENCE, RIGHT, precision) == share


def test_coverage_does_not_depend_on_the_order_and_may_be_nothing():
    order = [3, 1, 4, 0, 2]
    assert coverage(CONFIDENCE[order], RIGHT[order], 0.75) == 0.8
    assert coverage(np.array([0.9, 0.5]), np.array([False, True]), 1.0) == 0.0


def test_threshold_accepts_exactly_what_coverage_counts():
    threshold = threshold_for(CONFIDENCE, RIGHT, 0.75)
    assert threshold == 0.6
    accepted = float(np.greater_equal(CONFIDENCE, threshold).mean())
    assert accepted == coverage(CONFIDENCE, RIGHT, 0.75)


def test_threshold_is_one_where_the_precision_cannot_be_had():
    assert threshold_for(np.array([0.9]), np.array([False]), 0.99) == 1.0


def test_calibration_error_of_an_honest_and_of_a_boasting_confidence():
    honest = np.full(100, 0.75)
    right = np.arange(100) < 75
    assert calibration_error(honest, right) == pytest.approx(0.0, abs=1e-9)
    assert calibration_error(np.full(100, 0.95), right) == pytest.approx(0.2)
