"""The export's passes, gates and files, on small ONNX graphs; the whole command on a Keras network is marked slow."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from onnx import numpy_helper, parser

from edge_runtime import DigitModel, ModelError
from edge_runtime.recognition.contract import BATCH_SYMBOL, BLANK, METADATA_KEY, OUTPUT_NAMES, ModelSpec
from edge_runtime.recognition.strip import STRIP_VERSION
from export import card, gates, graph, install, precision, quantize, score, simplify
from export.run_folder import open_run, portable
from train.core.errors import RunError

RNG_SEED = 7

HEADS = "\n".join(
    f"  raw{k} = MatMul(flat, w{k}) score{k} = Add(raw{k}, b{k}) digit{k} = Softmax(score{k})" for k in range(1, 6)
)
NETWORK = f"""
<ir_version: 8, opset_import: ["" : 17]>
net (uint8[n, 28, 140, 1] strip) => ({", ".join(f"float[m{k}, 11] digit{k}" for k in range(1, 6))}) {{
  pixels = Cast<to = 1>(strip)
  scaled = Mul(pixels, third)
  shifted = Add(scaled, offset)
  size = Shape(pixels)
  batch = Slice(size, zero, one)
  target = Concat<axis = 0>(batch, planes)
  image = Reshape(shifted, target)
  seen = Conv<strides = [7, 7]>(image, kernel)
  active = Relu(seen)
  last = Transpose<perm = [0, 2, 3, 1]>(active)
  flat = Reshape(last, flattened)
{HEADS}
}}
"""


def network(seed: int = RNG_SEED) -> onnx.ModelProto:
    """A network of the contract as the converter leaves it: computed shapes, scaling, channels moved last."""
    rng = np.random.default_rng(seed)
    model = parser.parse_model(NETWORK)
    values = {
        "third": np.float32(1 / 300),
        "offset": np.float32(-0.25),
        "zero": np.array([0], np.int64),
        "one": np.array([1], np.int64),
        "planes": np.array([1, 28, 140], np.int64),
        "flattened": np.array([-1, 4 * 20 * 16], np.int64),
        "kernel": rng.normal(0, 0.4, (16, 1, 7, 7)).astype(np.float32),
    }
    for head in range(1, 6):
        values[f"w{head}"] = rng.normal(0, 0.15, (4 * 20 * 16, 11)).astype(np.float32)
        values[f"b{head}"] = rng.normal(0, 0.1, 11).astype(np.float32)
    model.graph.initializer.extend(numpy_helper.from_array(np.asarray(value), name) for name, value in values.items())
    return model


def finished(seed: int = RNG_SEED) -> onnx.ModelProto:
    model = network(seed)
    simplify.simplify(model)
    graph.set_signature(model)
    return graph.infer_shapes(model)


@pytest.fixture(scope="module")
def strips() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (40, 28, 140)).astype(np.uint8)


@pytest.fixture
def spec() -> ModelSpec:
    return ModelSpec(name="test", strip_version=STRIP_VERSION, temperature=1.5, reject_threshold=0.6)


def test_simplify_keeps_the_answers_and_drops_the_overhead(strips: np.ndarray) -> None:
    before = score.probabilities(graph.serialise(network()), strips)
    model = finished()
    after = score.probabilities(graph.serialise(model), strips)
    assert score.max_difference(before, after) < 1e-5
    ops = graph.count_ops(model)
    assert not {"Shape", "Slice", "Concat", "Mul", "Transpose"} & ops.keys()
    assert ops["Add"] == 5, "only the heads' own biases are left"


def test_an_offset_stays_in_front_of_a_padded_convolution(strips: np.ndarray) -> None:
    model = network()
    convolution = next(node for node in model.graph.node if node.op_type == "Conv")
    convolution.attribute.append(onnx.helper.make_attribute("pads", [1, 0, 0, 0]))
    before = score.probabilities(graph.serialise(model), strips)
    simplify.simplify(model)
    assert graph.count_ops(model)["Mul"] == 1
    assert score.max_difference(before, score.probabilities(graph.serialise(model), strips)) < 1e-5


def test_every_softmax_says_its_axis_and_a_given_one_stays() -> None:
    model = parser.parse_model(
        """
        <ir_version: 8, opset_import: ["" : 17]>
        net (float[n, 2, 3] x) => (float[n, 2, 3] y, float[n, 2, 3] z) {
          y = Softmax(x)
          z = Softmax<axis = 1>(x)
        }
        """
    )
    simplify.spell_out_softmax_axis(model)
    axes = [[(attribute.name, attribute.i) for attribute in node.attribute] for node in model.graph.node]
    assert axes == [[("axis", -1)], [("axis", 1)]]


def test_transposes_that_undo_each_other_are_read_past() -> None:
    model = parser.parse_model(
        """
        <ir_version: 8, opset_import: ["" : 17]>
        net (float[n, 2, 3, 4] x) => (float[n, 2, 3, 4] y, float[n, 3, 4, 2] z) {
          last = Transpose<perm = [0, 2, 3, 1]>(x)
          first = Transpose<perm = [0, 3, 1, 2]>(last)
          y = Relu(first)
          z = Relu(last)
        }
        """
    )
    simplify.cancel_transposes(model)
    assert graph.count_ops(model) == {"Relu": 2, "Transpose": 1}
    assert graph.producers(model)["y"].input[0] == "x"
    assert graph.producers(model)["z"].input[0] == "last"


def test_transposes_that_do_not_undo_each_other_stay() -> None:
    model = parser.parse_model(
        """
        <ir_version: 8, opset_import: ["" : 17]>
        net (float[n, 2, 3, 4] x) => (float[n, 4, 2, 3] y) {
          last = Transpose<perm = [0, 2, 3, 1]>(x)
          first = Transpose<perm = [0, 2, 3, 1]>(last)
          y = Relu(first)
        }
        """
    )
    simplify.cancel_transposes(model)
    assert graph.count_ops(model) == {"Relu": 1, "Transpose": 2}


def test_signature_is_the_contract_with_one_batch_symbol() -> None:
    model = finished()
    assert [value.name for value in model.graph.output] == list(OUTPUT_NAMES)
    symbols = {value.type.tensor_type.shape.dim[0].dim_param for value in (*model.graph.input, *model.graph.output)}
    assert symbols == {BATCH_SYMBOL}


def test_signature_refuses_other_names_and_types() -> None:
    model = network()
    model.graph.output[2].name = "third"
    with pytest.raises(ModelError, match="third"):
        graph.set_signature(model)
    model = network()
    model.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    with pytest.raises(ModelError, match=r"strip is FLOAT, expected UINT8"):
        graph.set_signature(model)


def test_writing_the_spec_twice_gives_the_same_bytes(spec: ModelSpec) -> None:
    model = finished()
    graph.set_spec(model, spec)
    once = graph.serialise(model)
    graph.set_spec(model, spec)
    assert graph.serialise(model) == once
    assert [item.key for item in model.metadata_props] == [METADATA_KEY]


def test_a_spec_too_long_for_the_runtime_is_refused(spec: ModelSpec) -> None:
    long = ModelSpec(name="test", strip_version=STRIP_VERSION, training={"history": "x" * 70_000})
    with pytest.raises(ModelError, match="at most"):
        graph.set_spec(finished(), long)


def test_names_do_not_depend_on_what_the_converter_called_things() -> None:
    model, other = network(), network()
    for node in other.graph.node:
        for names in (node.input, node.output):
            for position, name in enumerate(names):
                if name not in ("strip", *OUTPUT_NAMES):
                    names[position] = f"job_17/{name}"
    for tensor in other.graph.initializer:
        tensor.name = f"job_17/{tensor.name}"
    simplify.simplify(model)
    simplify.simplify(other)
    assert graph.serialise(model) == graph.serialise(other)


@pytest.mark.parametrize("reduce_range", [True, False])
def test_eight_bits_read_nearly_the_same_and_keep_the_softmax(strips: np.ndarray, reduce_range: bool) -> None:
    fp32 = finished()
    int8 = quantize.quantize(fp32, strips, quantize.Scheme(reduce_range))
    one, other = (score.probabilities(graph.serialise(model), strips) for model in (fp32, int8))
    assert 0 < score.max_difference(one, other) < 0.35
    assert np.abs(one - other).mean() < 0.02
    assert score.head_accuracy(other, one.argmax(axis=2)) > 0.9
    weights = [value for value in graph.constants(int8).values() if value.dtype == np.int8 and value.ndim > 1]
    assert len(weights) == 5, "of the heads; the only convolution is the first, and stays"
    assert max(np.abs(value.astype(int)).max() for value in weights) <= (64 if reduce_range else 127)
    rows = precision.summary(precision.node_precisions(int8))
    kept = {op: count for op, bits, count, _ in rows if bits == "fp32"}
    assert kept["Softmax"] == 5
    assert kept["Conv"] == 1
    assert not {"Gemm", "MatMul"} & kept.keys()
    assert all(bool(reason) == (bits == "fp32") for _, bits, _, reason in rows), "what is not in 8 bits has a reason"
    assert {bits for _, bits, *_ in precision.summary(precision.node_precisions(fp32))} == {"fp32"}
    made_by = graph.producers(int8)
    for name in OUTPUT_NAMES:
        assert made_by[made_by[name].input[0]].op_type in ("Gemm", "Add"), "logits are not rounded to 8 bits"


def test_a_pool_behind_the_first_convolution_stays_in_floats_and_is_shielded(strips: np.ndarray) -> None:
    """ONNX Runtime would move the rounding in front of the pool, and pool bytes slowly."""
    model = network()
    conv, relu, last = (
        next(node for node in model.graph.node if node.name == "" and node.op_type == kind)
        for kind in ("Conv", "Relu", "Transpose")
    )
    conv.attribute[0].ints[:] = [3, 3]
    pool = onnx.helper.make_node("MaxPool", [relu.output[0]], ["pooled"], kernel_shape=[2, 2], strides=[2, 2])
    model.graph.node.insert(list(model.graph.node).index(last), pool)
    last.input[0] = "pooled"
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    rows = 4 * 22 * 16
    weights["flattened"].CopyFrom(numpy_helper.from_array(np.array([-1, rows], np.int64), "flattened"))
    for head in range(1, 6):
        heads = np.random.default_rng(head).normal(0, 0.15, (rows, 11)).astype(np.float32)
        weights[f"w{head}"].CopyFrom(numpy_helper.from_array(heads, f"w{head}"))
    simplify.simplify(model)
    graph.set_signature(model)
    fp32 = graph.infer_shapes(model)
    int8 = quantize.quantize(fp32, strips, quantize.Scheme(True))
    kinds = [node.op_type for node in int8.graph.node]
    place = kinds.index("MaxPool")
    assert kinds[place - 2 : place + 2] == ["Conv", "Relu", "MaxPool", "Relu"]
    one, other = (score.probabilities(graph.serialise(model), strips) for model in (fp32, int8))
    assert np.abs(one - other).mean() < 0.02


def test_quantising_twice_gives_the_same_bytes(strips: np.ndarray) -> None:
    first, second = (quantize.quantize(finished(), strips, quantize.Scheme(True)) for _ in range(2))
    assert graph.serialise(first) == graph.serialise(second)


def answers(texts: list[str], confidence: float = 0.9) -> np.ndarray:
    """Probabilities float32 [N, 5, 11] that decode to the texts."""
    probabilities = np.full((len(texts), 5, 11), (1 - confidence) / 10, np.float32)
    for row, text in enumerate(texts):
        for slot, char in enumerate(text.rjust(5)):
            probabilities[row, slot, BLANK if char == " " else int(char)] = confidence
    return probabilities


def test_parity_gate_passes_within_the_tolerance() -> None:
    expected = answers(["12", "", "99999"])
    gates.check_parity(expected, expected + np.float32(0.9e-4))


@pytest.mark.parametrize("amount", [2e-4, np.nan])
def test_parity_gate_fails_beyond_the_tolerance(amount: float) -> None:
    expected, got = answers(["12", "345"]), answers(["12", "345"])
    got[1, 4, 3] += amount
    with pytest.raises(ModelError, match="parity gate"):
        gates.check_parity(expected, got)


def test_parity_gate_fails_where_the_text_differs_by_a_hair() -> None:
    expected, got = answers(["12"], 0.5), answers(["12"], 0.5)
    expected[0, 4, [2, 3]] = 0.45001, 0.44999
    got[0, 4, [2, 3]] = 0.44999, 0.45001
    with pytest.raises(ModelError, match=r"1 of 1 strips.*'12'.*'13'"):
        gates.check_parity(expected, got)


def test_accuracy_gate_allows_two_tenths_of_a_point() -> None:
    gates.check_accuracy(0.970, 0.968)
    gates.check_accuracy(0.970, 0.980)
    with pytest.raises(ModelError, match=r"accuracy gate.*0\.21 points"):
        gates.check_accuracy(0.9700, 0.9679)
    with pytest.raises(ModelError, match="accuracy gate"):
        gates.check_accuracy(0.97, float("nan"))


def test_whole_string_accuracy_counts_the_text() -> None:
    labels = np.array([[10, 10, 10, 1, 2], [10, 10, 10, 10, 10], [9, 9, 9, 9, 9]])
    got = answers(["12", "", "99998"])
    assert score.whole_string_accuracy(got, labels) == pytest.approx(2 / 3)
    assert score.head_accuracy(got, labels) == pytest.approx(14 / 15)


def test_accuracy_is_told_by_length() -> None:
    labels = np.array([[BLANK, BLANK, BLANK, 4, 2], [BLANK, BLANK, BLANK, 1, 7], [BLANK, BLANK, 3, 0, 5]], np.uint8)
    assert score.accuracy_by_length(answers(["42", "19", "305"]), labels) == {"2": 0.5, "3": 1.0}


def test_written_files_are_hashed_and_open_in_the_runtime(tmp_path: Path, spec: ModelSpec) -> None:
    model = finished()
    graph.set_spec(model, spec)
    content = graph.serialise(model)
    install.write(tmp_path / "new", {"digits-fp32.onnx": content}, "MODEL_CARD.md", "# card\n")
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names == {"digits-fp32.onnx", "MODEL_CARD.md", "SHA256SUMS"}
    line = (tmp_path / "new" / "SHA256SUMS").read_text()
    assert line == f"{hashlib.sha256(content).hexdigest()}  digits-fp32.onnx\n"
    assert DigitModel(tmp_path / "new" / "digits-fp32.onnx").spec == spec


def test_a_model_that_lies_beside_keeps_its_file_and_hash(tmp_path: Path, spec: ModelSpec) -> None:
    model = finished()
    graph.set_spec(model, spec)
    content = graph.serialise(model)
    install.write(tmp_path, {"digits-int8.onnx": content}, "MODEL_CARD.md", "# one\n")
    larger = {"second-look-fp32.onnx": content, "second-look-int8.onnx": content}
    install.write(tmp_path, install.bundled(larger), "MODEL_CARD-second-look.md", "# two\n")
    assert {path.name for path in tmp_path.iterdir()} == {
        *("digits-int8.onnx", "second-look-int8.onnx"),
        *("MODEL_CARD.md", "MODEL_CARD-second-look.md", "SHA256SUMS"),
    }
    digest = hashlib.sha256(content).hexdigest()
    sums = (tmp_path / "SHA256SUMS").read_text()
    assert sums == f"{digest}  digits-int8.onnx\n{digest}  second-look-int8.onnx\n"


def test_nothing_is_written_where_the_runtime_refuses_a_model(tmp_path: Path, spec: ModelSpec) -> None:
    good = finished()
    graph.set_spec(good, spec)
    (tmp_path / "digits-fp32.onnx").write_bytes(b"what was here before")
    models = {"digits-fp32.onnx": graph.serialise(good), "digits-int8.onnx": graph.serialise(finished())}
    with pytest.raises(ModelError, match="metadata"):
        install.write(tmp_path, models, "MODEL_CARD.md", "# card\n")
    assert [path.name for path in tmp_path.iterdir()] == ["digits-fp32.onnx"]
    assert (tmp_path / "digits-fp32.onnx").read_bytes() == b"what was here before"


def test_paths_of_the_machine_do_not_reach_the_model() -> None:
    config = {"out": "/home/someone/runs/edge", "data": ["C:\\data\\mnist.npz"], "lr": 0.1, "note": "a/b", "n": None}
    assert portable(config) == {"out": "edge", "data": ["mnist.npz"], "lr": 0.1, "note": "a/b", "n": None}


def test_an_incomplete_run_folder_names_the_command_that_completes_it(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="python -m train fit"):
        open_run(tmp_path / "absent")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(RunError, match=r"evaluation\.json.*python -m train evaluate"):
        open_run(tmp_path)
    (tmp_path / "evaluation.json").write_text("[1]")
    with pytest.raises(RunError, match="expected an object"):
        open_run(tmp_path)


def test_a_network_trained_on_other_strips_is_refused(tmp_path: Path) -> None:
    (tmp_path / "evaluation.json").write_text('{"temperature": 1.5}')
    (tmp_path / "config.json").write_text(json.dumps({"strip_version": STRIP_VERSION}))
    assert open_run(tmp_path).calibration == {"temperature": 1.5}
    (tmp_path / "config.json").write_text(json.dumps({"strip_version": STRIP_VERSION + 1}))
    with pytest.raises(ModelError, match=f"strips of version {STRIP_VERSION + 1}"):
        open_run(tmp_path)


def test_the_sets_come_from_their_splits_and_no_seed_serves_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    from export import data

    calls = []

    def make(recipe: str, split: str, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        calls.append((recipe, split, seed))
        return np.zeros((1, 28, 140), np.uint8), np.zeros((1, 5), np.uint8)

    monkeypatch.setattr(data.train_strips, "make_strips", make)
    monkeypatch.setattr(data.train_strips, "test_strips", lambda: make("notebook", "test", 1, 0))
    drawn = data.draw("wild")
    assert ("wild", "train", data.CALIBRATION_SEED) in calls
    assert {split for _, split, _ in calls} == {"train", "validation", "test"}
    assert sum(split == "train" for _, split, _ in calls) == 1
    assert len({(split, seed) for _, split, seed in calls}) == len(calls) - 1, (
        "one seed, both kinds of selection strips"
    )
    assert "test" in drawn.test.origin
    with pytest.raises(ModelError, match="recipe 'wilder'"):
        data.draw("wilder")


# The whole command, on a Keras network: needs TensorFlow.


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    keras = pytest.importorskip("keras", reason="needs TensorFlow (make test-slow)")
    from train.model.network import build

    keras.utils.set_random_seed(11)
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    folder.mkdir()
    model = build("edge")
    rng = np.random.default_rng(1)
    for weight in model.weights:  # batch norms that do something, biases that are there
        if weight.path.endswith(("beta", "moving_mean", "bias")):
            weight.assign(rng.normal(0, 0.1, weight.shape))
        elif weight.path.endswith(("gamma", "moving_variance")):
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    model.save(folder / "model.keras")
    config = {"network": "edge", "recipe": "wild", "seed": 11, "out": str(folder)}
    figures = {"whole_string": 0.5, "heads": {"digit1": 0.25}, "coverage": {"0.99": 0.125}}
    evaluation = {"temperature": 1.25, "sets": {"notebook": figures}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "evaluation.json").write_text(json.dumps(evaluation))
    return folder


@pytest.fixture
def few_strips(monkeypatch: pytest.MonkeyPatch, strips: np.ndarray):
    """A few noisy strips in place of the real sets, labelled with what no network answers."""
    from export import data

    labels = np.tile(np.arange(5, dtype=np.uint8), (len(strips), 1))
    labels[:, 0] = BLANK
    small = data.StripSet("40 strips of noise", strips, labels)
    drawn = data.ExportStrips(small, small, small, small)
    monkeypatch.setattr(data, "draw", lambda recipe: drawn)
    return drawn


@pytest.mark.slow
def test_the_command_exports_and_installs(run_folder: Path, few_strips, tmp_path: Path, monkeypatch) -> None:
    import export.__main__ as command

    monkeypatch.setattr(command, "PACKAGE_FOLDER", tmp_path / "package")
    before = set(run_folder.iterdir())
    result = CliRunner().invoke(command.main, [str(run_folder), "--out", str(tmp_path / "out"), "--install"])
    assert result.exit_code == 0, result.stderr
    assert {path.name for path in set(run_folder.iterdir()) - before} == {"export.json"}
    for name in ("digits-fp32.onnx", "digits-int8.onnx", "SHA256SUMS", "MODEL_CARD.md"):
        assert (tmp_path / "package" / name).read_bytes() == (tmp_path / "out" / name).read_bytes()
        if name.endswith(".onnx"):
            assert name in result.stdout
            opened = DigitModel(tmp_path / "package" / name)
            assert opened.spec.temperature == 1.25
            assert opened.spec.training["network"] == "edge"
            assert opened.spec.accuracy["evaluation"] == {
                "notebook": {"whole_string": 0.5, "coverage": {"0.99": 0.125}}
            }
            assert opened.sha256 in (tmp_path / "package" / "MODEL_CARD.md").read_text()
    card = (tmp_path / "package" / "MODEL_CARD.md").read_text()
    assert re.search(r"\| heads\.digit1 +\| 0\.25 +\|", card)
    assert str(run_folder.parent) not in (run_folder / "export.json").read_text()
    fp32 = onnx.load(tmp_path / "out" / "digits-fp32.onnx")
    ops = graph.count_ops(fp32)
    assert not {"BatchNormalization", "Shape", "Mul", "Sub"} & ops.keys(), "batch norms are folded, shapes are fixed"
    assert ops.get("Transpose", 0) <= 1

    again = CliRunner().invoke(command.main, [str(run_folder), "--out", str(tmp_path / "again")])
    assert again.exit_code == 0
    for path in (tmp_path / "out").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


@pytest.mark.slow
def test_a_changed_network_fails_the_parity_gate_and_installs_nothing(
    run_folder: Path, few_strips, tmp_path: Path, monkeypatch
) -> None:
    import export.__main__ as command
    from export import convert

    def convert_wrongly(network):
        model = convert_rightly(network)
        name = next(name for name, value in graph.constants(model).items() if value.ndim == 4)
        graph.set_constant(model, name, graph.constants(model)[name] * np.float32(1.02))
        return model

    convert_rightly = convert.to_onnx
    monkeypatch.setattr(convert, "to_onnx", convert_wrongly)
    monkeypatch.setattr(command, "PACKAGE_FOLDER", tmp_path / "package")
    result = CliRunner().invoke(command.main, [str(run_folder), "--out", str(tmp_path / "out"), "--install"])
    assert result.exit_code == 1
    assert "parity gate" in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_loss_by_eight_bits_fails_the_accuracy_gate(
    run_folder: Path, few_strips, tmp_path: Path, monkeypatch
) -> None:
    import export.__main__ as command
    from export import convert, data

    network = convert.load_network(run_folder / "model.keras")
    own_answers = convert.predictor(network)(few_strips.test.strips).argmax(axis=2).astype(np.uint8)
    test = data.StripSet("labelled by the network itself", few_strips.test.strips, own_answers)
    drawn = data.ExportStrips(few_strips.parity, few_strips.calibration, few_strips.selection, test)
    monkeypatch.setattr(data, "draw", lambda recipe: drawn)

    def quantize_badly(fp32, calibration, scheme):
        broken = onnx.ModelProto.FromString(graph.serialise(fp32))
        for name, value in graph.constants(fp32).items():
            if value.size in (11, 55):  # biases of the heads: every slot reads 3
                value = value.copy()
                value.reshape(-1, 11)[:, 3] += 100
                graph.set_constant(broken, name, value)
        return exact(broken, calibration, scheme)

    exact = quantize.quantize
    monkeypatch.setattr(quantize, "quantize", quantize_badly)
    result = CliRunner().invoke(command.main, [str(run_folder), "--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert "accuracy gate" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_notebook_network_loses_its_leading_batch_norm_too(strips: np.ndarray) -> None:
    pytest.importorskip("keras", reason="needs TensorFlow (make test-slow)")
    from export import convert
    from train.model.network import build

    network = build("notebook")
    norm = next(layer for layer in network.layers if layer.name.startswith("batch_norm"))
    norm.set_weights([np.array([value], np.float32) for value in (1.7, -0.4, 0.13, 0.09)])
    model = convert.to_onnx(network)
    assert not {"BatchNormalization", "Mul", "Transpose", "Shape"} & graph.count_ops(model).keys()
    gates.check_parity(convert.predictor(network)(strips), score.probabilities(graph.serialise(model), strips))


def test_the_card_tells_every_stage_of_training() -> None:
    first = {"seed": 1, "start_from": None, "minutes": 90.0}
    last = {"seed": 2, "start_from": "runs/first", "minutes": 30.0, "started_from": first}
    text = card._training({"run": "last", "training": last})
    assert "2 stages" in text
    assert re.search(r"\| setting +\| last +\| first +\|", text)
    assert re.search(r"\| minutes +\| 30 +\| 90 +\|", text)
    assert "started_from" not in text
