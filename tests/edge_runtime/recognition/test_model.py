"""``DigitModel``: what it gives, its settings, threads and processes."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edge_runtime import DependencyError, DigitModel, ImageError, OptionError
from edge_runtime.recognition.contract import BLANK
from tests.conftest import Run, one_line
from tests.edge_runtime.recognition.tiny_model import draw_strip, random_strips, spec, strip_of, write_model

# What it gives


@pytest.mark.parametrize("count", [0, 1, 129])
def test_a_batch_of_any_size_and_layout_gives_what_single_strips_give(tiny_model: DigitModel, count: int) -> None:
    strips = random_strips(count)
    together = tiny_model.probabilities(strips)
    assert together.shape == (count, 5, 11) and together.dtype == np.float32
    one_by_one = [tiny_model.probabilities(strip[None])[0] for strip in strips]
    np.testing.assert_allclose(together, np.array(one_by_one).reshape(together.shape), atol=1e-6)
    np.testing.assert_array_equal(together, tiny_model.probabilities(strips[..., None]))
    np.testing.assert_array_equal(together, tiny_model.probabilities(np.repeat(strips, 2, axis=0)[::2]))


def test_heads_come_in_the_order_of_the_slots(tiny_model: DigitModel) -> None:
    classes = tiny_model.probabilities(strip_of("4217")[None]).argmax(axis=2)
    assert classes.tolist() == [[BLANK, 4, 2, 1, 7]]


def test_the_temperature_softens_the_logits(tmp_path: Path, tiny_model: DigitModel) -> None:
    soft_model = DigitModel(write_model(tmp_path / "soft.onnx", spec(temperature=2.0).to_json()))
    strip = draw_strip([BLANK, 1, 2.4, 3, 4])[None]
    plain, soft = tiny_model.probabilities(strip), soft_model.probabilities(strip)
    expected = np.sqrt(plain) / np.sqrt(plain).sum(axis=2, keepdims=True)
    np.testing.assert_allclose(soft, expected, atol=1e-5)
    assert soft.max(axis=2)[0, 2] < plain.max(axis=2)[0, 2] - 0.01


@pytest.mark.parametrize(
    ("strips", "named"),
    [
        (np.zeros((1, 28, 140), np.float32), "float32"),
        (np.zeros((1, 28, 140), bool), "bool"),
        ([[0]], "list"),
        (np.zeros((28, 140), np.uint8), r"\[28, 140\]"),
        (np.zeros((1, 28, 140, 3), np.uint8), r"\[1, 28, 140, 3\]"),
    ],
)
def test_other_strips_are_refused_and_never_converted(tiny_model: DigitModel, strips: object, named: str) -> None:
    with pytest.raises(ImageError, match=named) as refusal:
        tiny_model.probabilities(strips)  # type: ignore[arg-type]
    assert "expected" in str(refusal.value)


# Settings


@pytest.mark.parametrize(("has_dot_products", "chosen"), [(True, "int8"), (False, "fp32")])
def test_auto_takes_int8_where_the_processor_multiplies_bytes(
    monkeypatch: pytest.MonkeyPatch, has_dot_products: bool, chosen: str
) -> None:
    monkeypatch.setattr("edge_runtime.recognition.model.multiplies_bytes", lambda: has_dot_products)
    assert DigitModel("auto").name == DigitModel().name == chosen
    assert DigitModel("auto").sha256 == DigitModel(chosen).sha256


def test_argument_before_environment_before_default(monkeypatch: pytest.MonkeyPatch, tiny_path: Path) -> None:
    monkeypatch.setattr("edge_runtime.recognition.model.multiplies_bytes", lambda: False)
    assert (DigitModel().name, DigitModel().threads) == ("fp32", 1)
    monkeypatch.setenv("EDGE_DIGITS_MODEL", str(tiny_path))
    monkeypatch.setenv("EDGE_DIGITS_THREADS", "3")
    monkeypatch.setenv("EDGE_DIGITS_PROVIDERS", "CPUExecutionProvider")
    assert (DigitModel().spec.name, DigitModel().threads) == ("tiny", 3)
    assert (DigitModel("int8", threads=2).name, DigitModel("int8", threads=2).threads) == ("int8", 2)
    monkeypatch.setenv("EDGE_DIGITS_PROVIDERS", "NoSuchProvider, CPUExecutionProvider")
    with pytest.raises(OptionError, match=r"NoSuchProvider.*CPUExecutionProvider"):
        assert DigitModel().spec
    assert DigitModel(providers=["CPUExecutionProvider"]).spec.name == "tiny"


@pytest.mark.parametrize("threads", [0, -1, 65, 1.5, True, "many"])
def test_threads_out_of_range_are_refused(threads: object) -> None:
    with pytest.raises(OptionError, match="threads"):
        DigitModel(threads=threads)  # type: ignore[arg-type]


def test_session_options_are_passed_on_or_refused(tiny_path: Path) -> None:
    given = {"enable_profiling": False, "session.intra_op.allow_spinning": "1"}
    assert DigitModel(tiny_path, session_options=given).spec.name == "tiny"
    with pytest.raises(OptionError, match="no_such_option"):
        assert DigitModel(tiny_path, session_options={"no_such_option": 1}).spec
    with pytest.raises(OptionError, match="enable_profiling"):
        assert DigitModel(tiny_path, session_options={"enable_profiling": "perhaps"}).spec


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts threads in /proc")
def test_the_network_starts_no_threads_of_its_own(tiny_path: Path) -> None:
    DigitModel(tiny_path).probabilities(random_strips(1))  # whatever the library starts once

    def count() -> int:
        return len(list(Path("/proc/self/task").iterdir()))

    before = count()
    models = [DigitModel(tiny_path) for _ in range(3)]
    for model in models:
        model.probabilities(random_strips(2))
    assert count() == before


# Threads and processes


def test_a_model_travels_without_its_data(tiny_path: Path) -> None:
    model = DigitModel(tiny_path, threads=2)
    expected = model.probabilities(random_strips(2))
    packed = pickle.dumps(model)
    assert len(packed) < tiny_path.stat().st_size / 2
    copy = pickle.loads(packed)  # noqa: S301 our own bytes
    assert (copy.path, copy.threads) == (model.path, 2)
    np.testing.assert_array_equal(copy.probabilities(random_strips(2)), expected)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts threads in /proc")
def test_a_forked_process_opens_its_own_session(tiny_path: Path) -> None:
    """Threads do not come along in a fork, so a process that has them again has opened a session."""
    code = f"""
import os, numpy as np
from edge_runtime import DigitModel
model, strips = DigitModel({str(tiny_path)!r}, threads=2), np.zeros((3, 28, 140), np.uint8)
expected = model.probabilities(strips)
child = os.fork()
if child == 0:
    same = (model.probabilities(strips) == expected).all()
    os._exit(0 if same and len(os.listdir("/proc/self/task")) > 1 else 1)
assert os.waitpid(child, 0)[1] == 0
assert (model.probabilities(strips) == expected).all()
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], timeout=60, check=True)


def test_a_relative_path_is_kept_when_the_folder_changes(
    tiny_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tiny_path.parent)
    model = DigitModel(tiny_path.name)
    monkeypatch.chdir(tmp_path)
    assert model.spec.name == "tiny"


# ONNX Runtime itself


@pytest.mark.parametrize(("machine", "told"), [("x86_64", "pip install onnxruntime"), ("armv7l", "32-bit.*64-bit")])
def test_without_onnxruntime_it_is_said_what_to_do(
    run: Run, picture: Path, monkeypatch: pytest.MonkeyPatch, machine: str, told: str
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.setattr("platform.machine", lambda: machine)
    result = run("read", picture)
    assert (result.exit_code, result.stdout) == (1, "") and re.search(told, one_line(result.stderr))
    with pytest.raises(DependencyError, match=told):
        assert DigitModel().spec
