"""``python -m benchmarks all``: what the record keeps, the goals, and that no page parts from the record."""

from __future__ import annotations

import json
import re
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks.__main__ import main
from benchmarks.core.blocks import replace_block
from benchmarks.core.document import REPOSITORY, head
from benchmarks.core.effort import Effort
from benchmarks.core.options import Say, part_command
from benchmarks.report import page, readme
from benchmarks.report.goals import GOALS
from benchmarks.report.record import new_record, slug
from edge_runtime import EdgeDigitsError, ModelError

RESULTS = REPOSITORY / "benchmarks" / "results"
REPORT = (RESULTS.parent / "REPORT.md").read_text("utf-8")
RECORD = next(path for path in RESULTS.glob("*.json") if f"from results/{path.name} -->" in REPORT)


@pytest.fixture
def record() -> dict[str, Any]:
    """The published record."""
    return json.loads(RECORD.read_text("utf-8"))


def cells(text: str) -> dict[str, list[str]]:
    """Table rows by their first cell; of several the last."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return {row[0]: row[1:] for row in rows}


def all_parts(*arguments: object) -> Any:
    return CliRunner().invoke(main, ["all", *map(str, arguments)])


def test_readme_and_report_show_the_published_record(record: dict[str, Any]) -> None:
    again = f"run python -m benchmarks all --take {RECORD.relative_to(REPOSITORY)}"
    assert page.render(record, RECORD.name) == REPORT, again
    text = (REPOSITORY / "README.md").read_text("utf-8")
    assert replace_block(text, readme.BLOCK, readme.render(record)) == text, again


def test_published_results_name_no_file_or_folder_of_a_machine() -> None:
    for path in RESULTS.glob("*.json"):
        found = re.search(r'"(/|[A-Za-z]:\\\\)[^"]*|/home/|/tmp/|[^"/]+\.(jpe?g|png|bmp)"', path.read_text("utf-8"))
        assert found is None, f"{path.name} has {found and found.group()}"


def test_taking_a_record_writes_the_same_pages_and_measures_nothing(record: dict[str, Any], tmp_path: Path) -> None:
    result = all_parts("--take", RECORD, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert result.stdout.strip() == str(tmp_path / "REPORT.md")
    written = tmp_path / "results" / RECORD.name
    assert json.loads(written.read_text())["parts"] == record["parts"]
    assert (tmp_path / "REPORT.md").read_text() == page.render(json.loads(written.read_text()), RECORD.name)


def test_a_part_measured_anew_leaves_the_others_with_their_origin(record: dict[str, Any], tmp_path: Path) -> None:
    newer = {**record["parts"]["footprint"], "measured": "2030-01-01T00:00:00+00:00", "commit": "def5678"}
    (tmp_path / "footprint.json").write_text(json.dumps(newer))
    result = all_parts("--take", RECORD, "--take", tmp_path / "footprint.json", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    rows = cells((tmp_path / "REPORT.md").read_text())
    assert rows["footprint"][:2] == ["2030-01-01 00:00", "def5678"]
    assert rows["latency"][1] == record["parts"]["latency"]["commit"]


def test_what_is_left_out_is_named_and_fails_only_where_it_was_asked_for(tmp_path: Path) -> None:
    result = all_parts("--only", "accuracy", "--out", tmp_path)
    assert result.exit_code == 1 and "accuracy: left out: needs --data FOLDER" in result.stderr
    assert cells((tmp_path / "REPORT.md").read_text())["accuracy"][0] == "not measured"


def test_files_that_are_no_record_are_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    for content, complaint in (("[]", "a JSON list"), ("{", "cannot be read as JSON"), ('{"format": 1}', "format 3")):
        bad.write_text(content)
        result = all_parts("--take", bad, "--out", tmp_path)
        assert result.exit_code == 1 and complaint in result.stderr
    with pytest.raises(ModelError, match="lacks"):
        new_record({"latency": {"part": "latency", "measured": "now"}})


def test_nothing_of_single_pictures_and_of_the_system_is_kept(record: dict[str, Any]) -> None:
    part = {**head("accuracy"), **record["parts"]["accuracy"], "pictures": {"fp32": [{"picture": "secret.jpg"}]}}
    part["machine"] = {**part["machine"], "system": "Secret-6.1"}
    assert "ecret" not in json.dumps(new_record({"accuracy": part}))


def test_figures_of_earlier_models_are_marked(record: dict[str, Any]) -> None:
    fresh = deepcopy(record)
    for part in fresh["parts"].values():
        part["package_models"] = {name: facts["sha256"] for name, facts in fresh["models"].items()}
    files = fresh["parts"]["latency"]["networks"]["edge"]["files"]
    for name, facts in fresh["models"].items():
        files[name]["sha256"] = facts["sha256"]
    assert "earlier" not in readme.render(fresh) + page.render(fresh, "x.json")
    fresh["parts"]["accuracy"]["package_models"]["int8"] = "0" * 64
    files["fp32"]["sha256"] = "1" * 64
    assert "With earlier models than the package has now: accuracy, latency." in " ".join(readme.render(fresh).split())
    rows = cells(page.render(fresh, "x.json").partition("## Goals")[0])
    assert (rows["accuracy"][-1], rows["latency"][-1]) == ("earlier int8", "earlier fp32")


def test_the_goals_are_judged_from_the_record(record: dict[str, Any]) -> None:
    def verdicts(document: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        return {goal.figure: goal.row(document)[2:] for goal in GOALS}

    assert all(measured for measured, _ in verdicts(record).values()), "the published record has a figure for each goal"
    fresh = next(row for row in record["parts"]["footprint"]["fresh"] if row["program"] == "edge-digits")
    fresh["resident_bytes"] = 81_000_000
    run = record["parts"]["throughput"]["growth"][-1]
    run |= {"files": 100_000, "complete": True}
    run["memory"] |= {"settled_bytes": 80_000_000, "growth_bytes": 8_000_000}
    del record["parts"]["latency"]
    changed = verdicts(record)
    assert changed["resident memory after it"] == ("81 MB", "met")
    assert changed["growth of memory from 1,000 to 100,000 pictures"] == ("10.0 %", "**not met**")
    assert changed["640×480 frame, from file to reading"] == ("", "not measured")


def test_a_readme_without_marks_is_refused_and_the_rest_of_it_is_left_alone() -> None:
    begin, end = "<!-- figures:begin -->", "<!-- figures:end -->"
    replaced = replace_block(f"before\n{begin}\nold\n{end}\nafter\n", "figures", "new\n")
    assert replaced == f"before\n{begin}\nnew\n{end}\nafter\n"
    for broken in ("nothing", f"{end}\n{begin}\n", f"{begin}\n"):
        with pytest.raises(EdgeDigitsError, match="no <!-- figures:begin -->"):
            replace_block(broken, "figures", "new\n")


def test_slugs() -> None:
    assert slug("Intel(R) Xeon(R) CPU @ 2.20GHz") == "intel-r-xeon-r-cpu-2-20ghz"
    assert slug("??") == "unknown"


def test_a_part_is_written_and_printed(tmp_path: Path) -> None:
    def measure(effort: Effort, runs: Path, say: Say) -> dict[str, Any]:
        """Count."""
        say("counting")
        return {"processes": effort.processes}

    command = part_command("count", measure, lambda document: f"{document['processes']} processes\n")
    out = tmp_path / "new" / "count.json"
    result = CliRunner().invoke(command, ["--quick", "--out", str(out)])
    assert (result.stdout, result.exit_code) == ("1 processes\n", 0) and "count: counting" in result.stderr
    assert json.loads(out.read_text("utf-8")) == {"processes": 1}


def test_a_command_that_lacks_a_package_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "benchmarks.latency.networks", None)
    result = CliRunner().invoke(main, ["latency", "--out", str(tmp_path / "latency.json")])
    assert result.exit_code == 1 and "pip install" in result.output and "Traceback" not in result.output
