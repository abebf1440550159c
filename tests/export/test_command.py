"""``python -m export`` on Keras networks, with a few strips in place of the real sets. Needs TensorFlow."""

import json
import re
from dataclasses import replace

import numpy as np
import onnx
import pytest
from click.testing import CliRunner

from edge_runtime import DigitModel
from edge_runtime.recognition.contract import BLANK
from export import convert, data, gates, graph, quantize

from .small_network import noise

pytestmark = pytest.mark.slow


def network(name):
    """Untrained, but with batch norms that do something and biases that are there."""
    keras = pytest.importorskip("keras", reason="needs TensorFlow (make test-slow)")
    from train.model.network import build

    keras.utils.set_random_seed(11)
    model, rng = build(name), np.random.default_rng(1)
    for weight in model.weights:
        if weight.path.endswith(("beta", "moving_mean", "bias")):
            weight.assign(rng.normal(0, 0.1, weight.shape))
        elif weight.path.endswith(("gamma", "moving_variance")):
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    return model


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    runs = tmp_path_factory.mktemp("runs")
    stages = {"first": {"minutes": 90.0}, "tiny": {"minutes": 30.0, "start_from": str(runs / "first")}}
    for name, settings in stages.items():
        (runs / name).mkdir()
        config = {"network": "edge", "recipe": "wild", "seed": 11, "out": str(runs / name), **settings}
        (runs / name / "config.json").write_text(json.dumps(config))
    figures = {"whole_string": 0.5, "heads": {"digit1": 0.25}, "coverage": {"0.99": 0.125}}
    evaluation = {"temperature": 1.25, "sets": {"notebook": figures}}
    (runs / "tiny" / "evaluation.json").write_text(json.dumps(evaluation))
    network("edge").save(runs / "tiny" / "model.keras")
    return runs / "tiny"


@pytest.fixture
def strips(run_folder, monkeypatch):
    """Noise in place of every set, labelled by the network itself: it reads all of it."""
    drawn = noise()
    said = convert.keras_answers(convert.load_network(run_folder / "model.keras"), drawn)
    small = data.StripSet("40 strips of noise", drawn, said.argmax(axis=2).astype(np.uint8))
    sets = data.ExportStrips(small, small, small, small)
    monkeypatch.setattr(data, "draw", lambda recipe: sets)
    return sets


def export(*arguments):
    import export.__main__ as command

    return CliRunner().invoke(command.main, [str(argument) for argument in arguments])


def test_the_command_exports_and_installs(run_folder, strips, tmp_path, monkeypatch):
    import export.__main__ as command

    monkeypatch.setattr(command, "PACKAGE_FOLDER", tmp_path / "package")
    before = set(run_folder.iterdir())
    result = export(run_folder, "--out", tmp_path / "out", "--install")
    assert result.exit_code == 0, result.stderr
    assert {path.name for path in set(run_folder.iterdir()) - before} == {"export.json"}
    card = (tmp_path / "package" / "MODEL_CARD.md").read_text()
    for name in ("digits-fp32.onnx", "digits-int8.onnx"):
        opened = DigitModel(tmp_path / "package" / name)
        assert name in result.stdout and opened.sha256 in card
        assert (opened.spec.temperature, opened.spec.training["network"]) == (1.25, "edge")
        expected = {"notebook": {"whole_string": 0.5, "coverage": {"0.99": 0.125}}}
        assert opened.spec.accuracy["evaluation"] == expected
    assert re.search(r"\| heads\.digit1 +\| 0\.25 +\|", card)
    assert "2 stages" in card and re.search(r"\| minutes +\| 30 +\| 90 +\|", card)
    assert str(run_folder.parent) not in (run_folder / "export.json").read_text()
    ops = graph.count_ops(onnx.load(tmp_path / "out" / "digits-fp32.onnx"))
    assert not {"BatchNormalization", "Shape", "Mul", "Sub", "Gemm"} & ops.keys(), "norms folded, shapes fixed"

    assert export(run_folder, "--out", tmp_path / "again").exit_code == 0
    for path in (tmp_path / "out").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()
        assert path.read_bytes() == (tmp_path / "package" / path.name).read_bytes()


def test_an_untrained_network_is_refused_unless_the_floor_is_lowered(run_folder, strips, tmp_path, monkeypatch):
    wrong = strips.parity.labels.copy()
    wrong[:, 0] = BLANK
    wrong[:, 1:] = [1, 2, 3, 4]
    unread = replace(strips.parity, labels=wrong)
    monkeypatch.setattr(data, "draw", lambda recipe: replace(strips, parity=unread))
    result = export(run_folder, "--out", tmp_path / "out")
    assert result.exit_code == 1 and not (tmp_path / "out").exists()
    assert "floor gate: the network reads 0.00% of 40 strips of noise, at least 50.00% are wanted" in result.stderr
    assert export(run_folder, "--out", tmp_path / "out", "--floor", 0).exit_code == 0


def test_a_changed_network_fails_the_parity_gate_and_installs_nothing(run_folder, strips, tmp_path, monkeypatch):
    convert_rightly = convert.to_onnx

    def convert_wrongly(model):
        made = convert_rightly(model)
        name = next(name for name, value in graph.constants(made).items() if value.ndim == 4)
        graph.set_constant(made, name, graph.constants(made)[name] * np.float32(1.02))
        return made

    monkeypatch.setattr(convert, "to_onnx", convert_wrongly)
    result = export(run_folder, "--out", tmp_path / "out")
    assert result.exit_code == 1 and "parity gate" in result.stderr and not list(tmp_path.iterdir())


def test_a_loss_by_eight_bits_fails_the_accuracy_gate(run_folder, strips, tmp_path, monkeypatch):
    quantize_rightly = quantize.quantize

    def quantize_badly(fp32, calibration, bits):
        broken = onnx.ModelProto.FromString(graph.serialise(fp32))
        for name, value in graph.constants(fp32).items():
            if value.size in (11, 55):  # biases of the heads: every slot reads 3
                value = value.copy()
                value.reshape(-1, 11)[:, 3] += 100
                graph.set_constant(broken, name, value)
        return quantize_rightly(broken, calibration, bits)

    monkeypatch.setattr(quantize, "quantize", quantize_badly)
    result = export(run_folder, "--out", tmp_path / "out")
    assert result.exit_code == 1 and "accuracy gate" in result.stderr and not list(tmp_path.iterdir())


def test_the_notebook_network_loses_its_leading_batch_norm_too():
    model = network("notebook")
    made = convert.to_onnx(model)
    assert not {"BatchNormalization", "Mul", "Shape", "Gemm"} & graph.count_ops(made).keys()
    gates.check_parity(convert.keras_answers(model, noise()), gates.probabilities(graph.serialise(made), noise()))
