"""The examples in other languages read the same strips, with the same answers, as the package does.

Each runs where its parts are installed (nothing is fetched here) and says what is missing where they are not.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import pytest

from edge_runtime import DigitModel, DigitReader
from edge_runtime.recognition.contract import METADATA_KEY, OUTPUT_NAMES
from edge_runtime.recognition.decode import temper
from edge_runtime.recognition.model_files import BUNDLED, MODEL_FOLDER
from examples.make_strips import FOLDER, example_strips

EXAMPLES = FOLDER.parent
STRIPS = sorted(FOLDER.glob("*.png"))
TOLERANCE = 2e-4  # of a probability; libraries add up floats in other orders

Example = Callable[..., "subprocess.CompletedProcess[str]"]


def run(command: list[str | Path], *, timeout: int = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=timeout)


@pytest.fixture(scope="session")
def javascript() -> Example:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed: no node on the path")
    folder = EXAMPLES / "javascript"
    missing = [name for name in ("onnxruntime-node", "pngjs") if not (folder / "node_modules" / name).is_dir()]
    if missing:
        pytest.skip(f"{' and '.join(missing)} not installed: run npm install in examples/javascript")
    return lambda *arguments: run([node, folder / "read-strip.mjs", *arguments])


@pytest.fixture(scope="session")
def cpp(tmp_path_factory: pytest.TempPathFactory) -> Example:
    cmake = shutil.which("cmake")
    if cmake is None or shutil.which("c++") is None:
        pytest.skip("no C++ compiler or no CMake: apt-get install g++ cmake")
    build = tmp_path_factory.mktemp("cpp")
    configured = run([cmake, "-S", EXAMPLES / "cpp", "-B", build])
    if configured.returncode != 0 and "OpenCV" in configured.stderr:
        pytest.skip("OpenCV's headers are not installed: apt-get install --no-install-recommends libopencv-dev")
    assert configured.returncode == 0, configured.stderr
    built = run([cmake, "--build", build], timeout=300)
    assert built.returncode == 0, built.stdout + built.stderr
    assert "warning" not in built.stdout + built.stderr
    return lambda *arguments: run([build / "read_strip", *arguments])


@pytest.fixture(scope="session")
def python() -> Example:
    return lambda *arguments: run([sys.executable, EXAMPLES / "python" / "read_strip.py", *arguments])


@pytest.fixture(params=["python", "javascript", "cpp"])
def example(request: pytest.FixtureRequest) -> Example:
    return request.getfixturevalue(request.param)


@pytest.fixture
def changed_model(tmp_path: Path) -> Callable[..., Path]:
    """Copies of the shipped fp32 file with another document or another graph."""

    def change(*, document: dict[str, Any] | None = None, softmax_axis: int | None = None) -> Path:
        model = onnx.load(MODEL_FOLDER / BUNDLED["fp32"])
        entry = next(item for item in model.metadata_props if item.key == METADATA_KEY)
        entry.value = json.dumps({**json.loads(entry.value), **(document or {})})
        for node in (node for node in model.graph.node if node.op_type == "Softmax" and softmax_axis is not None):
            del node.attribute[:]
            node.attribute.append(onnx.helper.make_attribute("axis", softmax_axis))
        path = tmp_path / f"changed-{len(list(tmp_path.iterdir()))}.onnx"
        onnx.save(model, path)
        return path

    return change


def rows_of(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def expected_rows(model: str | Path) -> list[dict[str, Any]]:
    strips = np.stack([cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in STRIPS])
    readings = DigitReader(str(model)).read_strips(strips)
    return [{"path": str(path), **reading.as_dict()} for path, reading in zip(STRIPS, readings, strict=True)]


def assert_same(got: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    for key in ("path", "text", "digits", "accepted"):
        assert [row[key] for row in got] == [row[key] for row in expected]
    for ours, theirs in zip(got, expected, strict=True):
        assert ours["confidence"] == pytest.approx(theirs["confidence"], abs=TOLERANCE)
        assert ours["digit_confidences"] == pytest.approx(theirs["digit_confidences"], abs=TOLERANCE)


@pytest.mark.slow
def test_the_strips_are_those_that_the_command_draws() -> None:
    drawn = example_strips()
    assert sorted(drawn) == [path.name for path in STRIPS]
    for path in STRIPS:
        assert np.array_equal(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), drawn[path.name])


@pytest.mark.parametrize("model", BUNDLED)
def test_the_package_reads_the_strips_and_doubts_the_doubtful_one(model: str) -> None:
    rows = {Path(row["path"]).stem: row for row in expected_rows(model)}
    assert not rows.pop("two-numbers-in-one-place")["accepted"]
    assert rows.pop("no-number")["text"] == ""
    assert [row["text"] for row in rows.values()] == list(rows)
    assert all(row["accepted"] for row in rows.values())


def test_examples_give_the_answers_of_the_package(example: Example) -> None:
    model = MODEL_FOLDER / BUNDLED["fp32"]
    assert_same(rows_of(example(model, *STRIPS)), expected_rows(model))


def test_int8_in_javascript(javascript: Example) -> None:
    model = MODEL_FOLDER / BUNDLED["int8"]
    assert_same(rows_of(javascript(model, *STRIPS)), expected_rows(model))


def test_cpp_refuses_int8_which_some_versions_of_opencv_read_wrongly(cpp: Example) -> None:
    done = cpp(MODEL_FOLDER / BUNDLED["int8"], *STRIPS)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert "digits-int8.onnx: is quantised; OpenCV needs digits-fp32.onnx" in line


def test_temperature_and_threshold_come_from_the_file(example: Example, changed_model: Callable[..., Path]) -> None:
    warm = expected_rows(changed_model(document={"temperature": 2.5}))
    middle = sorted(row["confidence"] for row in warm)[2:4]
    model = changed_model(document={"temperature": 2.5, "reject_threshold": sum(middle) / 2}, softmax_axis=-1)
    expected = expected_rows(model)
    assert {row["accepted"] for row in expected} == {True, False}
    assert_same(rows_of(example(model, *STRIPS)), expected)
    as_shipped = expected_rows("fp32")
    assert max(abs(a["confidence"] - b["confidence"]) for a, b in zip(expected, as_shipped, strict=True)) > 0.01


@pytest.mark.parametrize(
    "document",
    [
        {"contract_version": 2},
        *(
            pytest.param(document, marks=pytest.mark.slow)
            for document in ({"blank": 0}, {"temperature": 0}, {"reject_threshold": None}, {"padding": "right"})
        ),
    ],
)
def test_a_model_of_another_contract_is_refused(
    example: Example, changed_model: Callable[..., Path], document: dict[str, Any]
) -> None:
    done = example(changed_model(document=document), *STRIPS)
    assert done.returncode == 1
    assert done.stdout == ""
    assert next(iter(document)) in done.stderr


@pytest.mark.slow
def test_heads_that_give_no_probabilities_are_refused(example: Example, changed_model: Callable[..., Path]) -> None:
    done = example(changed_model(softmax_axis=1), *STRIPS)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "no probabilities" in done.stderr


def test_a_file_that_is_cut_off_is_refused(example: Example, tmp_path: Path) -> None:
    cut = tmp_path / "cut.onnx"
    cut.write_bytes((MODEL_FOLDER / BUNDLED["fp32"]).read_bytes()[:5000])
    done = example(cut, *STRIPS)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "cut.onnx" in done.stderr


def test_a_bad_strip_is_named_and_the_others_are_read(
    example: Example, tmp_path: Path, changed_model: Callable[..., Path]
) -> None:
    large = tmp_path / "large.png"
    cv2.imwrite(str(large), np.zeros((56, 280), np.uint8))
    done = example(changed_model(softmax_axis=-1), large, tmp_path / "none.png", STRIPS[0])
    assert done.returncode == 1
    (row,) = (json.loads(line) for line in done.stdout.splitlines())
    assert row["path"] == str(STRIPS[0])
    assert "280×56" in done.stderr
    assert "none.png" in done.stderr


def test_usage(example: Example) -> None:
    done = example()
    assert done.returncode == 2
    assert done.stderr.startswith("usage:")


def test_opencv_of_this_environment_gives_the_same_probabilities() -> None:
    """What the C++ example relies on, in the version of OpenCV that Python has."""
    model = DigitModel("fp32")
    strips = np.stack([cv2.imread(str(strip), cv2.IMREAD_GRAYSCALE) for strip in STRIPS])
    net = cv2.dnn.readNetFromONNX(str(model.path))
    for strip, expected in zip(strips, model.probabilities(strips), strict=True):
        net.setInput(strip.reshape(1, 28, 140, 1), "strip")
        heads = np.stack(net.forward(list(OUTPUT_NAMES)), axis=1)
        assert np.abs(temper(heads, model.spec.temperature)[0] - expected).max() < TOLERANCE
