"""``python -m train`` without TensorFlow: the preview, and what is said where something is wrong."""

import csv
import subprocess
import sys
import warnings
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from tests.conftest import one_line
from train.__main__ import main

SAMPLES = Path(__file__).parents[2] / "samples"


def run(*arguments):
    try:
        runner = CliRunner(mix_stderr=False)
    except TypeError:  # click 8.2 and later always keep the two apart
        runner = CliRunner()
    return runner.invoke(main, [str(argument) for argument in arguments])


def test_preview_writes_a_sheet_and_prints_its_name(tmp_path):
    out = tmp_path / "sheet.png"
    result = run("preview", "--recipe", "notebook", "--count", 7, "--out", out)
    assert (result.exit_code, result.stdout.strip()) == (0, str(out))
    assert cv2.imread(str(out)).shape[0] > 2 * 28


def test_strips_of_pictures_stand_beside_the_drawn_ones(tmp_path):
    alone, both = tmp_path / "alone.png", tmp_path / "both.png"
    assert run("preview", "--count", 5, "--out", alone).exit_code == 0
    assert run("preview", "--count", 5, "--beside", SAMPLES, "--out", both).exit_code == 0
    drawn, sheet = (cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in (alone, both))
    assert (sheet[: drawn.shape[0], : drawn.shape[1]] == drawn).all()
    cut = sheet[:, drawn.shape[1] + 12 :]
    assert cut.shape[1] == drawn.shape[1] and (cut > 200).mean() > 0.02


def test_a_folder_without_pictures_has_nothing_to_stand_beside(tmp_path):
    (tmp_path / "note.txt").write_text("no picture", "utf-8")
    assert run("preview", "--count", 2, "--beside", tmp_path, "--out", tmp_path / "sheet.png").exit_code == 0


def test_signs_are_drawn_with_their_labels(tmp_path):
    for name in ("one", "two"):
        assert run("signs", "--count", 2, "--seed", 5, "--out", tmp_path / name).exit_code == 0
    with (tmp_path / "one" / "labels.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 and all(1 <= len(row["label"]) <= 5 and row["label"].isdigit() for row in rows)
    for row in rows:
        picture = (tmp_path / "one" / row["file"]).read_bytes()
        assert picture == (tmp_path / "two" / row["file"]).read_bytes(), "the same seed draws the same pictures"
        assert cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR).shape[2] == 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--out", "{}/missing/sheet.png"], "missing/sheet.png: No such file or directory; check that its folder"),
        (["--out", "{}/sheet.xyz"], "sheet.xyz: cannot be written as .xyz; name it .png or .jpg"),
        (["--mnist", "{}/no.npz"], "no.npz: no such file; give an .npz or a folder of IDX files"),
    ],
)
def test_what_is_wrong_is_one_line_that_names_the_file(tmp_path, options, said):
    filled = [text.format(tmp_path) for text in options]
    result = run("preview", "--recipe", "notebook", "--count", 1, "--out", tmp_path / "sheet.png", *filled)
    assert result.exit_code == 1
    assert said in one_line(result.stderr)


@pytest.mark.parametrize(
    "wrong", [["preview", "--count", "0"], ["preview", "--seed", "-1"], ["fit"], ["evaluate", "no"]]
)
def test_wrong_usage_exits_with_2(wrong):
    assert run(*wrong).exit_code == 2


@pytest.mark.parametrize(("package", "missing"), [("train", "scipy"), ("export", "onnx")])
def test_a_missing_library_is_named_with_what_to_install(package, missing):
    code = f"import sys, runpy; sys.modules[{missing!r}] = None; runpy.run_module({package!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert missing in one_line(done.stderr) and "pip install" in done.stderr


def test_a_warning_is_one_line_without_our_code() -> None:
    said = warnings.formatwarning(
        "other.npz: not the published MNIST", UserWarning, "train/synthesis/strips.py", 150, "load(x)"
    )
    assert said == "Warning: other.npz: not the published MNIST\n"


@pytest.mark.slow
def test_the_pictures_of_the_docs_are_what_the_reader_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SAMPLES.parent)
    result = run("doc-pictures", "--out", tmp_path)
    assert result.exit_code == 0
    for name in ("read.jpg", "stages.jpg"):
        drawn, kept = (cv2.imread(str(folder / name)) for folder in (tmp_path, SAMPLES.parent / "docs" / "images"))
        assert drawn.shape == kept.shape
