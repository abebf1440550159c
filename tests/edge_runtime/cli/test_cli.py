"""The command line: ``read``, wrong usage, and what all commands share."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import DigitReader
from edge_runtime.batch.rows import ROW_FIELDS
from tests.conftest import Run, one_line
from tests.edge_runtime.recognition.tiny_model import write_model


def test_read_prints_one_line_a_picture(run: Run, picture: Path, blank: Path) -> None:
    result = run("read", picture, blank, "--min-confidence", 0)
    assert (result.exit_code, result.stderr) == (0, "")
    first, second = result.stdout.splitlines()
    (expected,) = DigitReader(os.environ["EDGE_DIGITS_MODEL"]).read(picture)
    assert first == f"{picture}: {expected.text}"
    assert second == f"{blank}: (no number)"


def test_read_marks_what_it_is_not_sure_of(run: Run, picture: Path) -> None:
    result = run("read", picture, "--min-confidence", 1)
    assert result.exit_code == 0
    assert "(unsure: " in one_line(result.stdout) and "%" in result.stdout


def test_a_broken_picture_is_an_error_and_the_others_are_read(run: Run, broken: Path, blank: Path) -> None:
    result = run("read", broken, "no/such.png", blank)
    assert result.exit_code == 1
    assert one_line(result.stdout) == f"{blank}: (no number)"
    assert [line.startswith("Error: ") for line in result.stderr.splitlines()] == [True, True]
    assert str(broken) in result.stderr and "no/such.png" in result.stderr


def test_read_gives_json_lines_and_csv_with_the_same_content(run: Run, picture: Path, broken: Path) -> None:
    as_json, as_csv = (run("read", picture, broken, "--format", form) for form in ("json", "csv"))
    assert as_json.exit_code == as_csv.exit_code == 1
    json_rows = [json.loads(line) for line in as_json.stdout.splitlines()]
    csv_rows = list(csv.DictReader(io.StringIO(as_csv.stdout)))
    assert [row["status"] for row in json_rows] == [row["status"] for row in csv_rows]
    assert json_rows[1]["status"] == "error" and str(broken) in json_rows[1]["error"]
    for from_json, from_csv in zip(json_rows, csv_rows, strict=True):
        assert list(from_csv) == list(from_json) == list(ROW_FIELDS)
        assert json.loads(from_csv["readings"]) == from_json["readings"]
        assert from_csv["text"] == from_json["text"] and from_csv["path"] == from_json["path"]


def test_read_draws_what_it_read(run: Run, picture: Path, tmp_path: Path) -> None:
    shown = tmp_path / "shown.png"
    assert run("read", picture, "--min-confidence", 0, "--show", shown).exit_code == 0
    drawn = cv2.imread(str(shown))
    assert drawn is not None and max(drawn.shape) >= 480
    assert (np.abs(drawn.astype(int) - (60, 170, 0)).max(axis=2) < 5).any()


def test_read_does_not_draw_over_the_picture_itself(run: Run, picture: Path) -> None:
    before = picture.read_bytes()
    result = run("read", picture, "--show", picture.parent / "." / picture.name)
    assert (result.exit_code, picture.read_bytes()) == (2, before)
    assert "give another name" in result.stderr


@pytest.mark.parametrize("arguments", [["batch", "{}", "--output"], ["read", "{}/page.png", "--show"]])
def test_a_file_that_cannot_be_written_is_named_with_the_remedy(run: Run, picture: Path, arguments: list[str]) -> None:
    target = picture.parent / "missing" / ("rows.jsonl" if arguments[0] == "batch" else "shown.png")
    result = run(*(text.format(picture.parent) for text in arguments), target)
    assert result.exit_code == 1
    assert one_line(result.stderr).startswith(f"Error: {target}: No such file or directory; check that its folder")


@pytest.mark.parametrize(
    "arguments",
    [
        ["read"],
        ["read", "a.png", "--format", "xml"],
        ["read", "a.png", "b.png", "--show", "c.png"],
        ["read", "a.png", "--show", "c.doc"],
        ["read", "a.png", "--min-confidence", "2"],
        ["read", "a.png", "--threads", "0"],
        ["read", "a.png", "--no-such-option"],
        ["batch"],
        ["batch", "no/such/folder"],
        ["batch", ".", "--output", "rows.xml"],
        ["batch", ".", "--workers", "0"],
        ["bench", "--seconds", "0"],
        ["no-such-command"],
    ],
)
def test_wrong_usage_exits_with_2(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == "" and "Usage:" in result.stderr


def test_a_model_that_cannot_be_used_is_one_line_and_exit_1(run: Run, picture: Path, tmp_path: Path) -> None:
    other = write_model(tmp_path / "other.onnx", names={"strip": "image"})
    for arguments in (["read", picture], ["batch", tmp_path], ["webcam", tmp_path, "--headless"]):
        result = run(*arguments, "--model", other)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "other.onnx" in one_line(result.stderr)


def test_no_command_takes_long_to_show_its_help() -> None:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "edge_runtime", "read", "-h"], capture_output=True, timeout=30, check=True)
    assert time.perf_counter() - start < 5
