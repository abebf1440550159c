"""``edge-digits bench``."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner

import edge_runtime
from edge_runtime import DigitModel, DigitReader, ModelError
from edge_runtime.cli.bench.measure_whole import time_frame
from edge_runtime.cli.main import main
from tests.conftest import Run, one_line
from tests.edge_runtime.recognition.tiny_model import write_model


@pytest.mark.slow
def test_bench_times_models_frame_and_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EDGE_DIGITS_MODEL", "EDGE_DIGITS_THREADS"):
        monkeypatch.delenv(name, raising=False)
    result = CliRunner().invoke(main, ["bench", "--seconds", "0.02", "--json"])
    assert result.exit_code == 0
    facts = json.loads(result.stdout)
    assert facts["agreement"]["strips"] == 256 and facts["agreement"]["alike"] > 0.95
    assert facts["threads"] == 1 and facts["auto"] in ("fp32", "int8")
    assert facts["edge_digits"] == edge_runtime.__version__ and datetime.fromisoformat(facts["measured"]).tzinfo
    for name in ("fp32", "int8", "second-look"):
        assert facts["models"][name] == DigitModel(name).sha256
        assert [row["batch"] for row in facts["speed"][name]] == [1, 64]
        for row in facts["speed"][name]:
            assert 0 < row["p50_ms"] <= row["p90_ms"] <= row["p99_ms"] and row["strips_per_s"] > 0
    for name in ("fp32", "int8"):
        frame = facts["frame"][name]
        assert frame["frames"] >= 10 and 0 < frame["p50_ms"] <= frame["p90_ms"] <= frame["p99_ms"]
    assert 0 < facts["start"]["seconds"] < 60
    assert facts["start"]["resident_bytes"] is None or facts["start"]["resident_bytes"] > 20e6


def test_bench_shows_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge_runtime.cli.bench.measure_whole.STARTS", 2)
    shown = CliRunner().invoke(main, ["bench", "--seconds", "0.02"]).stdout
    assert "strips/s" in shown and "auto takes" in shown and "start to the first reading" in shown


def test_bench_tells_no_speed_of_a_wrong_reading(tiny_reader: DigitReader) -> None:
    with pytest.raises(ModelError, match="reads the built-in picture"):
        time_frame({"tiny": tiny_reader}, 0.01)


def test_bench_refuses_to_time_models_that_disagree(run: Run, package_models: Path) -> None:
    turned = {f"digit{slot}": f"digit{slot % 5 + 1}" for slot in range(1, 6)}
    other = write_model(package_models / "digits-int8.onnx", names=turned).read_bytes()
    sums = package_models / "SHA256SUMS"
    lines = [line for line in sums.read_text("utf-8").splitlines() if "digits-int8" not in line]
    sums.write_text("\n".join([*lines, f"{sha256(other).hexdigest()}  digits-int8.onnx"]), "utf-8")
    result = run("bench", "--seconds", 0.02)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "alike" in one_line(result.stderr)
