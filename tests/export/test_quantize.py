"""Eight bits: nearly the same answers, softmax and first convolution in floats, the same bytes each time."""

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from edge_runtime.recognition.contract import OUTPUT_NAMES
from export import gates, graph
from export.convert import finish
from export.quantize import node_precisions, quantize

from .small_network import converted, finished, noise


@pytest.mark.parametrize(("bits", "largest"), [(7, 64), (8, 127)])
def test_eight_bits_read_nearly_the_same_and_keep_the_softmax(bits, largest):
    fp32, strips = finished(), noise()
    int8 = quantize(fp32, strips, bits)
    one, other = (gates.probabilities(graph.serialise(model), strips) for model in (fp32, int8))
    assert 0 < gates.max_difference(one, other) < 0.35
    assert np.abs(one - other).mean() < 0.02
    assert gates.head_accuracy(other, one.argmax(axis=2)) > 0.9
    weights = [value for value in graph.constants(int8).values() if value.dtype == np.int8 and value.ndim > 1]
    assert len(weights) == 5, "of the heads; the only convolution is the first, and stays"
    assert max(np.abs(value.astype(int)).max() for value in weights) <= largest
    made_by = graph.producers(int8)
    for name in OUTPUT_NAMES:
        assert made_by[made_by[name].input[0]].op_type in ("Gemm", "Add"), "logits are not rounded to 8 bits"


def test_nodes_are_counted_by_their_precision():
    fp32 = finished()
    counts = node_precisions(quantize(fp32, noise(), 7))
    assert counts["fp32"]["Softmax"] == 5 and counts["fp32"]["Conv"] == 1
    assert not {"Gemm", "MatMul"} & counts["fp32"].keys()
    assert not node_precisions(fp32)["8 bits"]


def test_a_pool_behind_the_first_convolution_stays_in_floats_and_is_shielded():
    """ONNX Runtime would move the rounding in front of the pool, and pool bytes slowly."""
    model = converted()
    nodes = {node.op_type: node for node in model.graph.node}
    nodes["Conv"].attribute[0].ints[:] = [3, 3]
    pool = onnx.helper.make_node("MaxPool", ["active"], ["pooled"], kernel_shape=[2, 2], strides=[2, 2])
    place = next(index for index, node in enumerate(model.graph.node) if node.output[0] == "moved")
    model.graph.node[place].input[0] = "pooled"
    model.graph.node.insert(place, pool)
    features = 4 * 22 * 16
    rng = np.random.default_rng(1)
    values = {"flattened": np.array([-1, features], np.int64)}
    values |= {f"w{head}": rng.normal(0, 0.15, (features, 11)).astype(np.float32) for head in range(1, 6)}
    for tensor in model.graph.initializer:
        if tensor.name in values:
            tensor.CopyFrom(numpy_helper.from_array(values[tensor.name], tensor.name))
    fp32 = finish(model)
    int8 = quantize(fp32, noise(), 7)
    kinds = [node.op_type for node in int8.graph.node]
    place = kinds.index("MaxPool")
    assert kinds[place - 2 : place + 2] == ["Conv", "Relu", "MaxPool", "Relu"]
    one, other = (gates.probabilities(graph.serialise(model), noise()) for model in (fp32, int8))
    assert np.abs(one - other).mean() < 0.02


def test_quantising_twice_gives_the_same_bytes():
    first, second = (quantize(finished(), noise(), 7) for _ in range(2))
    assert graph.serialise(first) == graph.serialise(second)
