"""The contract: what a spec accepts, how labels are written, and that a document survives the round trip."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.core.errors import ModelError
from edge_runtime.recognition.contract import BLANK, SLOTS, ModelSpec, decode_classes, encode_label


def document(**changes):
    values = json.loads(ModelSpec(name="test", strip_version=1).to_json())
    values.update(changes)
    return json.dumps(values)


def test_a_spec_survives_the_round_trip():
    spec = ModelSpec("edge", 1, 1.2, 0.7, training={"seed": 3}, accuracy={"whole": 0.99}, hashes={"keras": "ab"})
    assert ModelSpec.from_json(spec.to_json()) == spec


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"contract_version": 99}, "contract_version is 99, this runtime reads 1"),
        ({"blank": 0}, "blank is 0"),
        ({"polarity": "dark-on-bright"}, "polarity"),
        ({"slots": 6}, "slots is 6"),
        ({"temperature": 0}, "temperature is 0"),
        ({"temperature": True}, "temperature is True"),
        ({"reject_threshold": 1.5}, "reject_threshold is 1.5"),
        ({"reject_threshold": "high"}, "reject_threshold is 'high'"),
        ({"strip_version": "1"}, "strip_version is '1'"),
        ({"temperature": float("nan")}, "temperature is nan"),
        ({"name": ["a", "list"]}, "name is .*printable"),
        ({"name": "\x1b[2J"}, r"name is '\\x1b\[2J'"),
        ({"name": "a" * 201}, "up to 200"),
        ({"training": "text"}, "training is a str, expected an object"),
        ({"accuracy": [1]}, "accuracy is a list"),
        ({"hashes": None}, "hashes is a NoneType"),
        ({"surprise": 1}, r"unknown keys \['surprise'\]"),
    ],
)
def test_a_spec_that_cannot_be_served_names_the_value(changes, message):
    with pytest.raises(ModelError, match=message):
        ModelSpec.from_json(document(**changes))


@given(st.text(alphabet="0123456789", max_size=SLOTS))
def test_labels_survive_the_round_trip(text):
    classes = encode_label(text)
    assert len(classes) == SLOTS and decode_classes(classes) == text
    assert classes[: SLOTS - len(text)] == (BLANK,) * (SLOTS - len(text))


@pytest.mark.parametrize("text", ["123456", "12a", "-1", "١"])
def test_what_is_no_label_is_refused(text):
    with pytest.raises(ValueError, match="expected 0 to 5 digits"):
        encode_label(text)
