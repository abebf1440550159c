"""The shipped weights in Keras: they answer as the shipped file does, and training goes on from there."""

import shutil

import numpy as np
import onnxruntime
import pytest

pytestmark = pytest.mark.slow

from edge_runtime.core.errors import ModelError  # noqa: E402
from edge_runtime.recognition.contract import OUTPUT_NAMES  # noqa: E402
from tests.train.test_cli import run  # noqa: E402
from train.fitting.config import FitConfig  # noqa: E402
from train.synthesis.strips import make_strips  # noqa: E402


@pytest.fixture(scope="module")
def shipped():
    pytest.importorskip("tensorflow")
    return pytest.importorskip("train.model.shipped")


@pytest.fixture(scope="module")
def strips():
    return make_strips("wild", "validation", 300, seed=8)


@pytest.fixture(scope="module")
def expected(shipped, strips):
    session = onnxruntime.InferenceSession(shipped.SOURCE, providers=["CPUExecutionProvider"])
    return np.stack(session.run(OUTPUT_NAMES, {"strip": strips[0][..., None]}), axis=1)


def test_the_weights_answer_as_the_shipped_file_does(shipped, strips, expected):
    from train.model.predict import predict

    np.testing.assert_allclose(predict(shipped.shipped_network(), strips[0]), expected, atol=1e-5)


def test_in_training_mode_the_answers_stay_about_the_same(shipped, strips, expected):
    """Batch norms that were merely switched off would give other answers once their statistics are a batch's."""
    model = shipped.shipped_network()
    heads = np.stack([np.asarray(head) for head in model(strips[0][..., None], training=True)], axis=1)
    assert (heads.argmax(axis=2) == expected.argmax(axis=2)).mean() > 0.97


def test_the_command_makes_the_file_anew(shipped, strips, expected, tmp_path, monkeypatch):
    from train.model.predict import predict

    result = run("shipped-weights", "--out", tmp_path / "edge.npz")
    assert result.exit_code == 0, result.stderr
    monkeypatch.setattr(shipped, "FILE", tmp_path / "edge.npz")
    np.testing.assert_allclose(predict(shipped.shipped_network(), strips[0]), expected, atol=1e-5)


def test_an_altered_file_is_refused(shipped, tmp_path, monkeypatch):
    for file in shipped.FILE.parent.iterdir():
        shutil.copy(file, tmp_path)
    content = bytearray((tmp_path / "edge.npz").read_bytes())
    content[5_000] ^= 1
    (tmp_path / "edge.npz").write_bytes(content)
    monkeypatch.setattr(shipped, "FILE", tmp_path / "edge.npz")
    with pytest.raises(ModelError, match="sha256"):
        shipped.shipped_network()


def test_a_file_of_another_network_is_refused(shipped, strips, tmp_path):
    with pytest.raises(ModelError, match="not an fp32 file of the edge network"):
        shipped.write_shipped(shipped.SOURCE.with_name("digits-int8.onnx"), strips[0][:20], tmp_path / "out.npz")
    assert not list(tmp_path.iterdir())


def test_training_starts_from_them(shipped, tmp_path):
    from train.fitting.fit import fit

    lines = []
    config = FitConfig("edge", "notebook", learning_rate=1e-4, start_from="shipped").smoke()
    fit(config, tmp_path / "run", report=lines.append)
    accuracy = float(lines[-1].split("whole string ")[1].split("%")[0])
    assert accuracy > 93, "a toy that begins at random reads next to nothing"
