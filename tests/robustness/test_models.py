"""Model files that were changed, cut, exchanged, or say hostile things of themselves: refused by name."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import edge_runtime
from edge_runtime import DigitModel, ModelError
from edge_runtime.recognition.contract import METADATA_KEY, METADATA_MAX_BYTES, STRIP_HEIGHT, STRIP_WIDTH
from edge_runtime.recognition.model_files import BUNDLED, MODEL_FOLDER, read_bundled
from tests.robustness import LONG
from tests.robustness.faults.processes import edge_digits

CHANGES = 400 if LONG else 20  # of each model
NAMES = list(BUNDLED.values())
SOUND = (MODEL_FOLDER / BUNDLED["fp32"]).read_bytes()
SPEC = DigitModel("fp32").spec.to_json()


def with_metadata(data: bytes, document: str, key: str = METADATA_KEY) -> bytes:
    """The model with this document alone in its metadata."""
    model = onnx.load_from_string(data)
    del model.metadata_props[:]
    helper.set_model_props(model, {key: document})
    return model.SerializeToString()


def another_model() -> bytes:
    """A sound ONNX file that has nothing to do with digits: y = x, float [2]."""
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in "xy")
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "same", [x], [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def one_bit(data: bytes, chance: random.Random, within: int | None = None) -> bytes:
    """One bit of one byte changed, of the first so many."""
    changed = bytearray(data)
    changed[chance.randrange(within or len(data))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def answer(path: Path) -> np.ndarray:
    """Open a user's model and ask it; ``ModelError`` where it is refused."""
    model = DigitModel(path)
    assert model.spec
    return model.probabilities(np.zeros((1, STRIP_HEIGHT, STRIP_WIDTH), np.uint8))


@pytest.mark.parametrize("name", NAMES)
def test_an_altered_model_of_the_package_is_refused_by_its_hash(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "models"
    shutil.copytree(MODEL_FOLDER, folder)
    data, chance = (folder / name).read_bytes(), random.Random(3)
    assert read_bundled(folder / name) == data
    altered = [one_bit(data, chance) for _ in range(CHANGES)]
    altered += [
        data[: chance.randrange(len(data))],
        data + b"\0",
        (MODEL_FOLDER / NAMES[NAMES.index(name) - 1]).read_bytes(),
    ]
    for content in altered:
        (folder / name).write_bytes(content)
        with pytest.raises(ModelError, match=name):
            read_bundled(folder / name)


def unfit_models() -> Iterator[tuple[str, bytes]]:
    """A user's model made unfit in every way that the reader must refuse, with what was done."""
    yield "empty", b""
    yield from ((f"cut at {share:.1%}", SOUND[: int(len(SOUND) * share)]) for share in (0.001, 0.2, 0.5, 0.9, 0.999))
    yield "zeros", bytes(len(SOUND))
    yield "text", b"This is not a model.\n" * 50
    yield "another model", another_model()
    yield "another model that claims to be ours", with_metadata(another_model(), SPEC)
    yield "another name of an output", SOUND.replace(b"digit3", b"digitX")
    yield "another name of the input", SOUND.replace(b"strip", b"image")
    yield "no metadata", with_metadata(SOUND, "{}", "another_key")
    yield "metadata that is not UTF-8", SOUND.replace(b'"contract_version"', b'"contract_versio\xff"')
    yield from ((name, with_metadata(SOUND, document)) for name, document in hostile_documents())


def hostile_documents() -> Iterator[tuple[str, str]]:
    """Metadata made to hurt whoever parses it; what it may not say is tested with the contract."""
    hurting = {"name": "a" * 10_000, "strip_height": 10**9, "temperature": float("inf"), "reject_threshold": -1}
    for key, lie in hurting.items():
        yield f"{key} is {str(lie)[:20]!r}", json.dumps({**json.loads(SPEC), key: lie})
    yield "a number of 20,000 digits", SPEC[:-1] + ', "strip_version": ' + "9" * 20_000 + "}"
    yield "not JSON", SPEC[:-5]
    yield "a list", "[1, 2, 3]"
    yield "null", "null"
    yield "nested too deep", '{"a":' * 10_000
    yield "lists nested too deep", "[" * 30_000
    yield "larger than is read", " " * (METADATA_MAX_BYTES + 1) + SPEC
    yield "a megabyte", '{"name": "' + "a" * 1_000_000 + '"}'
    yield "empty text", ""


@pytest.mark.parametrize(("what", "content"), [pytest.param(*made, id=made[0]) for made in unfit_models()])
def test_an_unfit_model_of_the_users_is_refused_by_name(tmp_path: Path, what: str, content: bytes) -> None:
    path = tmp_path / "users.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"users\.onnx"):
        answer(path)


@pytest.mark.slow
def test_a_changed_model_without_a_hash_is_refused_or_answers_within_the_contract(tmp_path: Path) -> None:
    """Changed weights cannot be told from another training. In a process of its own: a library in C++ has the bytes."""
    script = "import sys; from tests.robustness.test_models import flip_and_read; flip_and_read(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-500:]
    print(f"{CHANGES} models with one changed bit: {done.stdout}")


def flip_and_read(place: str) -> None:
    chance, found = random.Random(3), Counter[str]()
    path = Path(place) / "flipped.onnx"
    for index in range(CHANGES):
        path.write_bytes(one_bit(SOUND, chance, 4_000 if index % 2 else None))  # the graph's structure is in its head
        try:
            probabilities = answer(path)
        except ModelError:
            found["refused"] += 1
        else:
            assert np.isfinite(probabilities).all()
            found["answers"] += 1
    print(dict(found))


@pytest.mark.slow
@pytest.mark.parametrize("model", list(BUNDLED))
def test_a_package_with_an_altered_model_says_so(tmp_path: Path, model: str) -> None:
    package = Path(edge_runtime.__file__).parent
    shutil.copytree(package, tmp_path / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / package.name / "models" / BUNDLED[model]
    path.write_bytes(one_bit(path.read_bytes(), random.Random(3)))
    environment = {"PYTHONPATH": str(tmp_path), "EDGE_DIGITS_MODEL": model}
    done = subprocess.run(
        edge_digits("info"), cwd=tmp_path, capture_output=True, text=True, env=environment, timeout=60
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert [line for line in (done.stdout + done.stderr).splitlines() if path.name in line and "sha256" in line]
