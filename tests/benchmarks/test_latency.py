"""``python -m benchmarks latency``: agreement, ratios and the limit; the command with the package's network."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from benchmarks.core.effort import QUICK
from benchmarks.core.turns import Timing
from benchmarks.latency import command, limit, runtimes
from benchmarks.latency.agreement import check_agreement, probabilities
from benchmarks.latency.product import frame_figures
from benchmarks.latency.report import compare, find, markdown, warnings
from benchmarks.latency.runtimes import KERAS_PREDICT, ONNX_RUNTIME, Contender, file_contenders, onnx_runtime
from edge_runtime import ModelError
from tests.edge_runtime.recognition.tiny_model import strip_of

TEXTS = ("1", "42", "007", "9031", "56789", "", "8", "23")


@pytest.fixture(scope="module")
def strips() -> np.ndarray:
    """uint8 [80, 28, 140, 1] that the tiny model reads."""
    return np.stack([strip_of(text) for text in TEXTS * 10])[..., None]


@pytest.fixture
def onnx_fp32(tiny_path: Path) -> Contender:
    return onnx_runtime("notebook", "fp32", tiny_path.read_bytes(), threads=1)


def changed(contender: Contender, change: Callable[[list[np.ndarray]], list[np.ndarray]]) -> Contender:
    return replace(contender, runtime="changed", run=lambda strips: change(list(contender.run(strips))))


def test_equal_contenders_agree_and_each_network_has_its_own_measure(strips: np.ndarray, onnx_fp32: Contender) -> None:
    other = replace(changed(onnx_fp32, lambda heads: heads[::-1]), network="edge")
    rows = check_agreement([replace(onnx_fp32, runtime=KERAS_PREDICT), onnx_fp32, other], strips, (1, 8, 64))
    assert [(row["max_difference"], row["alike"], row["strips"]) for row in rows] == [(0, 1, 80)] * 3


def test_answers_come_in_order_whatever_the_batches(strips: np.ndarray, onnx_fp32: Contender) -> None:
    sizes: list[int] = []
    counting = replace(onnx_fp32, run=lambda part: sizes.append(len(part)) or onnx_fp32.run(part))
    assert np.array_equal(probabilities(counting, strips, (1, 8, 64)), probabilities(onnx_fp32, strips, (80,)))
    assert sizes == [1, 8, 64, 1, 6]


@pytest.mark.parametrize(
    ("precision", "change"),
    [
        ("fp32", lambda heads: [head + np.float32(2e-4) for head in heads]),
        ("fp32", lambda heads: heads[::-1]),
        ("int8", lambda heads: heads[::-1]),
    ],
)
def test_a_contender_that_differs_is_named(
    strips: np.ndarray, onnx_fp32: Contender, precision: str, change: Callable[..., Any]
) -> None:
    other = replace(changed(onnx_fp32, change), precision=precision)
    with pytest.raises(ModelError, match=f"notebook in changed {precision}"):
        check_agreement([onnx_fp32, other], strips, (8,))


def test_int8_may_round_as_long_as_it_reads_alike(strips: np.ndarray, onnx_fp32: Contender) -> None:
    coarse = changed(onnx_fp32, lambda heads: [head * np.float32(0.98) for head in heads])
    _, agreement = check_agreement([onnx_fp32, replace(coarse, precision="int8")], strips, (8,))
    assert agreement["max_difference"] > 1e-4
    assert agreement["alike"] == 1
    with pytest.raises(ModelError, match="changed fp32"):
        check_agreement([onnx_fp32, coarse], strips, (8,))


def test_the_runtime_takes_the_threads_and_precisions_it_is_given(strips: np.ndarray, tiny_path: Path) -> None:
    content = tiny_path.read_bytes()
    made = [
        item
        for item in file_contenders("edge", {"fp32": content, "int8": content}, (1, 2))
        if item.runtime == ONNX_RUNTIME
    ]
    assert [(item.precision, item.threads) for item in made] == [("fp32", 1), ("fp32", 2), ("int8", 1), ("int8", 2)]
    assert [head.shape for head in made[0].run(strips[:8])] == [(8, 11)] * 5


def timing_of(p50_us: float) -> Timing:
    return Timing(100, p50_us, p50_us * 1.1, p50_us * 1.5)


def contender(network: str, runtime: str, precision: str, threads: int) -> Contender:
    return Contender(network, runtime, precision, threads, lambda strips: [])


def test_ratios_are_to_the_notebook_network() -> None:
    contenders = [
        contender("edge", KERAS_PREDICT, "fp32", 2),
        contender("edge", ONNX_RUNTIME, "int8", 1),
        contender("notebook", KERAS_PREDICT, "fp32", 2),
        contender("notebook", ONNX_RUNTIME, "fp32", 2),
        contender("notebook", ONNX_RUNTIME, "int8", 1),
        contender("notebook", ONNX_RUNTIME, "fp32", 1),
    ]
    rows = compare(1, contenders, [timing_of(us) for us in (45_000, 100, 50_000, 300, 250, 500)])
    assert (rows[1]["against_keras_predict"], rows[1]["against_onnx_fp32"]) == (500, 5)
    assert (rows[2]["against_keras_predict"], rows[5]["against_onnx_fp32"]) == (1, 1)
    assert rows[0]["against_onnx_fp32"] == pytest.approx(1 / 90, abs=1e-3)
    (alone,) = compare(1, contenders[1:2], [timing_of(1)])
    assert (alone["against_keras_predict"], alone["against_onnx_fp32"]) == (None, None)
    assert find(rows, "notebook", ONNX_RUNTIME, "fp32") is rows[3]
    assert find(rows, "notebook", ONNX_RUNTIME, "fp32", 1) is rows[5]
    assert find(rows, "edge", ONNX_RUNTIME, "fp32") is None


def test_unstable_figures_are_warned_of() -> None:
    unsteady = Timing(100, 10.0, 21.0, 50.0)
    rows = compare(8, [contender("edge", ONNX_RUNTIME, "fp32", 1)] * 2, [timing_of(1), unsteady])
    product = {"picture": "frame", "stages": {"locate": unsteady.as_dict()}, "readers": {"us": timing_of(1).as_dict()}}
    assert [warning.split(": ")[1] for warning in warnings(rows, [product])] == [
        "edge ONNX Runtime fp32, 1 thread(s), batch 8",
        "frame, locate",
    ]


def test_speed_is_not_told_of_a_wrong_reading(tiny_path: Path) -> None:
    with pytest.raises(ModelError, match=r"pencil\.jpg: reads .*, expected [0-9]+"):
        frame_figures({"fp32": tiny_path, "int8": tiny_path}, QUICK)


def test_products_are_counted() -> None:
    """A convolution of 4 kernels of 3×3 on 28×140, stride 2, and a product of 4 by 11."""
    nodes = [
        helper.make_node("Conv", ["strip", "kernel"], ["features"], strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("ReduceMean", ["features"], ["means"], axes=[2, 3], keepdims=0),
        helper.make_node("MatMul", ["means", "weights"], ["digit1"]),
    ]
    constants = {"kernel": np.zeros((4, 1, 3, 3), np.float32), "weights": np.zeros((4, 11), np.float32)}
    graph = helper.make_graph(
        nodes,
        "counted",
        [helper.make_tensor_value_info("strip", TensorProto.FLOAT, ["N", 1, 28, 140])],
        [helper.make_tensor_value_info("digit1", TensorProto.FLOAT, ["N", 11])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    assert limit.multiply_accumulates(model.SerializeToString()) == 4 * 14 * 70 * 9 + 4 * 11


@pytest.mark.slow
def test_the_packages_network_is_measured_where_there_are_no_training_runs(tmp_path: Path) -> None:
    pytest.importorskip("scipy")
    effort = replace(QUICK, seconds=0.01, batches=(1, 64))
    document = json.loads(json.dumps(command.measure(effort, tmp_path, lambda text: None)))
    assert "| edge " in markdown(document)
    rows = document["latency"]
    assert {row["batch"] for row in rows} == {1, 64} and {row["network"] for row in rows} == {"edge"}
    assert find(rows, "edge", ONNX_RUNTIME, "int8", 1) is not None
    assert any(reason.startswith("notebook: ") for reason in document["left_out"])
    assert document["networks"]["edge"]["run"] == "package"
    assert [row["precision"] for row in document["limit"]["networks"]] == ["fp32", "int8"]
    (product,) = document["product"]
    parts = [timing["p50_us"] for name, timing in product["stages"].items() if name != "end to end"]
    assert 0.5 < sum(parts) / product["stages"]["end to end"]["p50_us"] < 1.5
    assert str(tmp_path) not in json.dumps(document)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["edge", "notebook"])
def test_every_runtime_gives_the_answers_of_keras(name: str) -> None:
    pytest.importorskip("tensorflow")
    from export import convert, graph
    from train.model.network import build

    model = build(name)
    content = graph.serialise(convert.to_onnx(model))
    random = np.random.default_rng(0).integers(0, 256, (80, 28, 140, 1), dtype=np.uint8)
    contenders = runtimes.keras_contenders(name, model, 2) + file_contenders(name, {"fp32": content}, (1,))
    if runtimes.LITERT not in runtimes.missing_runtimes():
        files = runtimes.litert_models(model, random[:10])
        contenders += [runtimes.litert(name, precision, file, 1) for precision, file in files.items()]
    agreements = check_agreement([item for item in contenders if item.precision == "fp32"], random, (1, 8, 64))
    assert {row["runtime"] for row in agreements} >= {"Keras predict", "tf.function", "XLA", "ONNX Runtime"}
    assert all([head.shape for head in item.run(random[:8])] == [(8, 11)] * 5 for item in contenders)
