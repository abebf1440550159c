"""The graph that comes out: the same answers, nothing superfluous, the contract's signature, the same bytes."""

import onnx
import pytest

from edge_runtime import ModelError
from edge_runtime.recognition.contract import BATCH_SYMBOL, METADATA_KEY, OUTPUT_NAMES, ModelSpec
from edge_runtime.recognition.strip import STRIP_VERSION
from export import gates, graph
from export.convert import finish

from .small_network import converted, finished, noise


def test_finishing_keeps_the_answers_and_drops_the_overhead():
    before = gates.probabilities(graph.serialise(converted()), noise())
    model = finished()
    assert gates.max_difference(before, gates.probabilities(graph.serialise(model), noise())) < 1e-5
    ops = graph.count_ops(model)
    assert not {"Mul", "Transpose"} & ops.keys()
    assert ops["Add"] == 5 and ops["MatMul"] == 5, "only the heads' own biases; OpenCV 4.6 cannot read a Gemm"
    assert [item.domain for item in model.opset_import] == [""]


def test_an_offset_stays_in_front_of_a_padded_convolution():
    model = converted()
    convolution = next(node for node in model.graph.node if node.op_type == "Conv")
    convolution.attribute.append(onnx.helper.make_attribute("pads", [1, 0, 0, 0]))
    before = gates.probabilities(graph.serialise(model), noise())
    after = finish(model)
    assert graph.count_ops(after)["Mul"] == 1
    assert gates.max_difference(before, gates.probabilities(graph.serialise(after), noise())) < 1e-5


def test_signature_is_the_contract_with_one_batch_symbol_and_every_softmax_says_its_axis():
    model = finished()
    assert [value.name for value in model.graph.output] == list(OUTPUT_NAMES)
    symbols = {value.type.tensor_type.shape.dim[0].dim_param for value in (*model.graph.input, *model.graph.output)}
    assert symbols == {BATCH_SYMBOL}
    softmax = [node for node in model.graph.node if node.op_type == "Softmax"]
    assert [[(item.name, item.i) for item in node.attribute] for node in softmax] == [[("axis", -1)]] * 5


def test_signature_refuses_other_names_and_types():
    model = converted()
    model.graph.output[2].name = "third"
    with pytest.raises(ModelError, match="third"):
        graph.set_signature(model)
    model = converted()
    model.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    with pytest.raises(ModelError, match=r"strip is FLOAT, expected UINT8"):
        graph.set_signature(model)


def test_names_do_not_depend_on_what_the_converter_called_things():
    other = converted()
    for node in other.graph.node:
        for names in (node.input, node.output):
            for position, name in enumerate(names):
                if name not in ("strip", *OUTPUT_NAMES):
                    names[position] = f"job_17/{name}"
    for tensor in other.graph.initializer:
        tensor.name = f"job_17/{tensor.name}"
    assert graph.serialise(finished()) == graph.serialise(finish(other))


def test_writing_the_spec_twice_gives_the_same_bytes():
    model = finished()
    spec = ModelSpec(name="test", strip_version=STRIP_VERSION, temperature=1.5, reject_threshold=0.6)
    graph.set_spec(model, spec)
    once = graph.serialise(model)
    graph.set_spec(model, spec)
    assert graph.serialise(model) == once
    assert [item.key for item in model.metadata_props] == [METADATA_KEY]


def test_a_spec_too_long_for_the_runtime_is_refused():
    long = ModelSpec(name="test", strip_version=STRIP_VERSION, training={"history": "x" * 70_000})
    with pytest.raises(ModelError, match="at most"):
        graph.set_spec(finished(), long)
