"""``python -m benchmarks faults`` in its short form, and that its tests can fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import faults, faults_files
from benchmarks.__main__ import main
from benchmarks.faults_kills import compare
from benchmarks.faults_outcome import Outcome, Watched

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
