"""``edge-digits info``: facts on one screen, as JSON, and model cards."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import edge_runtime
from edge_runtime import DigitModel
from tests.conftest import Run, one_line


def test_info_fits_one_screen(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EDGE_DIGITS_MODEL")
    result = run("info")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(lines) <= 24 and max(map(len, lines)) <= 80
    for name in ("fp32", "int8", "second-look"):
        model = DigitModel(name)
        (row,) = [line for line in lines if line.startswith(f"{name} ")]
        accuracy = f"{model.spec.accuracy['whole_string']:.2%}"
        assert {f"{model.size_bytes / 1e3:.0f}", f"{model.spec.reject_threshold:.4g}", accuracy} <= set(row.split())
    assert f"numpy {np.__version__}" in result.stdout
    assert f"{DigitModel('auto').name}; auto takes it: this processor has " in result.stdout


def test_variables_in_force_and_the_model_that_they_name_are_told(
    run: Run, tiny_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDGE_DIGITS_THREADS", "2")
    facts = json.loads(run("info", "--json").stdout)
    assert facts["environment"]["EDGE_DIGITS_THREADS"] == "2"
    assert facts["in use"] == str(tiny_path) and facts["models"][str(tiny_path)]["name"] == "tiny"
    text = " ".join(run("info").stdout.split())
    assert "EDGE_DIGITS_THREADS=2" in text and f"auto would take {DigitModel('auto').name}" in text


def test_info_as_json_tells_all_that_a_report_needs(run: Run, package_models: Path) -> None:
    result = run("info", "--json")
    assert result.exit_code == 0
    facts = json.loads(result.stdout)
    assert facts["edge-digits"] == edge_runtime.__version__
    assert facts["versions"]["numpy"] == np.__version__
    assert facts["processor"]["architecture"] and facts["processor"]["processors"] >= 1
    assert facts["contract"]["input"].startswith("strip: uint8 [N, 28, 140, 1]")
    assert facts["models"]["int8"]["sha256"] in (package_models / "SHA256SUMS").read_text("utf-8")
    assert facts["models"]["fp32"]["reject threshold"] == 0.5
    assert facts["models"]["fp32"]["training"] == {"seed": 3}  # of earlier stages, the card tells
    assert facts["model card"] == "The card: Reads numbers."
    assert facts["auto"]["model"] in ("fp32", "int8") and "dot products" in facts["auto"]["reason"]


def test_info_names_a_bad_model_and_still_tells_the_rest(run: Run, package_models: Path) -> None:
    (package_models / "digits-int8.onnx").write_bytes(b"bad")
    result = run("info")
    assert result.exit_code == 1
    assert "sha256 is" in result.stdout and "not told" in result.stdout


@pytest.mark.parametrize("name", ["fp32", "int8", "second-look"])
def test_the_card_of_a_model_of_the_package_is_printed(run: Run, name: str) -> None:
    card = run("info", "--model", name)
    file = DigitModel(name).path.name
    assert card.exit_code == 0 and card.stdout.startswith("# ") and f"`{file}`: sha256" in card.stdout
    document = json.loads(run("info", "--model", name, "--json").stdout)
    assert document["file"] == file and document["card"] == card.stdout.strip()


def test_without_a_name_it_is_the_card_of_the_model_in_use(run: Run, tiny_path: Path) -> None:
    """Which is a file of the user's here, so that what it says of itself stands for the card."""
    own = run("info", "--model")
    assert own.exit_code == 0 and own.stdout == run("info", "--model", tiny_path).stdout
    assert "name: tiny" in own.stdout and "reject threshold: 0.5" in own.stdout


def test_a_model_that_is_not_there_is_one_line(run: Run) -> None:
    result = run("info", "--model", "none.onnx")
    assert (result.exit_code, result.stdout) == (1, "") and "none.onnx: no such file" in one_line(result.stderr)
    assert run("info", "--model", "fp32", "--check").exit_code == 2
