"""Probabilities -> readings."""

from __future__ import annotations

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
    (reading,) = decode(peaked(encode_label(text)))
    assert reading.text == text
    assert reading.digits == tuple(int(char) for char in text)
    assert reading.confidence == pytest.approx(0.9**5, abs=1e-6)  # blanks count too
    assert reading.digit_confidences == pytest.approx([0.9] * len(text), abs=1e-6)
    assert reading.box is None and not reading.accepted


def test_the_answer_is_the_most_probable_of_all_legal_labels() -> None:
    random = np.random.default_rng(5)
    for slots in random.dirichlet(np.full(CLASSES, 0.3), (8, SLOTS)).astype(np.float32):
        (reading,) = decode(slots[None])
        best = 0.0
        for length in range(SLOTS + 1):
            table = np.array(np.prod(slots[: SLOTS - length, BLANK], dtype=np.float64))
            for slot in range(SLOTS - length, SLOTS):  # the table of all 10 ** length labels
                table = np.multiply.outer(table, slots[slot, :BLANK])
            best = max(best, float(table.max()))
        assert reading.confidence == pytest.approx(best, rel=1e-5)


def test_a_whole_batch_reads_like_its_strips_one_by_one() -> None:
    slots = np.random.default_rng(6).dirichlet(np.ones(CLASSES), (9, SLOTS)).astype(np.float32)
    assert decode(slots) == [decode(one[None])[0] for one in slots]
    assert decode(slots[:0]) == []
    assert decode(slots[:1] * 0)[0].confidence < 1e-9


def test_joined_parts_multiply_their_confidences_and_drop_blanks() -> None:
    parts = [decode(peaked(encode_label(text)))[0] for text in ("12", "", "345")]
    whole = join(parts)
    assert whole.text == "12345"
    assert whole.digits == (1, 2, 3, 4, 5)
    assert whole.confidence == pytest.approx(0.9**15, rel=1e-4)
    assert len(whole.digit_confidences) == 5
    assert not whole.accepted, "to accept is the judgement's"
