"""``python -m benchmarks accuracy``: labels, figures, contact sheets, and the command on a few drawn pictures."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.__main__ import main
from benchmarks.accuracy.candidates import Answer
from benchmarks.accuracy.contact_sheet import TILE_WIDTH, contact_sheet
from benchmarks.accuracy.metrics import Result, edit_distance, figures
from benchmarks.core.dataset import Sample, find_samples
from benchmarks.core.document import REPOSITORY
from edge_runtime import EdgeDigitsError


def folder_of(folder: Path, labels: dict[str, str]) -> Path:
    """A folder with a picture for each label, on which its digits are written."""
    folder.mkdir(parents=True)
    for name, label in labels.items():
        page = np.full((90, 220, 3), 220, np.uint8)
        cv2.putText(page, label, (30, 65), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (40, 40, 40), 4, cv2.LINE_AA)
        cv2.imwrite(str(folder / name), page)
    lines = "".join(f"{name},{label}\n" for name, label in labels.items())
    (folder / "labels.csv").write_text(f"file,label\n{lines}")
    return folder


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder_of(tmp_path / "pictures" / "paper", {"a.png": "123", "b.png": "45", "c.png": "007", "d.png": "9"})
    folder_of(tmp_path / "pictures" / "nothing", {"e.png": "", "f.png": ""})
    return tmp_path / "pictures"


ANSWERS = {
    "a.png": Answer("123", "123", 0.9, ms=1.0),
    "b.png": Answer("46", "46", 0.8, np.full((1, 28, 140), 200, np.uint8), ms=2.0),
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
        ("file,label\na.png,5-7\n", r"a\.png: label '5-7', expected digits"),
        ("file,label\na.png,٣\n", r"a\.png: label '٣'"),
        ("file,label\na.png,1\nz.png,1\n", r"z\.png: no such file"),
        ("file,text\na.png,1\n", "expected file and label"),
    ],
)
def test_wrong_labels_are_named(pictures: Path, table: str, message: str) -> None:
    (pictures / "paper" / "labels.csv").write_text(table, "utf-8")
    with pytest.raises(EdgeDigitsError, match=message):
        find_samples([pictures])


def test_a_root_without_labels_and_two_folders_of_one_name_are_refused(pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    with pytest.raises(EdgeDigitsError, match=r"bare: no labels\.csv"):
        find_samples([pictures, tmp_path / "bare"])
    twin = folder_of(tmp_path / "more" / "paper", {"a.png": "1"})
    with pytest.raises(EdgeDigitsError, match="second folder called 'paper'"):
        find_samples([pictures, twin])


@pytest.mark.parametrize(
    ("truth", "text", "distance"),
    [("", "", 0), ("123", "123", 0), ("123", "", 3), ("123", "13", 1), ("12", "21", 2), ("7", "1717", 3)],
)
def test_edit_distance(truth: str, text: str, distance: int) -> None:
    assert edit_distance(truth, text) == distance == edit_distance(text, truth)


def test_figures_and_mistakes_of_a_folder(pictures: Path) -> None:
    results = [Result(sample, ANSWERS[sample.path.name]) for sample in find_samples([pictures])]
    got = figures("ours", "both", results)
    assert (got["numbers"], got["empties"], got["failed"], got["false_answers"]) == (4, 2, 1, 1)
    assert got["exact"] == 1 / 4
    assert got["digit_accuracy"] == pytest.approx(1 - (0 + 1 + 1 + 1) / 9)
    assert got["coverage"] == 2 / 4, "an answer below the threshold does not count as given"
    assert got["error"] == 1 / 2
    empty = figures("ours", "nothing", results[:2])
    assert (empty["exact"], empty["digit_accuracy"], empty["coverage"]) == (None, None, None)
    far_off = figures("ours", "x", [Result(Sample("x", Path("x.png"), "1"), Answer("22222"))])
    assert far_off["digit_accuracy"] == 0, "not below zero"
    assert [result.sample.path.name for result in results if result.is_mistake] == ["f.png", "b.png", "c.png", "d.png"]


def test_a_contact_sheet_shows_picture_and_strip(pictures: Path) -> None:
    tiles = [Result(Sample("paper", pictures / "paper" / "b.png", "45"), ANSWERS["b.png"])] * 7
    sheet = contact_sheet(tiles, "paper: 7 mistakes")
    assert sheet.dtype == np.uint8
    assert sheet.shape[1] >= 5 * TILE_WIDTH
    assert (sheet == 220).all(axis=2).sum() > 7 * 1000, "the picture's own grey"
    assert (sheet == 200).all(axis=2).sum() >= 7 * 28 * 140, "the strip, as large as it is"


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["accuracy", "--no-peers", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_the_command_writes_table_json_and_sheets(pictures: Path, tmp_path: Path) -> None:
    labels = pictures / "paper" / "labels.csv"
    labels.write_text(labels.read_text().replace("d.png,9", "d.png,8"))  # a mistake
    out = tmp_path / "out"
    out.mkdir()
    (out / "mistakes-of-yesterday.png").write_bytes(b"")
    code, stdout, stderr = run("--out", out, "--data", pictures / "paper", "--data", pictures / "nothing")
    assert code == 0, stderr
    assert sorted(path.name for path in out.iterdir()) == ["accuracy.json", "accuracy.md", "mistakes-paper.png"]
    assert stdout == (out / "accuracy.md").read_text() and "0 of 2" in stdout
    document = json.loads((out / "accuracy.json").read_text())
    total = next(row for row in document["figures"] if (row["folder"], row["reader"]) == ("all folders", "int8"))
    assert (total["numbers"], total["empties"], total["exact"]) == (4, 2, 0.75)
    assert document["part"] == "accuracy" and document["machine"]["architecture"] and "numpy" in document["versions"]
    first = document["pictures"]["fp32"][0]
    assert (first["picture"], first["truth"], first["text"], first["error"]) == ("paper/a.png", "123", "123", None)
    assert str(tmp_path) not in (out / "accuracy.json").read_text()


def test_a_picture_that_cannot_be_read_fails_the_command(pictures: Path, tmp_path: Path) -> None:
    (pictures / "paper" / "a.png").write_bytes(b"no picture")
    code, stdout, stderr = run("--out", tmp_path / "out", "--data", pictures / "paper", "--first", 1)
    assert code == 1 and "| 1 " in stdout and "1 pictures" in stderr
    (answer,) = json.loads((tmp_path / "out" / "accuracy.json").read_text())["pictures"]["fp32"]
    assert "a.png" in answer["error"]


def test_contact_sheets_stay_out_of_the_repository(pictures: Path) -> None:
    inside = REPOSITORY / "tests" / "data" / "accuracy"
    code, _, stderr = run("--out", inside, "--data", pictures)
    assert code == 2 and "in the repository" in stderr and not inside.exists()
