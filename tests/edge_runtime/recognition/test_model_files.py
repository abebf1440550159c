"""Model files: what does not fit the contract, is damaged or altered is refused, naming both sides."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest

from edge_runtime import DigitModel, ModelError
from edge_runtime.recognition.model_files import BUNDLED, MODEL_FOLDER, MODEL_MAX_BYTES, read_bundled
from tests.edge_runtime.recognition.tiny_model import random_strips, spec, write_model


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"names": {"digit3": "digit_three"}}, "digit_three.*digit3"),
        ({"names": {"strip": "image"}}, "image.*strip"),
        ({"input_type": onnx.TensorProto.FLOAT}, r"strip tensor\(float\).*strip tensor\(uint8\)"),
        ({"width": 120}, r"28, 120, 1.*28, 140, 1"),
        ({"batch": 1}, r"strip tensor\(uint8\)\[1, 28, 140, 1\]"),
        ({"logits": True}, "no probabilities"),
        ({"document": ""}, "edge_digits"),
        ({"document": "{not json"}, "JSON"),
        ({"document": "[1]"}, "list"),
        ({"document": spec().to_json().replace('"slots": 5', '"slots": 4')}, "slots is 4.*5"),
        ({"document": spec(strip_version=99).to_json()}, "99.*1"),
        ({"document": '{"a":' * 5000}, "spec"),
    ],
)
def test_a_model_of_another_contract_is_refused_naming_both_sides(
    tmp_path: Path, change: dict[str, object], named: str
) -> None:
    path = write_model(tmp_path / "other.onnx", **change)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=named) as refusal:
        DigitModel(path).probabilities(random_strips(1))
    assert "other.onnx" in str(refusal.value)


def test_a_free_batch_axis_may_have_any_name(tmp_path: Path) -> None:
    assert DigitModel(write_model(tmp_path / "batch.onnx", batch="batch_size")).spec.name == "tiny"


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x00" * 1000, b"\xff" * 1000])
def test_what_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "junk.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"junk\.onnx"):
        assert DigitModel(path).spec


@pytest.mark.parametrize("keep", [0.2, 0.6, 0.95])
def test_a_truncated_model_is_refused(tmp_path: Path, tiny_path: Path, keep: float) -> None:
    data = tiny_path.read_bytes()
    path = tmp_path / "cut.onnx"
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(ModelError, match=r"cut\.onnx"):
        assert DigitModel(path).spec


def test_a_missing_model_a_folder_and_a_giant_are_refused(tmp_path: Path) -> None:
    giant = tmp_path / "giant.onnx"
    with giant.open("wb") as file:
        file.truncate(MODEL_MAX_BYTES + 1)
    for path, named in [(tmp_path / "none.onnx", "no such file"), (tmp_path, "no such file"), (giant, "larger than")]:
        with pytest.raises(ModelError, match=named):
            assert DigitModel(path).spec


def test_a_file_is_read_once(tmp_path: Path) -> None:
    path = write_model(tmp_path / "once.onnx")
    model = DigitModel(path)
    before = model.probabilities(random_strips(2))
    path.write_bytes(b"something else")
    np.testing.assert_array_equal(model.probabilities(random_strips(2)), before)


@pytest.fixture
def bundled(tmp_path: Path, tiny_path: Path) -> Path:
    """A model in a folder like the package's, with the hash of this one and of another that is missing."""
    data = tiny_path.read_bytes()
    sums = f"{'0' * 64}  digits-int8.onnx\n{hashlib.sha256(data).hexdigest()}  digits-fp32.onnx\n"
    (tmp_path / "SHA256SUMS").write_text(sums, "utf-8")
    path = tmp_path / "digits-fp32.onnx"
    path.write_bytes(data)
    return path


def test_the_models_of_the_package_are_taken_by_name_and_have_their_hashes() -> None:
    for name, file in BUNDLED.items():
        model = DigitModel(name)
        data = (MODEL_FOLDER / file).read_bytes()
        assert (model.path, model.size_bytes) == (MODEL_FOLDER / file, len(data))
        assert model.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("place", [0, 100, -1])
def test_one_changed_byte_in_the_package_is_found(bundled: Path, place: int) -> None:
    data = bytearray(bundled.read_bytes())
    assert read_bundled(bundled) == data
    expected = hashlib.sha256(data).hexdigest()
    data[place] ^= 1
    bundled.write_bytes(data)
    with pytest.raises(ModelError, match=f"{hashlib.sha256(data).hexdigest()}.*{expected}"):
        read_bundled(bundled)


def test_a_package_without_hashes_or_model_says_reinstall(bundled: Path) -> None:
    with pytest.raises(ModelError, match=r"digits-int8\.onnx: no such file.*reinstall"):
        read_bundled(bundled.with_name("digits-int8.onnx"))
    sums = bundled.with_name("SHA256SUMS")
    sums.write_text("", "utf-8")
    with pytest.raises(ModelError, match="reinstall"):
        read_bundled(bundled)
    sums.unlink()
    with pytest.raises(ModelError, match="reinstall"):
        read_bundled(bundled)


def test_a_hash_beside_a_users_model_must_agree(tmp_path: Path) -> None:
    path = write_model(tmp_path / "mine.onnx")
    sums = tmp_path / "SHA256SUMS"
    sums.write_text(f"{'0' * 64}  another.onnx\n", "utf-8")
    assert DigitModel(path).spec  # no line for it
    sums.write_text(f"{hashlib.sha256(path.read_bytes()).hexdigest()} *mine.onnx\n", "utf-8")
    assert DigitModel(path).spec
    changed = bytearray(path.read_bytes())
    changed[-1] ^= 1
    path.write_bytes(changed)
    with pytest.raises(ModelError, match=r"mine\.onnx: sha256 is .*SHA256SUMS has"):
        assert DigitModel(path).spec
    sums.write_bytes(b"\xff\xfe")
    with pytest.raises(ModelError, match="SHA256SUMS: cannot be read"):
        assert DigitModel(path).spec
