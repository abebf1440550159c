"""The detector's networks, their ONNX files and their training; needs TensorFlow."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import onnx
import pytest

from edge_runtime.detection.characters.contract import INPUT_NAME, KINDS, MAP_CHANNELS, Maps
from train.core.errors import RunError
from train.detector.config import DESIGNS, DetectorConfig
from train.scenes import Scene

pytestmark = pytest.mark.slow

keras = pytest.importorskip("keras")

from train.detector import fit as training  # noqa: E402  after the check for Keras
from train.detector.evaluate import open_detector  # noqa: E402
from train.detector.export import to_onnx, with_half_weights  # noqa: E402
from train.detector.network import PLANES, build  # noqa: E402
from train.detector.pool import drawing_code_hash  # noqa: E402


def bars(seed: int, count: int, first: int) -> list[Scene]:
    """Scenes that take no time: bright bars, each a 1, on noise."""
    return [bar(np.random.default_rng([seed, index])) for index in range(first, first + count)]


def bar(rng: np.random.Generator) -> Scene:
    pixels = rng.integers(0, 60, (320, 320, 3), np.uint8)
    boxes = []
    for column in range(4):
        height, x, y = rng.uniform(20, 50), 40 + 80 * column + rng.uniform(-15, 15), rng.uniform(60, 260)
        half = int(height / 2)
        pixels[int(y) - half : int(y) + half, int(x) - 3 : int(x) + 3] = 220
        boxes.append([x, y, height, 6, 0])
    kinds = np.full(4, KINDS.index("1"), np.uint8)
    nothing = np.zeros((320, 320), np.uint8)
    return Scene(pixels, np.array(boxes, np.float32), kinds, np.full(4, -1, np.int32), nothing)


def shaken(name: str) -> keras.Model:
    """A network whose weights, batch norms and biases are all different from those of a fresh one."""
    model = build(name)
    rng = np.random.default_rng(1)
    model.set_weights(
        [weights + rng.uniform(0.05, 0.1, weights.shape).astype(np.float32) for weights in model.get_weights()]
    )
    return model


@pytest.mark.parametrize(("name", "halved"), [*((name, False) for name in DESIGNS), ("plain", True)])
def test_onnx_file_answers_as_keras(name, halved, tmp_path):
    model = shaken(name)
    path = tmp_path / "detector.onnx"
    whole = to_onnx(model)
    onnx.save(with_half_weights(whole) if halved else whole, path)
    detect, colours = open_detector(path)
    assert colours == DESIGNS[name].colours
    for height, width in ((64, 96), (160, 128)):
        picture = np.random.default_rng(2).integers(0, 256, (height, width, colours), np.uint8)
        answer = keras.ops.convert_to_numpy(model(picture[None], training=False))[0]
        assert answer.shape == (height // 4, width // 4, PLANES)
        expected, found = Maps.from_grid(answer), detect(picture)
        for part in MAP_CHANNELS:
            scale = max(float(np.abs(getattr(expected, part)).max()), 1.0)
            np.testing.assert_allclose(
                getattr(found, part) / scale, getattr(expected, part) / scale, atol=2e-3 if halved else 2e-5
            )


def test_onnx_file_has_the_contract_s_names(tmp_path):
    model = to_onnx(build("plain"))
    assert [value.name for value in model.graph.input] == [INPUT_NAME]
    assert [value.name for value in model.graph.output] == list(MAP_CHANNELS)
    assert len(with_half_weights(model).SerializeToString()) < 500_000


def test_unknown_design_names_the_known_ones():
    with pytest.raises(ValueError, match="plain"):
        build("huge")


@pytest.fixture
def config() -> DetectorConfig:
    return DetectorConfig("plain", scenes=80, pool=200, batch=8, validation=100, checkpoint_minutes=60)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr("train.detector.pool.CACHE", tmp_path / "cache")


def test_training_learns_writes_a_run_and_is_carried_on(config, tmp_path):
    lines: list[str] = []
    out = training.fit(config, tmp_path / "run", draw=bars, report=lines.append)
    history = json.loads((out / "history.json").read_text())
    assert history["seen"] == 80 and len(history["history"]) == 1 and len(lines) == 1
    with pytest.raises(RunError, match="holds a run already"):
        training.fit(config, out, draw=bars)
    training.fit(config, out, resume=True, draw=bars, report=lines.append)
    assert lines[1] == "resumed at 80 scenes"
    detect, _ = open_detector(out)
    picture = bar(np.random.default_rng(9)).pixels[..., :1]
    assert detect(picture).kinds.shape == (16, 2, 2, 40, 40)


def test_loss_falls(config, tmp_path):
    losses = []
    for scenes in (16, 640):
        out = training.fit(replace(config, scenes=scenes), tmp_path / str(scenes), draw=bars, report=lambda line: None)
        losses.append(json.loads((out / "history.json").read_text())["history"][0]["loss"])  # the mean over the run
    assert losses[1] < 0.6 * losses[0]


def test_the_drawing_code_has_a_hash():
    assert len(drawing_code_hash()) == 64
