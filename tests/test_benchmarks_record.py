"""``python -m benchmarks record``: what is gathered, README's tables, and that the two do not part."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tiny_model import spec, write_model

from benchmarks import footprint, readme, record
from benchmarks.__main__ import main
from benchmarks.readme import BEGIN, END, block_of, render, replace_block
from edge_runtime import DigitModel, EdgeDigitsError, ModelError

EVALUATED = {
    "strips": 2484,
    "heads_mean": 0.9971,
    "whole_string": 0.9885,
    "expected_calibration_error": 0.0042,
    "coverage": {"0.99": 1.0, "0.995": 0.99, "0.999": 0.953},
}


@pytest.fixture
def models(tmp_path: Path) -> dict[str, DigitModel]:
    accuracy = {"whole_string": 0.9881, "strips": "2484 frozen test strips", "evaluation": {"notebook": EVALUATED}}
    made = {}
    for name in ("fp32", "int8"):
        document = spec(name=name, accuracy=accuracy, training={"parameters": 125_000}).to_json()
        made[name] = DigitModel(write_model(tmp_path / f"{name}.onnx", document))
    return made


def accuracy_row(folder: str, reader: str, **changes: Any) -> dict[str, Any]:
    row = {
        "folder": folder,
        "reader": reader,
        "numbers": 40,
        "empties": 0,
        "exact": 0.95,
        "digit_accuracy": 0.98,
        "coverage": 0.9,
        "error": 0.01,
        "false_answers": 0,
        "failed": 0,
        "median_ms": 3.0,
    }
    return {**row, **changes}


def accuracy_document(models: dict[str, DigitModel]) -> dict[str, Any]:
    nothing = {"numbers": 0, "empties": 30, "exact": None, "coverage": None, "error": None, "digit_accuracy": None}
    return {
        "measured": "2026-11-25T01:00:00+00:00",
        "readers": {
            **{name: {"model": "x.onnx", "sha256": model.sha256} for name, model in models.items()},
            "Peer": {"version": "1.2", "settings": "default"},
        },
        "figures": [
            accuracy_row("words", "fp32", **nothing, false_answers=1),
            accuracy_row("words", "Peer", **nothing, false_answers=7),
            accuracy_row("paper_strings", "fp32"),
            accuracy_row("paper_strings", "int8", exact=0.925),
            accuracy_row("paper_strings", "Peer", exact=0.41),
            accuracy_row("all folders", "fp32"),
        ],
        "pictures": {"fp32": [{"picture": "paper_strings/secret.jpg", "truth": "1234", "text": "1234"}]},
    }


def latency_row(network: str, runtime: str, precision: str, threads: int, p50_us: float) -> dict[str, Any]:
    return {
        "network": network,
        "runtime": runtime,
        "precision": precision,
        "threads": threads,
        "batch": 1,
        "calls": 100,
        "p50_us": p50_us,
        "p90_us": p50_us,
        "p99_us": 2 * p50_us,
        "unstable": False,
        "against_keras_predict": 50_000 / p50_us,
        "against_onnx_fp32": 500 / p50_us,
    }


def latency_document(models: dict[str, DigitModel]) -> dict[str, Any]:
    timing = {"calls": 9, "p50_us": 4200.0, "p90_us": 4300.0, "p99_us": 5100.0, "unstable": False, "text": "2750"}
    return {
        "measured": "2026-11-25T02:00:00+00:00",
        "versions": {"python": "3.11.7", "onnxruntime": "1.32.0"},
        "networks": {
            "edge": {"files": {name: {"sha256": model.sha256} for name, model in models.items()}, "accuracy": {}},
            "notebook": {"files": {}, "accuracy": {"notebook": {"whole_string": 0.9461, "heads_mean": 0.9891}}},
        },
        "latency": [
            latency_row("edge", "ONNX Runtime", "fp32", 2, 90.0),
            latency_row("edge", "ONNX Runtime", "fp32", 1, 100.0),
            latency_row("edge", "ONNX Runtime", "int8", 1, 80.0),
            latency_row("edge", "LiteRT", "fp32", 1, 50.0),
            latency_row("notebook", "Keras predict", "fp32", 2, 50_000.0),
            latency_row("notebook", "ONNX Runtime", "fp32", 1, 500.0),
        ],
        "product": [
            {
                "picture": "frame",
                "format": "640x480 JPEG of 35790 bytes",
                "strips": 1,
                "stages": {},
                "readers": {"edge-digits fp32": timing, "edge-digits int8": timing, "Peer": {**timing, "p50_us": 2e5}},
            }
        ],
        "limit": {"rates": {}, "networks": []},
        "method": {"order": "in turns"},
        "warnings": ["unstable: one", "the machine was busy before the run: load 1.5"],
    }


@pytest.fixture
def figures(models: dict[str, DigitModel]) -> dict[str, Any]:
    gathered = record.gather(models, accuracy_document(models), latency_document(models))
    first = {"processes": 15, "seconds": 0.31, "resident_bytes": 81_000_000, "peak_resident_bytes": 82_000_000}
    return {**gathered, "footprint": {"first_reading": first, "wheel_bytes": 1_230_000}}


def cells(block: str) -> dict[str, list[str]]:
    """Table rows by their first cell."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines() if line.startswith("|")
    ]
    return {row[0]: row[1:] for row in rows}


def test_the_tables_have_the_figures(figures: dict[str, Any]) -> None:
    rows = cells(render(figures))
    assert rows["paper strings (40)"] == ["95.0%", "92.5%", "90.0%, 1.0%", "41.0%"]
    assert rows["words (30 pictures without a number)"] == ["1 answered", "", "", "7 answered"]
    assert rows["2484 frozen test strips"] == ["98.8%", "98.8%", "", ""]
    assert list(rows).index("words (30 pictures without a number)") > list(rows).index("paper strings (40)")
    assert not any("all folders" in title for title in rows)
    assert rows["one strip, ONNX Runtime"] == ["100 µs / 200 µs", "80 µs / 160 µs"]
    assert rows["one strip, LiteRT"] == ["50 µs / 100 µs", ""]
    (predict,) = (title for title in rows if "Keras predict" in title)
    assert predict == "faster than the notebook's network in Keras predict (50.0 ms, all processors)"
    assert rows[predict] == ["500×", "625×"]
    (onnx,) = (title for title in rows if "ONNX Runtime fp32" in title)
    assert rows[onnx] == ["5.0×", "6.2×"]
    (frame,) = (title for title in rows if title.startswith("frame"))
    assert rows[frame] == ["4.2 ms / 5.1 ms"] * 2
    assert "Peer 200.0 ms, reads 2750" in frame


def test_the_notes_say_machine_date_versions_and_what_was_unstable(figures: dict[str, Any]) -> None:
    block = render(figures)
    assert max(len(line) for line in block.splitlines() if not line.startswith("|")) <= 120
    text = " ".join(block.split())
    for words in (
        "2026-11-25",
        figures["machine"]["name"],
        "onnxruntime 1.32.0",
        "95.3% of them at 99.9% precision",
        "0.0042",
        "94.61%",
        "Wheel 1.23 MB, 125,000 parameters",
        "0.31 s, 81 MB resident",
        "Peer 1.2",
        "1 are unstable",
        "not quite idle",
    ):
        assert words in text


def test_nothing_of_single_pictures_is_kept(figures: dict[str, Any], tmp_path: Path) -> None:
    document = json.dumps(figures)
    assert "secret" not in document
    assert "1234" not in document
    assert str(tmp_path) not in document


def test_a_readme_without_marks_is_refused_and_the_rest_of_it_is_left_alone() -> None:
    readme_text = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    replaced = replace_block(readme_text, "new\n")
    assert replaced == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    assert block_of(replaced) == "new\n"
    assert replace_block(replaced, "old\n") == readme_text
    for broken in ("nothing", f"{END}\n{BEGIN}\n", f"{BEGIN}\n"):
        with pytest.raises(EdgeDigitsError, match=r"README\.md: no <!-- figures:begin -->"):
            replace_block(broken, "new\n")


def test_figures_of_other_models_are_refused(models: dict[str, DigitModel]) -> None:
    record.check_models(models, accuracy_document(models), latency_document(models))
    stale = accuracy_document(models)
    stale["readers"]["int8"]["sha256"] = "0" * 64
    with pytest.raises(ModelError, match=r"accuracy was measured with int8 of sha256 0000.* benchmarks accuracy again"):
        record.check_models(models, stale, latency_document(models))
    slow = latency_document(models)
    slow["networks"]["edge"]["files"]["fp32"]["sha256"] = "1" * 64
    with pytest.raises(ModelError, match="latency was measured with fp32"):
        record.check_models(models, accuracy_document(models), slow)


def test_the_command_writes_record_and_readme(
    models: dict[str, DigitModel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = {"accuracy.json": accuracy_document(models), "latency.json": latency_document(models)}
    for name, document in written.items():
        (tmp_path / name).write_text(json.dumps(document))
    (tmp_path / "README.md").write_text(f"# Title\n\n{BEGIN}\n{END}\n\nprose\n")
    monkeypatch.setattr(record, "DigitModel", lambda name: models[name])
    monkeypatch.setattr(record, "README", tmp_path / "README.md")
    monkeypatch.setattr(record, "FIGURES", tmp_path / "results" / "figures.json")
    monkeypatch.setattr(footprint, "first_reading", lambda: footprint.FirstReading(3, 0.3, None, None))
    monkeypatch.setattr(footprint, "wheel_bytes", lambda: 1_000_000)
    arguments = ["record", "--accuracy", str(tmp_path / "accuracy.json"), "--latency", str(tmp_path / "latency.json")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    figures = json.loads((tmp_path / "results" / "figures.json").read_text())
    text = (tmp_path / "README.md").read_text()
    assert block_of(text) == render(figures) == result.stdout
    assert text.startswith("# Title\n")
    assert text.endswith("\nprose\n")
    (tmp_path / "accuracy.json").write_text("[]")
    assert CliRunner().invoke(main, arguments).exit_code == 1


def test_a_fresh_process_reads_the_picture(tiny_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_DIGITS_MODEL", str(tiny_path))
    first = footprint.first_reading(picture, processes=1)
    assert 0 < first.seconds < 60
    assert first.resident_bytes is None or 10e6 < first.resident_bytes <= (first.peak_resident_bytes or 0)
    with pytest.raises(EdgeDigitsError, match=r"cannot read none\.png"):
        footprint.first_reading(picture.with_name("none.png"), processes=1)


def test_readme_shows_the_recorded_figures() -> None:
    """Where nothing has been recorded yet, README must not show figures either."""
    expected = render(json.loads(readme.FIGURES.read_text("utf-8"))) if readme.FIGURES.exists() else ""
    assert block_of(readme.README.read_text("utf-8")) == expected, (
        "README and benchmarks/results/figures.json have parted: run python -m benchmarks record"
    )


def test_records_name_no_file_or_folder_of_a_machine() -> None:
    for path in readme.FIGURES.parent.glob("*.json"):
        found = re.search(r'"(/|[A-Za-z]:\\\\)[^"]*|/home/|/tmp/|[^"/]+\.(jpe?g|png|bmp)"', path.read_text("utf-8"))
        assert found is None, f"{path.name} has {found and found.group()}"
