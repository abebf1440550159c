"""The record, README's tables and the report: what is kept, and that neither page parts from the record."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks.__main__ import main
from benchmarks.footprint.fresh import PICTURE
from benchmarks.report import charts, page, parts, record
from benchmarks.report import command as every
from benchmarks.report.charts_points import Point, front
from benchmarks.report.goals import GOALS, verdicts
from benchmarks.report.goals_faults import FAULTS
from benchmarks.report.readme import BEGIN, END, block_of, render, replace_block
from edge_runtime import DigitModel, EdgeDigitsError, ModelError
from tests.edge_runtime.recognition.tiny_model import spec, write_model

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


def origin(measured: str) -> dict[str, Any]:
    """What every part says of itself."""
    machine = {
        "system": "Secret-6.1",
        "name": "Chip 9",
        "architecture": "x86_64",
        "processors": 2,
        "features": ["AVX2"],
    }
    versions = {"python": "3.11.7", "onnxruntime": "1.32.0"}
    return {"measured": measured, "edge_digits": "0.1.0", "commit": "abc1f3f", "machine": machine, "versions": versions}


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
        **origin("2026-11-25T01:00:00+00:00"),
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
        **origin("2026-11-25T02:00:00+00:00"),
        "left_out": ["OpenVINO: not installed"],
        "networks": {
            "edge": {
                "files": {name: {"sha256": m.sha256, "size_bytes": m.size_bytes} for name, m in models.items()},
                "accuracy": {"notebook": {"whole_string": 0.9885, "heads_mean": 0.9971}},
            },
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
        "limit": {
            "rates": {"fp32": 1e11},
            "networks": [{"network": "edge", "precision": "fp32", "multiply_accumulates": 7_565_760, "distance": 1.37}],
        },
        "method": {"included": "all", "order": "in turns", "strips": "2 strips", "stages": {"decode": "the file"}},
        "agreement": [
            {"precision": "fp32", "max_difference": 2e-6, "alike": 1.0},
            {"precision": "int8", "max_difference": 0.1, "alike": 0.998},
        ],
        "warnings": ["unstable: one", "the machine was busy before the run: load 1.5"],
    }


def footprint_document() -> dict[str, Any]:
    seconds = {"median": 0.31, "least": 0.3, "most": 0.33}
    fresh = {
        "program": "edge-digits",
        "reads": PICTURE,
        "text": "2750",
        "truth": "2750",
        "import_seconds": seconds,
        "first_answer_seconds": seconds,
        "resident_bytes": 81_000_000,
        "peak_resident_bytes": 82_000_000,
    }
    sizes = {"wheel_bytes": 1_230_000, "models": {"edge-digits fp32": 100}, "installed": {"edge-digits": {"numpy": 5}}}
    sizes["method"] = {"fresh": "in turns", "installed": "sums"}
    return {**origin("2026-11-25T03:00:00+00:00"), **sizes, "fresh": [fresh], "left_out": [], "warnings": []}


def throughput_document(growth_bytes: int = 1_000_000) -> dict[str, Any]:
    samples = [[0.1, 0, 80_000_000], [9.0, 100_000, 81_000_000]]
    memory = {
        "highest_bytes": 82_000_000,
        "settled_bytes": 80_000_000,
        "growth_bytes": growth_bytes,
        "second_half_growth_bytes": 0,
        "over_time": samples,
    }
    run = {"workers": 2, "complete": True, "runs": 1, "seconds": 9.0, "least_seconds": 9.0, "most_seconds": 9.0}
    run |= {"pictures_per_s": 11_111.0, "memory": memory, "files": 100_000}
    rates = [
        {"way": way, "workers": workers, "median": per_s, "p10": 0.9 * per_s, "p90": 1.1 * per_s, "unstable": False}
        for way, per_s in (("read_files", 100.0), ("decoding alone", 130.0))
        for workers in (1, 2)
    ]
    shares = [
        {"workers": workers, "median": share, "p10": share, "p90": share} for workers, share in ((1, 0.6), (2, 0.75))
    ]
    folder = {"kind": "frames", "format": "640x480 JPEG", "files": 9, "distinct": 3, "median_bytes": 900, "right": 1.0}
    return {
        **origin("2026-11-25T04:00:00+00:00"),
        "reader": {"model": "digits-int8.onnx"},
        "method": {"pictures": "drawn", "turns": "in turns"},
        "left_out": [],
        "folders": [{**folder, "rates": rates, "share_of_decoding": shares, "whole_folder": run}],
        "keras": None,
        "growth": [{**run, "ms_per_file": 0.09, "ms_per_further_file": None}],
        "warnings": [],
    }


@pytest.fixture
def figures(models: dict[str, DigitModel]) -> dict[str, Any]:
    measured = {
        "accuracy": accuracy_document(models),
        "latency": latency_document(models),
        "footprint": footprint_document(),
        "throughput": throughput_document(),
    }
    return record.new_record(models, None, measured)


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
        "Chip 9",
        "onnxruntime 1.32.0",
        "95.3% of them at 99.9% precision",
        "0.0042",
        "94.61%",
        "Wheel 1.23 MB.",
        "125,000 parameters",
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
    assert "Secret" not in document


def test_a_readme_without_marks_is_refused_and_the_rest_of_it_is_left_alone() -> None:
    readme_text = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    replaced = replace_block(readme_text, "new\n")
    assert replaced == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    assert block_of(replaced) == "new\n"
    assert replace_block(replaced, "old\n") == readme_text
    for broken in ("nothing", f"{END}\n{BEGIN}\n", f"{BEGIN}\n"):
        with pytest.raises(EdgeDigitsError, match=r"README\.md: no <!-- figures:begin -->"):
            replace_block(broken, "new\n")


def test_figures_of_earlier_models_are_marked(models: dict[str, DigitModel], figures: dict[str, Any]) -> None:
    assert record.stale_models(figures, "accuracy") == record.stale_models(figures, "latency") == []
    assert "earlier" not in render(figures)
    figures["parts"]["accuracy"]["readers"]["int8"]["sha256"] = "0" * 64
    figures["parts"]["latency"]["networks"]["edge"]["files"]["fp32"]["sha256"] = "1" * 64
    text = " ".join(render(figures).split())
    assert "The pictures were measured with an earlier int8 than the package has." in text
    assert "The times were measured with an earlier fp32 than the package has." in text
    rows = cells(page.render(figures, "chip-9.json"))
    assert rows["Accuracy"][-1] == "earlier int8"
    assert rows["640×480 frame, from file to reading"][-1] == "met, with earlier models"


def test_a_further_model_has_its_column(models: dict[str, DigitModel], figures: dict[str, Any]) -> None:
    accuracy = figures["parts"]["accuracy"]
    accuracy["readers"]["second-look"] = {"model": "y.onnx", "sha256": "2" * 64}
    accuracy["figures"].append(accuracy_row("paper_strings", "second-look", exact=0.99))
    rows = cells(render(figures))
    assert rows["whole numbers right"] == ["fp32", "int8", "second-look", "accepted, of these wrong (fp32)", "Peer"]
    assert rows["paper strings (40)"] == ["95.0%", "92.5%", "99.0%", "90.0%, 1.0%", "41.0%"]


def test_the_goals_are_judged_from_the_record(models: dict[str, DigitModel], figures: dict[str, Any]) -> None:
    rows = cells(page.render(figures, "chip-9.json"))
    assert rows["`edge` against the notebook's network in Keras `predict`"] == [
        "at least 400 times",
        "625 times",
        "met",
    ]
    assert rows["`edge` int8 against fp32, smaller"] == ["at least 3 times", "1 times", "**not met**"]
    assert rows["the same frame against RapidOCR"] == ["at least 50 times", "", "not measured"]
    assert rows["resident memory after it"] == ["at most 100 MB", "81 MB", "met"]
    by_figure = {verdict.goal.figure: verdict for verdict in verdicts(figures)}
    (share,) = (verdict for figure, verdict in by_figure.items() if "decoding alone" in figure)
    assert share.measured == 75
    growing = {**figures, "parts": {**figures["parts"], "throughput": throughput_document(growth_bytes=8_000_000)}}
    flat, grown = (
        next(v for v in verdicts(document) if "growth of memory" in v.goal.figure) for document in (figures, growing)
    )
    assert (flat.measured, flat.met) == (1.25, True)
    assert (grown.measured, grown.met) == (10, False)
    assert [verdict.met for verdict in verdicts(record.new_record(models, None, {}))].count(None) == len(GOALS) - 1


def test_the_goals_of_the_faults_are_judged_from_their_counts() -> None:
    tests = [
        {"name": "files", "counts": {"files": 20_032, "crashes": 1}},
        {"name": "kills", "counts": {"kills": 66, "a": {"rows_lost": 1}, "b": {"rows_lost": 2}}},
        {"name": "frames", "counts": {"frames": 99, "memory_growth_mb": None, "handles_first": 7, "handles_last": 7}},
        {
            "name": "processor",
            "counts": {"still_percent_of_one_processor": 13.5, "moving_percent_of_one_processor": 21},
        },
    ]
    measured = {"models": {}, "parts": {"faults": {"package_models": {}, "tests": tests}}}
    judged = {verdict.goal.figure: verdict for verdict in verdicts(measured, FAULTS)}
    found = {figure: (verdict.measured, verdict.met) for figure, verdict in judged.items()}
    assert found["damaged picture files, read or refused"] == (20_032, True)
    assert found["crashes over them"] == (1, False)
    assert found["rows lost over them"] == (3, False)
    assert found["frames in one stream"] == (99, False)
    assert found["growth of memory over them"] == (None, None)
    assert found["file handles more at their end"] == (0, True)
    assert found["one processor at 30 frames of 640×480 a second"] == (21, False)
    assert found["camera back until its number is confirmed, the longest"] == (None, None)


def test_a_part_measured_anew_leaves_the_others_with_their_origin(models: dict[str, DigitModel]) -> None:
    first = record.new_record(models, None, {"latency": latency_document(models), "footprint": footprint_document()})
    newer = {**footprint_document(), "measured": "2026-12-01T00:00:00+00:00", "commit": "def5678"}
    second = record.new_record(models, first, {"footprint": newer})
    assert second["parts"]["latency"] == first["parts"]["latency"]
    rows = cells(page.render(second, "chip-9.json"))
    assert rows["Latency"] == ["2026-11-25 02:00", "abc1f3f", "Chip 9, 2 processors", "as in the package"]
    assert rows["Footprint"][:2] == ["2026-12-01 00:00", "def5678"]
    assert rows["Throughput"][0] == "not measured"
    with pytest.raises(ModelError, match="lacks"):
        record.new_record(models, first, {"latency": {"measured": "now"}})


@pytest.fixture
def published(models: dict[str, DigitModel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands in for benchmarks/, with a README, where only the footprint can be measured."""
    pytest.importorskip("matplotlib")

    def measure(name: str, sources: parts.Sources, size: parts.Size, say: object) -> dict[str, Any]:
        if name == "throughput":
            raise ModelError("broken")
        if name != "footprint":
            raise parts.LeftOutError("needs something")
        return footprint_document()

    (tmp_path / "README.md").write_text(f"# Title\n\n{BEGIN}\n{END}\n\nprose\n")
    monkeypatch.setattr(every, "package_models", lambda: models)
    monkeypatch.setattr(every, "measure_part", measure)
    monkeypatch.setattr(every, "PUBLISHED", tmp_path / "benchmarks")
    monkeypatch.setattr(every, "README", tmp_path / "README.md")
    monkeypatch.setattr(every.machine, "processor", lambda: {"name": "Chip (R) 9"})
    return tmp_path / "benchmarks"


def run_all(*arguments: object) -> Any:
    return CliRunner().invoke(main, ["all", *map(str, arguments)])


def test_all_writes_record_charts_report_and_readme(
    models: dict[str, DigitModel], published: Path, tmp_path: Path
) -> None:
    for name, document in {"accuracy": accuracy_document(models), "latency": latency_document(models)}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    take = [f"--take={name}={tmp_path / name}.json" for name in ("accuracy", "latency")]
    result = run_all(*take, "--only", "footprint", "--out", published)
    assert result.exit_code == 0, result.output
    assert result.stdout.strip() == str(published / "REPORT.md")
    written = record.read_record(published / "results" / "chip-r-9.json")
    assert list(written["parts"]) == ["latency", "footprint", "accuracy"]
    assert_pages_show(written, "chip-r-9.json", published, tmp_path / "README.md")
    text = (tmp_path / "README.md").read_text()
    assert text.startswith("# Title\n")
    assert text.endswith("\nprose\n")
    assert sorted(path.name for path in (published / "charts").iterdir()) == ["accuracy.png", "latency.png"]

    before = (published / "REPORT.md").read_text()
    (published / "REPORT.md").unlink()
    (tmp_path / "README.md").write_text(f"{BEGIN}\n{END}\n")
    assert run_all("--from", published / "results" / "chip-r-9.json", "--out", published).exit_code == 0
    assert (published / "REPORT.md").read_text() == before
    assert block_of((tmp_path / "README.md").read_text()) == render(written)


def test_what_is_left_out_is_named_and_what_fails_sets_the_exit_code(published: Path, tmp_path: Path) -> None:
    result = run_all("--out", tmp_path / "elsewhere")
    assert result.exit_code == 1
    assert "throughput: failed: broken" in result.stderr
    assert "latency: left out: needs something" in result.stderr
    assert list(record.read_record(tmp_path / "elsewhere" / "results" / "chip-r-9.json")["parts"]) == ["footprint"]
    assert block_of((tmp_path / "README.md").read_text()) == ""  # only the published folder writes README
    assert run_all("--only", "footprint", "--out", published).exit_code == 0
    assert run_all("--only", "latency", "--out", published).exit_code == 1  # asked for by name, and not measured


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--only", "speed"), "no part is called 'speed'"),
        (("--take", "latency"), "expected PART=FILE"),
        (("--take", "speed=a.json"), "expected PART=FILE"),
    ],
)
def test_wrong_usage(published: Path, arguments: tuple[str, ...], complaint: str) -> None:
    result = run_all(*arguments, "--out", published)
    assert result.exit_code == 2
    assert complaint in " ".join(result.stderr.split())


def test_files_that_are_no_record_are_refused(published: Path, tmp_path: Path) -> None:
    for content, complaint in (("[]", "a JSON list"), ("{", "cannot be read as JSON"), ('{"format": 1}', "format 2")):
        (tmp_path / "bad.json").write_text(content)
        result = run_all("--from", tmp_path / "bad.json", "--out", published)
        assert result.exit_code == 1
        assert complaint in result.stderr
    elsewhere = run_all("--from", tmp_path / "bad.json")  # must not write over what is published
    assert elsewhere.exit_code == 2 and "--out" in elsewhere.stderr
    assert run_all("--from", tmp_path / "bad.json", "--quick").exit_code == 2


def test_parts_name_what_they_lack(tmp_path: Path) -> None:
    def reason(name: str, size: parts.Size = parts.FULL) -> str:
        with pytest.raises(parts.LeftOutError) as error:
            parts.measure_part(name, parts.Sources(tmp_path), size, lambda text: None)
        return str(error.value)

    assert reason("accuracy") == "needs --data FOLDER with labelled pictures"
    assert reason("quantisation", parts.QUICK) == "not in a quick run"
    assert "faults.json is not there" in reason("faults")
    for name in ("latency", "quantisation", "architectures"):
        assert re.search(r"no trained network in|no finished run of|needs tensorflow", reason(name))
    (tmp_path / "faults.json").write_text('{"tests": []}')
    assert parts.measure_part("faults", parts.Sources(tmp_path), parts.FULL, lambda text: None) == {"tests": []}


def test_fewer_files_shorten_the_growth_too() -> None:
    assert parts.resized(parts.FULL, 1_000).growth == (100, 1_000, 10_000)
    assert (parts.resized(parts.FULL, 5).files, parts.resized(parts.FULL, 5).growth) == (5, (5,))


def test_slugs() -> None:
    assert record.slug("AMD EPYC 7B13") == "amd-epyc-7b13"
    assert record.slug("Intel(R) Xeon(R) CPU @ 2.20GHz") == "intel-r-xeon-r-cpu-2-20ghz"
    assert record.slug("??") == "unknown"


def test_the_front_has_what_no_other_point_beats() -> None:
    points = [
        Point(name, us, accuracy, True)
        for name, us, accuracy in (("a", 1, 0.5), ("b", 2, 0.4), ("c", 3, 0.9), ("d", 3, 0.8))
    ]
    assert [point.name for point in front(points)] == ["a", "c"]


def test_every_chart_can_be_drawn(figures: dict[str, Any], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "old.png").write_bytes(b"")
    assert charts.draw_charts(figures, tmp_path) == ["latency.png", "accuracy.png", "throughput.png"]
    assert not (tmp_path / "old.png").exists()
    for path in tmp_path.glob("*.png"):
        assert charts.digest_of(path) == charts.digest(figures)


def assert_pages_show(shown: Mapping[str, Any], name: str, folder: Path, readme: Path) -> None:
    again = f"parted from {name}: run python -m benchmarks all --from benchmarks/results/{name}"
    assert (folder / "REPORT.md").read_text("utf-8") == page.render(shown, name), f"REPORT.md has {again}"
    assert block_of(readme.read_text("utf-8")) == render(shown), f"README.md has {again}"
    for chart in charts.chart_names(shown):
        assert charts.digest_of(folder / "charts" / chart) == charts.digest(shown), f"{chart} has {again}"


def test_readme_report_and_charts_show_the_recorded_figures() -> None:
    name = page.record_name((every.PUBLISHED / "REPORT.md").read_text("utf-8"))
    assert name is not None
    shown = record.read_record(every.PUBLISHED / "results" / name)
    assert_pages_show(shown, name, every.PUBLISHED, every.README)


def test_records_name_no_file_or_folder_of_a_machine() -> None:
    for path in (every.PUBLISHED / "results").glob("*.json"):
        document = json.loads(path.read_text("utf-8"))
        for test in document.get("parts", {}).get("faults", {}).get("tests", []):
            test["counts"].pop("forms", None)  # kinds of pictures, "16bit.png", that are no files
        found = re.search(r'"(/|[A-Za-z]:\\\\)[^"]*|/home/|/tmp/|[^"/]+\.(jpe?g|png|bmp)"', json.dumps(document))
        assert found is None, f"{path.name} has {found and found.group()}"
