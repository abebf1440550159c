"""``python -m benchmarks accuracy``: labels, figures, contact sheets, and the command with readers of our own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.__main__ import main
from benchmarks.accuracy import candidates
from benchmarks.accuracy import command as accuracy
from benchmarks.accuracy.candidates import Answer
from benchmarks.accuracy.contact_sheet import TILE_WIDTH, contact_sheet
from benchmarks.accuracy.metrics import Result, edit_distance, figures
from benchmarks.core.dataset import Sample, find_samples
from edge_runtime import DigitReader, ImageError


def folder_of(folder: Path, labels: dict[str, str]) -> Path:
    """A folder with a picture for each label; the grey of a picture tells which it is."""
    folder.mkdir(parents=True)
    for index, name in enumerate(labels):
        cv2.imwrite(str(folder / name), np.full((30, 60, 3), 10 * (index + 1), np.uint8))
    lines = "".join(f"{name},{label}\n" for name, label in labels.items())
    (folder / "labels.csv").write_text(f"file,label\n{lines}")
    return folder


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder_of(tmp_path / "pictures" / "paper", {"a.png": "123", "b.png": "45", "c.png": "007", "d.png": "9"})
    folder_of(tmp_path / "pictures" / "nothing", {"e.png": "", "f.png": ""})
    return tmp_path / "pictures"


class Scripted:
    """A reader that answers by file name."""

    def __init__(self, name: str, answers: dict[str, Answer]) -> None:
        self.name = name
        self.description: dict[str, Any] = {"threshold": 0.5}
        self._answers = answers

    def read(self, path: Path) -> Answer:
        return self._answers[path.name]


STRIP = np.full((1, 28, 140), 200, np.uint8)
ANSWERS = {
    "a.png": Answer("123", "123", 0.9, STRIP, ms=1.0),
    "b.png": Answer("46", "46", 0.8, STRIP, ms=2.0),
    "c.png": Answer("07", "", 0.2, ms=3.0),
    "d.png": Answer(error="d.png: no picture"),
    "e.png": Answer("1", "", 0.1),
    "f.png": Answer("1", "1", 0.7),
}


def test_samples_come_folder_by_folder_with_names_below_the_root(pictures: Path) -> None:
    samples = find_samples([pictures])
    assert [sample.name for sample in samples[:3]] == ["nothing/e.png", "nothing/f.png", "paper/a.png"]
    assert samples[4] == Sample("paper", pictures / "paper" / "c.png", "007")
    assert find_samples([pictures / "paper"])[0].name == "paper/a.png"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("file,label\na.png,5-7\n", r"line 2: label '5-7', expected digits"),
        ("file,label\na.png,٣\n", r"line 2: label '٣'"),
        ("file,label\na.png,1\nz.png,1\n", r"line 3: no file .*z\.png"),
        ("file,text\na.png,1\n", "no column label"),
        ("", "no column file and no column label"),
    ],
)
def test_wrong_labels_are_named(pictures: Path, table: str, message: str) -> None:
    (pictures / "paper" / "labels.csv").write_text(table, "utf-8")
    with pytest.raises(ImageError, match=message):
        find_samples([pictures])


def test_a_root_without_labels_and_two_folders_of_one_name_are_refused(pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    with pytest.raises(ImageError, match=r"bare: no labels\.csv"):
        find_samples([pictures, tmp_path / "bare"])
    twin = folder_of(tmp_path / "more" / "paper", {"a.png": "1"})
    with pytest.raises(ImageError, match="second folder called 'paper'"):
        find_samples([pictures, twin])


@pytest.mark.parametrize(
    ("truth", "text", "distance"),
    [
        ("", "", 0),
        ("123", "123", 0),
        ("123", "", 3),
        ("", "12", 2),
        ("123", "13", 1),
        ("12", "21", 2),
        ("7", "1717", 3),
    ],
)
def test_edit_distance(truth: str, text: str, distance: int) -> None:
    assert edit_distance(truth, text) == distance == edit_distance(text, truth)


def test_figures_of_a_folder(pictures: Path) -> None:
    results = [Result(sample, ANSWERS[sample.path.name]) for sample in find_samples([pictures])]
    got = figures("ours", "both", results)
    assert (got.numbers, got.empties, got.failed, got.false_answers) == (4, 2, 1, 1)
    assert got.exact == 1 / 4
    assert got.digit_accuracy == pytest.approx(1 - (0 + 1 + 1 + 1) / 9)
    assert got.coverage == 2 / 4, "an answer below the threshold does not count as given"
    assert got.error == 1 / 2
    numbers_only = figures("ours", "nothing", results[:2])
    assert (numbers_only.exact, numbers_only.digit_accuracy, numbers_only.coverage) == (None, None, None)


def test_digit_accuracy_does_not_fall_below_zero() -> None:
    sample = Sample("x", Path("x.png"), "1")
    assert figures("ours", "x", [Result(sample, Answer("22222"))]).digit_accuracy == 0


def test_mistakes_are_wrong_numbers_and_accepted_answers_to_nothing(pictures: Path) -> None:
    results = [Result(sample, ANSWERS[sample.path.name]) for sample in find_samples([pictures])]
    assert [result.sample.path.name for result in results if result.is_mistake] == ["f.png", "b.png", "c.png", "d.png"]


def test_a_contact_sheet_shows_picture_and_strip(pictures: Path) -> None:
    sample = Sample("paper", pictures / "paper" / "b.png", "45")
    tiles = [Result(sample, ANSWERS["b.png"])] * 7
    sheet = contact_sheet(tiles, "paper: 7 mistakes")
    assert sheet.dtype == np.uint8
    assert sheet.shape[1] >= 5 * TILE_WIDTH
    assert (sheet == 20).all(axis=2).sum() > 7 * 1000, "the picture's own grey"
    assert (sheet == 200).all(axis=2).sum() >= 7 * 28 * 140, "the strip, as large as it is"


def run(monkeypatch: pytest.MonkeyPatch, answers: dict[str, Answer], *arguments: str) -> Any:
    readers = [Scripted(name, answers) for name in candidates.OURS]
    monkeypatch.setattr(candidates, "ours", lambda: list(readers))
    monkeypatch.setattr(candidates, "installed_peers", lambda: [Scripted("Peer", answers)])
    return CliRunner().invoke(main, ["accuracy", *arguments])


def test_the_command_writes_table_json_and_sheets(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mistakes-of-yesterday.png").write_bytes(b"")
    answers = {**ANSWERS, "d.png": Answer("9", "9", 0.9)}
    result = run(monkeypatch, answers, "--out", str(out), "--data", str(pictures / "paper"), str(pictures / "nothing"))
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in out.iterdir()) == [
        "accuracy.json",
        "accuracy.md",
        "mistakes-nothing.png",
        "mistakes-paper.png",
    ]
    assert result.stdout == (out / "accuracy.md").read_text()
    assert result.stdout.count("| paper ") == 3
    assert "1 of 2" in result.stdout
    document = json.loads((out / "accuracy.json").read_text())
    everything = next(
        item for item in document["figures"] if item["folder"] == accuracy.ALL and item["reader"] == "int8"
    )
    assert everything["exact"] == 0.5
    assert document["machine"]["architecture"]
    assert "numpy" in document["versions"]
    assert document["pictures"]["fp32"][0] == {
        "picture": "paper/a.png",
        "truth": "123",
        "text": "123",
        "accepted": "123",
        "confidence": 0.9,
        "error": None,
    }
    assert str(tmp_path) not in (out / "accuracy.json").read_text()


def test_a_picture_that_cannot_be_read_fails_the_command(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(monkeypatch, ANSWERS, "--no-peers", "--out", str(tmp_path / "out"), "--data", str(pictures))
    assert result.exit_code == 1
    assert "Peer" not in result.stdout
    assert (tmp_path / "out" / "accuracy.json").exists()


def test_contact_sheets_stay_out_of_the_repository(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = Path(accuracy.__file__).parents[2] / "tests" / "data" / "accuracy"
    result = run(monkeypatch, ANSWERS, "--out", str(inside), "--data", str(pictures))
    assert result.exit_code == 2
    assert "in the repository" in result.stderr
    assert not inside.exists()


def test_our_reader_gives_what_the_runtime_gives(tiny_path: Path, page_png: bytes, tmp_path: Path) -> None:
    picture = tmp_path / "page.png"
    picture.write_bytes(page_png)
    ours = candidates.Ours(str(tiny_path))
    answer = ours.read(picture)
    readings = DigitReader(str(tiny_path), min_confidence=0.0).read(str(picture))
    assert answer.text == "".join(reading.text for reading in readings)
    assert answer.strips.ndim == 3
    assert len(answer.strips) >= 1
    assert answer.ms > 0
    assert ours.description["threshold"] == DigitReader(str(tiny_path)).threshold
    (tmp_path / "broken.png").write_bytes(b"no picture")
    assert "broken.png" in (ours.read(tmp_path / "broken.png").error or "")


def test_a_package_that_is_not_here_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "benchmarks.latency.networks", None)
    result = CliRunner().invoke(main, ["latency", "--out", str(tmp_path / "latency.json")])
    assert result.exit_code == 1 and "pip install" in result.output and "Traceback" not in result.output
