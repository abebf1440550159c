"""``edge-digits info`` and ``edge-digits bench``."""

from __future__ import annotations

import json
import platform
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import edge_runtime
from edge_runtime import DigitModel, DigitReader, ModelError, ModelSpec
from edge_runtime.cli.bench.measure_whole import time_frame
from edge_runtime.cli.main import main
from edge_runtime.core.machine import multiplies_bytes, processor
from edge_runtime.recognition.model_files import BUNDLED
from edge_runtime.recognition.strip import STRIP_VERSION
from tests.conftest import Run, one_line
from tests.edge_runtime.recognition.tiny_model import write_model


@pytest.fixture
def package_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder like the package's, with the tiny model in the place of each."""
    sums = ""
    training = {"seed": 3, "started_from": {"seed": 1234567}}
    document = ModelSpec(name="tiny", strip_version=STRIP_VERSION, training=training).to_json()
    for name in BUNDLED.values():
        sums += f"{sha256(write_model(tmp_path / name, document).read_bytes()).hexdigest()}  {name}\n"
    (tmp_path / "SHA256SUMS").write_text(sums, "utf-8")
    (tmp_path / "MODEL_CARD.md").write_text("# The card\n\nReads numbers.\n\n## Data\n\nMuch.\n", "utf-8")
    monkeypatch.setattr(edge_runtime.model, "MODEL_FOLDER", tmp_path)
    return tmp_path


def test_info_tells_all_that_a_report_needs(run: Run, package_models: Path) -> None:
    result = run("info", "--json")
    assert result.exit_code == 0
    facts = json.loads(result.stdout)
    assert facts["edge-digits"] == edge_runtime.__version__
    assert facts["versions"]["numpy"] == np.__version__
    assert facts["processor"]["architecture"] and facts["processor"]["processors"] >= 1
    assert facts["models"]["int8"]["sha256"] in (package_models / "SHA256SUMS").read_text("utf-8")
    assert facts["models"]["fp32"]["reject threshold"] == 0.5
    assert facts["model card"] == "The card: Reads numbers."
    text = run("info").stdout
    assert "seed: 3" in text and "1234567" not in text  # of earlier stages, the card tells
    assert facts["models"]["fp32"]["sha256"] in text and "strip: uint8 [N, 28, 140, 1]" in text


def test_info_names_a_bad_model_and_still_tells_the_rest(run: Run, package_models: Path) -> None:
    (package_models / "digits-int8.onnx").write_bytes(b"bad")
    result = run("info")
    assert result.exit_code == 1
    assert "sha256 is" in result.stdout and "name: tiny" in result.stdout


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


def test_the_processors_features_are_read_from_both_families(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("model name\t: Some CPU\nflags\t\t: fpu avx2 avx_vnni\n", "utf-8")
    assert processor(cpuinfo)["features"] == ["AVX2", "AVX-VNNI (int8 dot product)"]
    assert processor(cpuinfo)["name"] == "Some CPU"
    cpuinfo.write_text("Features\t: fp asimd asimddp\nModel\t\t: Some Board\n", "utf-8")
    assert processor(cpuinfo)["name"] == "Some Board"
    assert processor(cpuinfo)["features"] == ["NEON", "NEON dot product (int8)"]
    assert processor(tmp_path / "none")["features"] == []


@pytest.mark.skipif(platform.system() == "Darwin", reason="has no /proc/cpuinfo, and is asked another way")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("flags\t\t: fpu avx2", False),
        ("flags\t\t: fpu avx2 avx512_vnni", True),
        ("flags\t\t: fpu avx2 avx_vnni", True),
        ("Features\t: fp asimd", False),
        ("Features\t: fp asimd asimddp", True),
        ("no such line", False),
    ],
)
def test_dot_products_of_bytes_are_read_from_the_processors_flags(tmp_path: Path, line: str, expected: bool) -> None:
    (tmp_path / "cpuinfo").write_text(line + "\n", "utf-8")
    assert multiplies_bytes(tmp_path / "cpuinfo") is expected
    assert not multiplies_bytes(tmp_path / "none")
