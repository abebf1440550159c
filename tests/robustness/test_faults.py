"""``python -m benchmarks faults`` in its short form, and that its tests can fail."""

from __future__ import annotations

import importlib.util
import json
import random
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from click.testing import CliRunner

from benchmarks.__main__ import main
from edge_runtime import Reading
from edge_runtime.recognition.contract import METADATA_KEY
from edge_runtime.recognition.model_files import BUNDLED, MODEL_FOLDER
from tests.robustness.kills import compare
from tests.robustness.mutations import MUTATIONS
from tests.robustness.onnx import another_model, with_metadata
from tests.robustness.outcome import Outcome, Watched, growth
from tests.robustness.pictures import originals

from . import (
    camera as faults_camera,
)
from . import (
    command as faults,
)
from . import (
    files as faults_files,
)
from . import (
    frames as faults_frames,
)
from . import (
    fuzz as faults_fuzz,
)
from . import (
    models as faults_models,
)
from . import (
    sharing as faults_sharing,
)

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="processes are watched through /proc")


@pytest.mark.slow
def test_the_short_form_passes_and_is_written(tmp_path: Path) -> None:
    out = tmp_path / "faults.json"
    result = CliRunner().invoke(main, ["faults", "--quick", "--out", str(out)])
    assert result.exit_code == 0, result.output
    tests = {test["name"]: test for test in json.loads(out.read_text())["tests"]}
    assert set(tests) == set(faults.TESTS)
    assert tests["files"]["counts"]["rows"] == tests["files"]["counts"]["files"] > 400
    assert tests["kills"]["counts"]["kills"] >= 3
    assert tests["disk"]["counts"]["kinds_tried"] >= 2


def test_a_test_that_fails_fails_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "TESTS", {"disk": lambda quick, say: Outcome("Nothing.", {"n": 1}, ("it broke",))})
    result = CliRunner().invoke(main, ["faults", "--only", "disk", "--out", str(tmp_path / "faults.json")])
    assert result.exit_code == 1
    assert "disk: FAILED" in result.stdout and "  it broke" in result.stdout


def test_missing_and_doubled_rows_crashes_and_growth_are_found() -> None:
    def row(path: str, **values: object) -> dict[str, object]:
        return {"path": path, "status": "read", "text": faults_files.NUMBER, "error": None, "ms": 1.0, **values}

    expected = {"a.png": "bit flips", "b.png": "bomb", "sound-png": "sound"}
    good = [row("a.png"), row("b.png"), row("sound-png")]
    flat = Watched(0, 1.0, "", (100,) * 200, (5,) * 200)
    assert faults_files.judge(expected, good, flat, ["png"]).passed
    for rows, watched, told in (
        (good[1:], flat, "without a row"),
        ([*good, good[0]], flat, "several rows"),
        ([good[0], row("b.png", status="error", error="b.png: killed the process"), good[2]], flat, "was killed"),
        ([*good[:2], row("sound-png", text="1")], flat, "only 0 of 1"),
        (good, Watched(-9, 1.0, "", (100,) * 200, ()), "exit code -9"),
        (good, Watched(0, 1.0, "", (100,) * 150 + (10**8,) * 50, ()), "memory grew"),
    ):
        assert any(told in line for line in faults_files.judge(expected, rows, watched, ["png"]).wrong), told


def test_rows_that_a_kill_lost_doubled_or_changed_are_counted() -> None:
    rows = [{"path": name, "status": "read", "text": name} for name in "ab"]
    changed = {**rows[0], "text": "other"}
    assert set(compare("ab", rows, rows).values()) == {0, 2}
    found = compare("abc", [changed, changed, None, {"path": "z"}], rows)
    assert found["rows_lost"] == 2 and found["rows_doubled"] == 1 and found["rows_broken"] == 1
    assert found["rows_strange"] == 1 and found["rows_different"] == 3


@pytest.mark.parametrize("name", ["models", "sharing", "disk"])
def test_what_takes_a_moment_passes_in_its_short_form(name: str) -> None:
    outcome = faults.TESTS[name](True, lambda text: None)
    assert outcome.passed, outcome.wrong
    assert json.dumps(outcome.as_dict(name, 1.0))


def test_models_that_are_not_refused_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults_models, "read_bundled", Path.read_bytes)
    _, wrong = faults_models._change_package_models(tmp_path, 2)
    assert wrong and all("not refused" in line for line in wrong)
    monkeypatch.setattr(faults_models, "_read_or_raise", lambda path: 1 / 0)
    counts, wrong = faults_models._refuse_user_models(tmp_path)
    assert counts["refused"] == 0 and "ZeroDivisionError" in wrong[0]


def test_the_model_files_that_are_made_are_what_they_say(tmp_path: Path) -> None:
    path = tmp_path / "made.onnx"
    path.write_bytes(another_model())
    onnx.checker.check_model(str(path))
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert session.run(None, {"x": np.array([1, 2], np.float32)})[0].tolist() == [1, 2]
    sound = (MODEL_FOLDER / BUNDLED["fp32"]).read_bytes()
    changed = onnx.load_from_string(with_metadata(sound, b'{"name": "other"}'))
    assert {entry.key: entry.value for entry in changed.metadata_props}[METADATA_KEY] == '{"name": "other"}'
    assert changed.graph == onnx.load_from_string(sound).graph


def test_answers_that_differ_between_threads_are_found() -> None:
    class Wavering:
        def __init__(self) -> None:
            self.count = 0

        def read(self, image: np.ndarray) -> list[Reading]:
            self.count += 1
            return [Reading("1", (1,), (0.9,), 0.9, True)] * (1 + (self.count == 7))

    page = np.zeros((8, 8), np.uint8)
    found = faults_sharing.read_by_threads(Wavering(), [page, page], threads=4, rounds=5)  # type: ignore[arg-type]
    alone = [[Reading("1", (1,), (0.9,), 0.9, True)]] * 2
    assert len(found) == 10 and sum(index for index, _ in found) == 5
    assert len(faults_sharing._differences("threads", found, alone)) == 1


def test_a_camera_that_is_read_again_too_late_and_a_spinning_thread_are_told() -> None:
    assert faults_camera._complaints("stalls", 3, 1.9, 0.1) == []
    late, busy = faults_camera._complaints("stalls", 3, 2.1, 0.9)
    assert "took 2.1 s" in late and "90% of a processor" in busy


def test_growth_is_that_of_the_last_quarter() -> None:
    assert growth([1] * 99) is None
    assert growth([100 * index for index in range(100)]) == 2_500
    assert growth([*range(50), *[50] * 50]) == 0


def test_an_endless_video_begins_again_at_its_end(tmp_path: Path) -> None:
    video = tmp_path / "numbers.avi"
    faults_frames.write_video(video)
    count = faults_frames.VIDEO_FRAMES + 3
    assert sum(1 for _ in faults_frames.looped(video, count)) == count


def test_the_fuzzers_last_words_are_counted_and_its_absence_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    said = (
        "#2 INITED cov: 190 ft: 1\n#99 NEW cov: 225 ft: 2\nstat::number_of_executed_units: 1066\nstat::peak_rss_mb: 79"
    )
    assert faults_fuzz.counted(said) == {
        "inputs": 1066,
        "new_inputs_kept": None,
        "branches_first": 190,
        "branches_last": 225,
        "memory_highest_mb": 79,
    }
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    outcome = faults_fuzz.run(True, lambda text: None)
    assert outcome.passed and "pip install" in outcome.left_out[0]


@pytest.mark.parametrize("name", list(MUTATIONS))
def test_every_mutation_damages_and_is_the_same_for_a_seed(name: str) -> None:
    sound = originals()["png"]
    mutate = MUTATIONS[name][0]
    damaged = [mutate(sound, random.Random(seed)) for seed in range(20)]
    assert damaged == [mutate(sound, random.Random(seed)) for seed in range(20)]
    assert sum(content != sound for content in damaged) >= 15
    assert max(map(len, damaged)) < 3 * len(sound) + 300_000
