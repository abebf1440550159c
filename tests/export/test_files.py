"""Files of an export: the run folder that is read, what is written and what is left alone, the sets of strips."""

import hashlib
import json

import pytest

from edge_runtime import DigitModel, ModelError
from edge_runtime.recognition.contract import ModelSpec
from edge_runtime.recognition.strip import STRIP_VERSION
from export import data, graph, install
from export.run_folder import open_run, portable
from train.core.errors import RunError

from .small_network import finished

SPEC = ModelSpec(name="test", strip_version=STRIP_VERSION, temperature=1.5, reject_threshold=0.6)


@pytest.fixture(scope="module")
def content():
    model = finished()
    graph.set_spec(model, SPEC)
    return graph.serialise(model)


def test_written_files_are_hashed_and_open_in_the_runtime(tmp_path, content):
    install.write(tmp_path / "new", {"digits-fp32.onnx": content}, "MODEL_CARD.md", "# card\n")
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names == {"digits-fp32.onnx", "MODEL_CARD.md", "SHA256SUMS"}
    line = (tmp_path / "new" / "SHA256SUMS").read_text()
    assert line == f"{hashlib.sha256(content).hexdigest()}  digits-fp32.onnx\n"
    assert DigitModel(tmp_path / "new" / "digits-fp32.onnx").spec == SPEC


def test_a_model_that_lies_beside_keeps_its_file_and_hash(tmp_path, content):
    install.write(tmp_path, {"digits-int8.onnx": content}, "MODEL_CARD.md", "# one\n")
    larger = {"second-look-fp32.onnx": content, "second-look-int8.onnx": content}
    install.write(tmp_path, install.bundled(larger), "MODEL_CARD-second-look.md", "# two\n")
    models, cards = ("digits-int8.onnx", "second-look-int8.onnx"), ("MODEL_CARD.md", "MODEL_CARD-second-look.md")
    assert {path.name for path in tmp_path.iterdir()} == {*models, *cards, "SHA256SUMS"}
    digest = hashlib.sha256(content).hexdigest()
    assert (tmp_path / "SHA256SUMS").read_text() == "".join(f"{digest}  {name}\n" for name in models)


def test_nothing_is_written_where_the_runtime_refuses_a_model(tmp_path, content):
    (tmp_path / "digits-fp32.onnx").write_bytes(b"what was here before")
    models = {"digits-fp32.onnx": content, "digits-int8.onnx": graph.serialise(finished())}
    with pytest.raises(ModelError, match="metadata"):
        install.write(tmp_path, models, "MODEL_CARD.md", "# card\n")
    assert [path.name for path in tmp_path.iterdir()] == ["digits-fp32.onnx"]
    assert (tmp_path / "digits-fp32.onnx").read_bytes() == b"what was here before"


def test_paths_of_the_machine_do_not_reach_the_model():
    config = {"out": "/home/someone/runs/edge", "data": ["C:\\data\\mnist.npz"], "lr": 0.1, "note": "a/b", "n": None}
    assert portable(config) == {"out": "edge", "data": ["mnist.npz"], "lr": 0.1, "note": "a/b", "n": None}


def test_an_incomplete_run_folder_names_the_command_that_completes_it(tmp_path):
    with pytest.raises(RunError, match="python -m train fit"):
        open_run(tmp_path / "absent")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(RunError, match=r"evaluation\.json.*python -m train evaluate"):
        open_run(tmp_path)
    (tmp_path / "evaluation.json").write_text("[1]")
    with pytest.raises(RunError, match="expected an object"):
        open_run(tmp_path)


def test_a_network_trained_on_other_strips_is_refused(tmp_path):
    (tmp_path / "evaluation.json").write_text('{"temperature": 1.5}')
    (tmp_path / "config.json").write_text(json.dumps({"strip_version": STRIP_VERSION}))
    assert open_run(tmp_path).calibration == {"temperature": 1.5}
    (tmp_path / "config.json").write_text(json.dumps({"strip_version": STRIP_VERSION + 1}))
    with pytest.raises(ModelError, match=f"strips of version {STRIP_VERSION + 1}"):
        open_run(tmp_path)


def test_an_unknown_recipe_is_named_before_anything_is_drawn():
    with pytest.raises(ModelError, match="recipe 'wilder', expected one of notebook"):
        data.draw("wilder")


@pytest.mark.slow
def test_the_sets_come_from_their_splits_and_no_set_serves_twice():
    drawn = data.draw("notebook")
    parts = (drawn.parity, drawn.calibration, drawn.selection, drawn.test)
    assert [part.origin.split()[1] for part in parts] == ["validation", "train", "validation", "frozen"]
    assert len({part.origin for part in parts}) == len({part.sha256() for part in parts}) == 4
