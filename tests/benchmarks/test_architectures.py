"""``python -m benchmarks architectures``: train what is missing, measure, print a table."""

import json
from functools import partial

import pytest
from click.testing import CliRunner

from benchmarks.__main__ import main
from benchmarks.candidates.architectures import table

pytestmark = pytest.mark.slow

pytest.importorskip("tensorflow")
pytest.importorskip("tf2onnx")


def test_candidates_are_trained_once_measured_alike_and_recorded(tmp_path, monkeypatch) -> None:
    from benchmarks.candidates import architectures
    from train.model import network

    candidate = partial(network.edge, (8, 8, 8), 16, (2, 2, 2), name="edge-small")
    monkeypatch.setattr(network, "CANDIDATES", {"edge-small": candidate})
    monkeypatch.setitem(network.NETWORKS, "edge-small", candidate)
    monkeypatch.setattr(architectures, "_WILD_STRIPS", 200)
    monkeypatch.setattr(architectures, "_SECONDS", 0.2)
    monkeypatch.setattr("train.synthesis.pool.CACHE", tmp_path / "cache")
    arguments = [
        "architectures",
        "--strips",
        "1000",
        "--out",
        str(tmp_path / "runs"),
        "--record",
        str(tmp_path / "a.json"),
    ]
    first = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert first.exit_code == 0
    document = json.loads((tmp_path / "a.json").read_text("utf-8"))
    small, edge = document["networks"]
    assert (small["network"], edge["network"]) == ("edge-small", "edge")
    assert small["parameters"] < edge["parameters"] and small["macs"] < edge["macs"]
    for row in document["networks"]:
        assert set(row["whole_string"]) == {"wild", "notebook"} and row["faster_than_notebook"]["int8"] > 0
    assert first.stdout == table(document)
    assert f"{edge['parameters']:,}" in first.stdout

    again = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert again.exit_code == 0 and again.stderr.count("trained already") == 2

    other = CliRunner().invoke(main, [*arguments, "--seed", "2"])
    assert other.exit_code == 1 and "was trained with another seed" in other.stderr
