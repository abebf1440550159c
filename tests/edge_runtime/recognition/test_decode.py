"""Probabilities -> readings."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from edge_runtime.recognition.contract import BLANK, CLASSES, SLOTS, encode_label
from edge_runtime.recognition.decode import decode, join


def peaked(classes: tuple[int, ...], peak: float = 0.9) -> np.ndarray:
    """[1, 5, 11] with one class of each slot at ``peak`` and the rest even."""
    slots = np.full((1, SLOTS, CLASSES), (1 - peak) / (CLASSES - 1), np.float32)
    slots[0, range(SLOTS), classes] = peak
    return slots


@pytest.mark.parametrize("text", ["", "0", "7", "42", "007", "1234", "98765"])
def test_every_length_comes_out_as_written(text: str) -> None:
    (reading,) = decode(peaked(encode_label(text)), threshold=0.5)
    assert reading.text == text
    assert reading.digits == tuple(int(char) for char in text)
    assert reading.confidence == pytest.approx(0.9**5, abs=1e-6)  # blanks count too
    assert reading.digit_confidences == pytest.approx([0.9] * len(text), abs=1e-6)
    assert reading.box is None


def test_no_strips_no_readings() -> None:
    assert decode(np.zeros((0, SLOTS, CLASSES), np.float32), threshold=0.5) == []


@pytest.mark.parametrize("classes", [(1, 2, BLANK, 3, 4), (7, BLANK, BLANK, BLANK, BLANK), (1, 2, 3, 4, BLANK)])
def test_a_blank_after_a_digit_cannot_come_out_and_is_not_trusted(classes: tuple[int, ...]) -> None:
    (reading,) = decode(peaked(classes, 0.99), threshold=0.05)
    blanks = SLOTS - len(reading.text)
    written = (BLANK,) * blanks + reading.digits
    assert encode_label(reading.text) == written
    assert reading.confidence < 0.01
    assert not reading.accepted


def test_the_answer_is_the_most_probable_of_all_legal_labels() -> None:
    random = np.random.default_rng(5)
    for slots in random.dirichlet(np.full(CLASSES, 0.3), (40, SLOTS)).astype(np.float32):
        (reading,) = decode(slots[None], threshold=0)
        best = 0.0
        for length in range(SLOTS + 1):
            table = np.array(np.prod(slots[: SLOTS - length, BLANK], dtype=np.float64))
            for slot in range(SLOTS - length, SLOTS):  # the table of all 10 ** length labels
                table = np.multiply.outer(table, slots[slot, :BLANK])
            best = max(best, float(table.max()))
        assert reading.confidence == pytest.approx(best, rel=1e-5)


def test_a_whole_batch_reads_like_its_strips_one_by_one() -> None:
    slots = np.random.default_rng(6).dirichlet(np.ones(CLASSES), (9, SLOTS)).astype(np.float32)
    assert decode(slots, 0.01) == [decode(one[None], 0.01)[0] for one in slots]


def test_zero_probabilities_give_no_confidence_and_no_crash() -> None:
    (reading,) = decode(np.zeros((1, SLOTS, CLASSES), np.float32), threshold=0.5)
    assert reading.confidence < 1e-9 and not reading.accepted


def test_the_threshold_itself_is_accepted() -> None:
    slots = np.zeros((1, SLOTS, CLASSES), np.float32)
    slots[0, range(SLOTS), encode_label("12")] = 1
    slots[0, 4, 2], slots[0, 4, 3] = 0.5, 0.25
    assert decode(slots, threshold=0.5)[0].accepted
    assert not decode(slots, threshold=0.5001)[0].accepted


def test_joined_parts_multiply_their_confidences_and_drop_blanks() -> None:
    parts = [decode(peaked(encode_label(text)), 0.5)[0] for text in ("12", "", "345")]
    whole = join(parts, threshold=0.1)
    assert whole.text == "12345"
    assert whole.digits == (1, 2, 3, 4, 5)
    assert whole.confidence == pytest.approx(0.9**15, rel=1e-4)
    assert len(whole.digit_confidences) == 5
    assert whole.accepted and not join(parts, threshold=0.5).accepted


def test_a_reading_is_frozen_and_json_safe() -> None:
    (reading,) = decode(peaked(encode_label("42")), threshold=0.5)
    with pytest.raises(dataclasses.FrozenInstanceError):
        reading.text = "43"  # type: ignore[misc]
    boxed = dataclasses.replace(reading, box=((0.123456, 1.0), (2.0, 1.0), (2.0, 3.0), (0.0, 3.0)))
    values = json.loads(json.dumps(boxed.as_dict(), allow_nan=False))
    assert list(values) == ["text", "digits", "digit_confidences", "confidence", "accepted", "box"]
    assert values["digits"] == [4, 2]
    assert values["box"][0] == [0.12, 1.0]
    assert reading.as_dict()["box"] is None
