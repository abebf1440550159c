"""``edge-digits read``."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from edge_runtime import DigitReader, Reading
from edge_runtime.cli.main import main
from edge_runtime.core.percent import percent
from edge_runtime.images.load import MAX_FILE_BYTES
from tests.conftest import Run, one_line


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
    (expected,) = DigitReader(os.environ["EDGE_DIGITS_MODEL"]).read(picture)
    assert f"(unsure: {expected.text} at {percent(expected.confidence)})" in one_line(result.stdout)


def test_what_is_not_certain_is_never_shown_as_100_percent(
    run: Run, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nearly = Reading("37", (3, 7), (0.999, 0.998), 0.998, accepted=False)
    monkeypatch.setattr(DigitReader, "read", lambda *_: [nearly])
    assert "(unsure: 37 at 99.8%)" in one_line(run("read", picture).stdout)


def test_a_broken_picture_is_an_error_and_the_others_are_read(run: Run, broken: Path, blank: Path) -> None:
    result = run("read", broken, "no/such.png", blank)
    assert result.exit_code == 1
    assert one_line(result.stdout) == f"{blank}: (no number)"
    assert [line.startswith("Error: ") for line in result.stderr.splitlines()] == [True, True]
    assert str(broken) in result.stderr and "no/such.png" in result.stderr


def test_json_and_csv_have_the_same_rows(run: Run, picture: Path, broken: Path) -> None:
    as_json, as_csv, as_long = (
        run("read", picture, broken, "--min-confidence", 0, "--format", *form)
        for form in (["json"], ["csv"], ["csv", "--long"])
    )
    assert as_json.exit_code == as_csv.exit_code == as_long.exit_code == 1
    json_rows = [json.loads(line) for line in as_json.stdout.splitlines()]
    csv_rows, long_rows = (list(csv.DictReader(io.StringIO(result.stdout))) for result in (as_csv, as_long))
    assert json_rows[1]["status"] == "error" and str(broken) in json_rows[1]["error"]
    for from_json, from_csv in zip(json_rows, csv_rows, strict=True):
        assert [from_csv[name] for name in ("path", "status", "text")] == [
            from_json[name] for name in ("path", "status", "text")
        ]
    assert long_rows[0]["text"] == json_rows[0]["readings"][0]["text"]
    assert [float(long_rows[0][name]) for name in ("x3", "y3")] == json_rows[0]["readings"][0]["box"][2]


def from_stdin(tiny_path: Path, data: bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "edge_runtime", "read", "-", "--model", str(tiny_path), *options]
    return subprocess.run(command, input=data, capture_output=True, timeout=60)


def test_a_picture_is_read_from_standard_input(tiny_path: Path, picture: Path, tmp_path: Path) -> None:
    shown = tmp_path / "shown.png"
    done = from_stdin(tiny_path, picture.read_bytes(), "--format", "json", "--show", str(shown))
    row = json.loads(done.stdout)
    assert (done.returncode, row["path"], row["size"]) == (0, "-", None)
    assert [reading["text"] for reading in row["readings"]] == [
        reading.text for reading in DigitReader(tiny_path).read(picture)
    ]
    assert shown.exists()


def test_what_comes_from_standard_input_is_bounded_and_may_be_rubbish(tiny_path: Path) -> None:
    runner, options = CliRunner(), ["--model", str(tiny_path)]
    for data, said in [(b"", "is empty"), (b"hello", "is not a picture"), (bytes(MAX_FILE_BYTES + 1), "larger than")]:
        result = runner.invoke(main, ["read", "-", *options], input=data)
        assert result.exit_code == 1 and said in one_line(result.output)


def test_pages_of_a_document_are_rows(run: Run, tmp_path: Path, page: np.ndarray) -> None:
    scan, shown = tmp_path / "scan.tif", tmp_path / "shown.png"
    cv2.imwritemulti(str(scan), [page, np.full_like(page, 255)])
    result = run("read", scan, "--pages", "all", "--min-confidence", 0)
    first, second = result.stdout.splitlines()
    assert first.startswith(f"{scan}#page=1: ") and second == f"{scan}#page=2: (no number)"
    assert run("read", scan).stderr == f"{scan}: first of 2 pages; --pages all reads the others\n"
    assert run("read", scan, "--pages", "2", "--show", shown).exit_code == 0
    assert cv2.imread(str(shown)).shape == (480, 640, 3)
    for options in (["--pages", "all", "--show", tmp_path / "other.png"], ["--pages", "2-1"], ["--max-pages", "0"]):
        assert run("read", scan, *options).exit_code == 2


def test_read_draws_what_it_read_and_replaces_nothing_unasked(run: Run, picture: Path, tmp_path: Path) -> None:
    shown = tmp_path / "shown.png"
    assert run("read", picture, "--min-confidence", 0, "--show", shown).exit_code == 0
    drawn = cv2.imread(str(shown))
    assert drawn is not None and max(drawn.shape) >= 480
    assert (np.abs(drawn.astype(int) - (60, 170, 0)).max(axis=2) < 5).any()
    shown.write_bytes(b"mine")
    result = run("read", picture, "--show", shown)
    assert (result.exit_code, result.stdout, shown.read_bytes()) == (2, "", b"mine")
    assert one_line(result.stderr) == f"Error: {shown}: exists already; replace it by --overwrite, or name another file"
    assert run("read", picture, "--show", shown, "--overwrite").exit_code == 0
    assert shown.read_bytes() != b"mine"


def test_read_does_not_draw_over_the_picture_itself(run: Run, picture: Path) -> None:
    before = picture.read_bytes()
    result = run("read", picture, "--show", picture.parent / "." / picture.name, "--overwrite")
    assert (result.exit_code, picture.read_bytes()) == (2, before)
    assert "give another name" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell of POSIX")
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_closed_pipe_ends_without_a_word(tiny_path: Path, picture: Path, form: str) -> None:
    command = f"'{sys.executable}' -m edge_runtime read '{picture}' '{picture}' --model '{tiny_path}' --format {form}"
    done = subprocess.run(["sh", "-c", f"{command} | true"], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("", "")
