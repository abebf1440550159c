"""Training end to end on a toy, and the networks' shapes. Needs TensorFlow."""

import json
import shutil
from dataclasses import asdict, replace

import numpy as np
import pytest

pytestmark = pytest.mark.slow

from edge_runtime.core.errors import EdgeDigitsError  # noqa: E402
from edge_runtime.recognition.contract import INPUT_NAME, OUTPUT_NAMES  # noqa: E402
from train.core import run_folder  # noqa: E402
from train.core.errors import RunError  # noqa: E402
from train.fitting.commands import NETWORKS  # noqa: E402
from train.fitting.config import FitConfig  # noqa: E402


@pytest.fixture(scope="module")
def training():
    return pytest.importorskip("train.fitting.fit")


@pytest.fixture(scope="module")
def toy(training, tmp_path_factory):
    """A run of the edge network on a few thousand strips of the notebook's recipe."""
    out = tmp_path_factory.mktemp("runs") / "toy"
    config = FitConfig("edge", "notebook").smoke()
    lines = []
    training.fit(config, out, report=lines.append)
    return config, out, lines


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("edge", 50_000, 300_000), ("second-look", 500_000, 900_000), ("notebook", 1_366_000, 1_368_000)],
)
def test_networks_keep_the_contract(training, name, low, high):
    model = training.network.build(name)
    assert [tensor.name for tensor in model.inputs] == [INPUT_NAME]
    assert tuple(model.inputs[0].shape) == (None, 28, 140, 1) and model.inputs[0].dtype == "uint8"
    assert model.output_names == list(OUTPUT_NAMES)
    assert low <= model.count_params() <= high
    heads = model(np.random.default_rng(0).integers(0, 256, (3, 28, 140, 1)).astype(np.uint8), training=False)
    for head in heads:
        assert head.shape == (3, 11)
        np.testing.assert_allclose(np.asarray(head).sum(axis=1), 1, atol=1e-5)


def test_every_network_has_a_name_that_the_command_line_offers(training):
    assert set(NETWORKS) == set(training.network.NETWORKS)
    with pytest.raises(ValueError, match="expected one of edge, second-look, notebook"):
        training.network.build("resnet")


def test_a_run_folder_explains_itself(toy):
    config, out, lines = toy
    written = json.loads((out / "config.json").read_text())
    assert written["seed"] == config.seed and written["recipe"] == "notebook" and "tensorflow" in written["versions"]
    history = json.loads((out / "history.json").read_text())["history"]
    assert [row["strips"] for row in history] == sorted(row["strips"] for row in history)
    assert history[-1]["loss"] < history[0]["loss"], "the toy learns"
    assert (out / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert len(lines) == len(history) and "whole string" in lines[-1]


def test_a_saved_model_gives_what_it_was_evaluated_with(training, toy):
    import keras

    config, out, _ = toy
    model = keras.models.load_model(out / "model.keras", compile=False)
    strips, labels = training.make_strips("notebook", "validation", config.validation, training.VALIDATION_SEED)
    best = json.loads((out / "history.json").read_text())["best"]
    assert training.whole_string_accuracy(model, strips, labels) == pytest.approx(best)


def test_a_folder_in_use_is_not_overwritten_and_resume_needs_the_same_values(training, toy):
    config, out, _ = toy
    with pytest.raises(RunError, match="holds a run already"):
        training.fit(config, out)
    with pytest.raises(RunError, match="begun with other values of learning_rate"):
        training.fit(replace(config, learning_rate=0.1), out, resume=True)


def test_resume_carries_on_where_the_run_stopped(training, toy, tmp_path):
    config, _, _ = toy
    out = tmp_path / "cut"
    stop_at = config.evaluate_every

    class StopError(Exception):
        pass

    def stop(line):
        raise StopError

    with pytest.raises(StopError):
        training.fit(config, out, report=stop)
    assert json.loads((out / "history.json").read_text())["seen"] >= stop_at
    lines = []
    training.fit(config, out, resume=True, report=lines.append)
    assert lines[0].startswith("resumed at") and len(lines) == 2
    assert json.loads((out / "history.json").read_text())["seen"] >= config.strips


def test_a_run_that_was_stopped_before_its_first_checkpoint_begins_anew(training, toy, tmp_path):
    config, _, _ = toy
    run_folder.begin(tmp_path, asdict(config), resume=False)  # and then it was killed
    lines = []
    training.fit(config, tmp_path, resume=True, report=lines.append)
    assert "from the beginning" in lines[0] and len(lines) == 3
    assert (tmp_path / "model.keras").exists()


@pytest.mark.parametrize(
    ("wrong", "error"), [({"mnist": "no/such.npz"}, "no such file"), ({"start_from": "no/run"}, "no such model")]
)
def test_what_cannot_begin_leaves_the_folder_free(training, toy, tmp_path, wrong, error):
    config, _, _ = toy
    with pytest.raises(EdgeDigitsError, match=error):
        training.fit(replace(config, **wrong), tmp_path)
    assert not (tmp_path / "config.json").exists()


def test_a_start_from_another_network_is_refused(training, toy, tmp_path):
    config, out, _ = toy
    with pytest.raises(RunError, match="do not fit the notebook network"):
        training.fit(replace(config, network="notebook", start_from=str(out)), tmp_path)


def test_a_share_of_each_batch_may_be_of_the_users_crops(training, toy, tmp_path):
    from tests.train.datasets.test_crops import write_crops

    config, run, _ = toy
    write_crops(tmp_path / "crops", [str(number) for number in range(1_000, 31_000, 500)])
    (tmp_path / "crops" / "crop0.png").unlink()
    crops = {"crops": str(tmp_path / "crops"), "crops_share": 0.5}
    lines = []
    training.fit(replace(config, start_from=str(run), **crops), tmp_path / "run", report=lines.append)
    assert "crop0.png" in lines[0] and "left out" in lines[0]
    assert lines[1].startswith("crops: ") and "are held out" in lines[1]
    history = json.loads((tmp_path / "run" / "history.json").read_text())["history"]
    assert all(0 <= row["crops"] <= 1 for row in history) and "held-out crops" in lines[-1]
    with pytest.raises(RunError, match="other values of crops_share"):
        training.fit(
            replace(config, start_from=str(run), crops=crops["crops"], crops_share=0.1), tmp_path / "run", resume=True
        )


def test_a_wider_network_begins_where_the_narrower_one_stands(training, toy):
    from train.model.net2net import take_weights
    from train.model.predict import predict

    _, run, _ = toy
    wide = training.network.build("second-look")
    strips = np.random.default_rng(5).integers(0, 256, (20, 28, 140), np.uint8)
    before = predict(wide, strips)
    narrow = training.network.load(run)
    take_weights(wide, narrow)
    np.testing.assert_allclose(predict(wide, strips), predict(narrow, strips), atol=1e-5)
    assert np.abs(before - predict(narrow, strips)).max() > 0.01
    with pytest.raises(ValueError, match="do not fit"):
        take_weights(training.network.build("edge"), wide)


def test_evaluation_writes_figures_and_pictures_of_the_frozen_strips_and_of_its_own(toy, tmp_path, monkeypatch):
    evaluation = pytest.importorskip("train.fitting.evaluate")
    monkeypatch.setattr(evaluation, "FIT_COUNT", 500)
    monkeypatch.setattr(evaluation, "OWN_TEST_COUNT", 500)
    _, out, _ = toy
    run = shutil.copytree(out, tmp_path / "run")
    config = json.loads((run / "config.json").read_text())
    (run / "config.json").write_text(json.dumps({**config, "recipe": "notebook-1-5"}))
    text = evaluation.evaluate(run, workers=0)
    document = json.loads((run / "evaluation.json").read_text())
    assert 0.5 <= document["temperature"] <= 3 and 0 <= document["reject_threshold"] <= 1
    for name, lengths in {"notebook": "345", "notebook-1-5": "12345"}.items():
        figures = document["sets"].pop(name)
        assert 0 <= figures["whole_string"] <= figures["heads_mean"] <= 1
        assert set(figures["whole_string_by_length"]) == set(lengths)
        assert f"{figures['whole_string']:.2%}" in text
        for kind in ("mistakes", "confusion", "reliability"):
            assert (run / f"{kind}-{name}.png").read_bytes().startswith(b"\x89PNG")
    assert not document["sets"]
