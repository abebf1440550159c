"""Any strips, settings, model files and metadata: answered within the contract, or refused."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from edge_runtime import (
    AcceptancePolicy,
    DigitModel,
    DigitReader,
    ImageError,
    ModelError,
    ModelSpec,
    OptionError,
    Reading,
)
from tests.robustness.fuzzing.made_up import JSON, NUMBERS, PIXELS, THINGS, covers, fuzz, readings


@covers("DigitReader.read_strips", "DigitModel.probabilities")
@fuzz
@given(st.one_of(PIXELS, THINGS, hnp.arrays(np.uint8, st.tuples(st.integers(0, 3), st.just(28), st.just(140)))))
def test_strips_are_read_or_refused(tiny_reader: DigitReader, thing: Any) -> None:
    try:
        found = tiny_reader.read_strips(thing)
    except ImageError:
        with pytest.raises(ImageError):
            tiny_reader.model.probabilities(thing)
        return
    probabilities = tiny_reader.model.probabilities(thing)
    assert len(found) == len(thing) and probabilities.shape == (len(thing), 5, 11)
    np.testing.assert_allclose(probabilities.sum(axis=2), 1, atol=1e-4)
    assert all(reading.box is None and 0 <= reading.confidence <= 1 for reading in found)


@covers("DigitReader", "DigitReader.spec", "DigitReader.threshold", "DigitReader.policy")
@fuzz
@given(NUMBERS.filter(lambda value: not isinstance(value, bool)))
def test_the_least_confidence_is_a_share_or_refused(tiny_path: Path, least: Any) -> None:
    try:
        reader = DigitReader(tiny_path, min_confidence=least)
    except OptionError:
        assert not (isinstance(least, (int, float)) and 0 <= least <= 1)
        return
    assert 0 <= reader.threshold == reader.policy.threshold <= 1 and reader.spec.name == "tiny"


@covers("AcceptancePolicy", "AcceptancePolicy.of_model", "AcceptancePolicy.accepts", "AcceptancePolicy.trusts")
@covers("AcceptancePolicy.judged")
@fuzz
@given(readings(), st.one_of(st.none(), st.floats(0, 1)), st.one_of(st.none(), st.booleans()), st.booleans())
def test_the_rules_only_ever_refuse(
    found: Reading, least: float | None, chance_rules: bool | None, crowded: bool
) -> None:
    policy = AcceptancePolicy.of_model(ModelSpec(name="any", strip_version=1), least, chance_rules)
    (judged,) = policy.judged([dataclasses.replace(found, accepted=False)], crowded=crowded)
    assert judged.accepted == policy.accepts(found, crowded=crowded) <= (found.confidence >= policy.threshold)
    assert policy.trusts(found) == (found.confidence >= policy.trusted)


@covers("DigitModel", "DigitModel.spec", "DigitModel.sha256", "DigitModel.size_bytes")
@fuzz
@given(st.binary(max_size=300), st.one_of(st.integers(-5, 100), st.floats(), st.text(max_size=4)))
def test_any_bytes_for_a_model_are_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes, threads: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "any.onnx"
    path.write_bytes(data)
    for ask in ("spec", "sha256", "size_bytes"):
        with pytest.raises((ModelError, OptionError)):
            getattr(DigitModel(path, threads=threads), ask)


@covers("DigitModel")
@fuzz
@given(st.text(max_size=30), st.dictionaries(st.text(max_size=20), NUMBERS, max_size=2))
def test_any_name_for_a_model_and_any_option_is_refused(name: str, options: dict[str, Any]) -> None:
    with pytest.raises(ModelError):
        assert DigitModel(f"no-such-folder/{name}", session_options=options).spec


@covers("ModelSpec.from_json", "ModelSpec.to_json", "ModelSpec")
@fuzz
@given(st.dictionaries(st.sampled_from([field.name for field in dataclasses.fields(ModelSpec)]), JSON, max_size=3))
def test_any_spec_survives_or_is_refused(changes: dict[str, Any]) -> None:
    document = json.loads(ModelSpec(name="fuzzed", strip_version=1).to_json()) | changes
    try:
        spec = ModelSpec.from_json(json.dumps(document))
    except ModelError:
        return
    assert ModelSpec.from_json(spec.to_json()).to_json() == spec.to_json()
    assert spec.name.isprintable() and 0.05 <= spec.temperature <= 20 and 0 <= spec.reject_threshold <= 1


@covers("ModelSpec.from_json")
@fuzz
@given(st.one_of(st.text(max_size=60), JSON.map(json.dumps)))
def test_any_text_for_a_spec_is_refused(text: str) -> None:
    with pytest.raises(ModelError):
        ModelSpec.from_json(text)
