"""A user's labelled crops: cut to strips, a tenth held out, and what cannot be used named."""

import csv

import cv2
import numpy as np
import pytest

from edge_runtime.recognition.contract import decode_classes
from tests.train.test_cli import run
from train.core.errors import DataError
from train.datasets.crops import load_crops


def draw_crop(text, seed=0):
    paper = np.full((60, 40 + 34 * max(len(text), 1)), 235, np.uint8)
    cv2.putText(paper, text, (15, 45), cv2.FONT_HERSHEY_SIMPLEX, 1.3, 40, 3, cv2.LINE_AA)
    noise = np.random.default_rng(seed).normal(0, 2, paper.shape)
    return np.clip(paper + noise, 0, 255).astype(np.uint8)


def write_crops(folder, labels):
    """Drawn crops named after their place, with a labels.csv; gives the rows."""
    folder.mkdir(exist_ok=True)
    rows = [(f"crop{index}.png", label) for index, label in enumerate(labels)]
    for index, (name, label) in enumerate(rows):
        cv2.imwrite(str(folder / name), draw_crop(label, index))
    write_labels(folder, rows)
    return rows


def write_labels(folder, rows, header=("file", "label")):
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])


def test_crops_become_strips_with_their_labels_and_a_tenth_is_held_out(tmp_path):
    labels = [str(number) for number in range(1_000, 31_000, 1_000)]
    write_crops(tmp_path, labels)
    said = []
    crops = load_crops(tmp_path, said.append)
    assert not said
    strips = np.concatenate([crops.train[0], crops.held_out[0]])
    found = [decode_classes(row) for row in np.concatenate([crops.train[1], crops.held_out[1]])]
    assert sorted(found) == sorted(labels) and 1 <= len(crops.held_out[1]) <= 8
    assert strips.shape == (30, 28, 140) and strips.dtype == np.uint8
    assert (strips.max(axis=(1, 2)) > 200).all() and np.median(strips) < 20, "ink is bright on dark"


def test_what_is_held_out_stays_so_when_crops_are_added(tmp_path):
    rows = write_crops(tmp_path, [str(number) for number in range(100, 140)])
    before = load_crops(tmp_path, print).held_out
    cv2.imwrite(str(tmp_path / "more.png"), draw_crop("77"))
    write_labels(tmp_path, [("more.png", "77"), *rows])
    after = load_crops(tmp_path, print).held_out
    kept = {strip.tobytes() for strip in after[0]}
    assert all(strip.tobytes() in kept for strip in before[0])


def test_what_cannot_be_used_is_named_and_left_out(tmp_path):
    rows = write_crops(tmp_path, [str(number) for number in range(20, 35)])
    (tmp_path / "note.png").write_text("no picture")
    cv2.imwrite(str(tmp_path / "empty.png"), np.full((60, 100), 235, np.uint8))
    cv2.imwrite(str(tmp_path / "pages.png"), np.vstack([draw_crop("8415"), draw_crop("2073"), draw_crop("9961")]))
    wrong = [
        ("pages.png", "30"),
        ("crop0.png", "123456"),
        ("crop1.png", "12.5"),
        ("absent.png", "7"),
        ("note.png", "8"),
        ("empty.png", "9"),
        ("empty.png", ""),
    ]
    write_labels(tmp_path, [*wrong, *rows])
    said = []
    crops = load_crops(tmp_path, said.append)
    assert len(crops.train[1]) + len(crops.held_out[1]) == len(rows)
    parts = [
        "lines looks like '30'",
        "more than 5 digits",
        "not of digits alone",
        "absent.png",
        "note.png",
        "no line of ink is found for '9'",
    ]
    assert len(said) == len(parts), "a picture with nothing to read and nothing to find is no fault"
    assert all(part in line and "left out" in line for part, line in zip(parts, said, strict=True))


def test_of_several_lines_the_one_with_the_label_is_taken(tmp_path):
    rows = write_crops(tmp_path, [str(number) for number in range(20, 35)])
    alone = load_crops(tmp_path, print).train
    for name, label in rows:
        crop = draw_crop(label)
        wide = cv2.resize(draw_crop("884415"), (420, 60))
        page = np.full((140, 420), 235, np.uint8)
        page[:60], page[80:, : crop.shape[1]] = wide, crop
        cv2.imwrite(str(tmp_path / name), page)
    strips, labels = load_crops(tmp_path, print).train
    np.testing.assert_array_equal(labels, alone[1])
    ink = [(part.max(axis=1) > 120).mean(axis=1) for part in (alone[0], strips)]
    assert np.abs(ink[0] - ink[1]).max() < 0.1, "as wide as alone, not as the wider line above"


def test_an_empty_label_teaches_that_there_is_nothing_to_read(tmp_path):
    rows = write_crops(tmp_path, ["AXW"] * 12)
    write_labels(tmp_path, [(name, "") for name, _ in rows])
    crops = load_crops(tmp_path, print)
    assert {decode_classes(row) for row in crops.train[1]} == {""} and len(crops.train[1]) > 5


def test_crops_can_be_looked_at(tmp_path):
    write_crops(tmp_path, [str(number) for number in range(20, 35)])
    result = run("preview", "--crops", tmp_path, "--count", 10, "--out", tmp_path / "sheet.png")
    assert result.exit_code == 0 and cv2.imread(str(tmp_path / "sheet.png")).shape[0] == 2 * (2 * 28 + 16)


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (lambda folder: None, r"labels\.csv: cannot be read"),
        (lambda folder: write_labels(folder, [("a.png", "1")], ("name", "text")), "expected file and label"),
        (lambda folder: write_crops(folder, ["12", "34"]), "2 crops can be used, at least 10 are needed"),
    ],
)
def test_a_folder_that_is_of_no_use_is_refused(tmp_path, write, said):
    write(tmp_path)
    with pytest.raises(DataError, match=said):
        load_crops(tmp_path, print)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--crops-share", "0.3"], "--crops-share goes with --crops"),
        (["--crops", "{}", "--crops-share", "1"], "is not in the range"),
        (["--recipe", "notebook", "--glyphs", "{}/bank.npz"], "--glyphs serves the wild recipe alone"),
    ],
)
def test_options_that_do_not_fit_are_wrong_usage(tmp_path, options, said):
    (tmp_path / "bank.npz").write_bytes(b"")
    result = run("fit", *(text.format(tmp_path) for text in options), "--out", tmp_path / "run")
    assert result.exit_code == 2 and said in " ".join(result.stderr.split())
