"""The gates, and the figures that they are made of."""

import numpy as np
import pytest

from edge_runtime import ModelError
from edge_runtime.recognition.contract import BLANK
from export import gates

from .small_network import answers


def test_parity_gate_passes_within_the_tolerance():
    expected = answers(["12", "", "99999"])
    gates.check_parity(expected, expected + np.float32(0.9e-4))


@pytest.mark.parametrize("amount", [2e-4, np.nan])
def test_parity_gate_fails_beyond_the_tolerance(amount):
    expected, got = answers(["12", "345"]), answers(["12", "345"])
    got[1, 4, 3] += amount
    with pytest.raises(ModelError, match="parity gate"):
        gates.check_parity(expected, got)


def test_parity_gate_fails_where_the_text_differs_by_a_hair():
    expected, got = answers(["12"], 0.5), answers(["12"], 0.5)
    expected[0, 4, [2, 3]] = 0.45001, 0.44999
    got[0, 4, [2, 3]] = 0.44999, 0.45001
    with pytest.raises(ModelError, match=r"1 of 1 strips.*'12'.*'13'"):
        gates.check_parity(expected, got)


def test_accuracy_gate_allows_two_tenths_of_a_point():
    gates.check_accuracy(0.970, 0.968)
    gates.check_accuracy(0.970, 0.980)
    with pytest.raises(ModelError, match=r"accuracy gate.*0\.21 points"):
        gates.check_accuracy(0.9700, 0.9679)
    with pytest.raises(ModelError, match="accuracy gate"):
        gates.check_accuracy(0.97, float("nan"))


def test_floor_gate_says_both_numbers():
    gates.check_floor(0.5, 0.5, "2000 strips")
    with pytest.raises(ModelError, match=r"reads 49\.90% of 2000 strips, at least 50\.00% are wanted.*--floor"):
        gates.check_floor(0.499, 0.5, "2000 strips")
    with pytest.raises(ModelError, match="floor gate"):
        gates.check_floor(float("nan"), 0.0, "2000 strips")


def test_accuracy_counts_whole_texts_and_is_told_by_length():
    labels = np.array([[BLANK, BLANK, BLANK, 1, 2], [BLANK] * 5, [9, 9, 9, 9, 9]])
    got = answers(["12", "", "99998"])
    assert gates.whole_string_accuracy(got, labels) == pytest.approx(2 / 3)
    assert gates.head_accuracy(got, labels) == pytest.approx(14 / 15)
    assert gates.accuracy_by_length(got, labels) == {"0": 1.0, "2": 1.0, "5": 0.0}
    assert gates.agreement(got, answers(["12", "7", "99998"])) == pytest.approx(2 / 3)
