"""``python -m benchmarks quantisation`` on a toy run."""

import json

import pytest
from click.testing import CliRunner

from benchmarks.__main__ import main
from benchmarks.candidates.quantisation import table

pytestmark = pytest.mark.slow

pytest.importorskip("tensorflow")
pytest.importorskip("tf2onnx")


def test_schemes_are_compared_with_fp32(tmp_path, monkeypatch) -> None:
    from benchmarks.candidates import quantisation
    from train.core.run_folder import write_json
    from train.model.network import build

    run = tmp_path / "toy"
    run.mkdir()
    write_json(run / "config.json", {"network": "edge", "recipe": "notebook"})
    build("edge").save(run / "model.keras")
    monkeypatch.setattr(quantisation, "_SECONDS", 0.1)
    monkeypatch.setattr(quantisation, "_STRIPS", 60)
    monkeypatch.setattr("export.data.CALIBRATION_COUNT", 60)
    out = tmp_path / "q.json"
    result = CliRunner().invoke(main, ["quantisation", "--run", str(run), "--out", str(out)], catch_exceptions=False)
    assert result.exit_code == 0
    document = json.loads(out.read_text("utf-8"))
    first, *others = document["schemes"]
    assert first["scheme"] == "fp32" and len(others) == 4
    assert all(row["bytes"] < first["bytes"] / 2.5 and row["p50_us"] > 0 for row in others)
    assert any("S8S8" in row["scheme"] for row in others)
    assert result.stdout == table(document)
