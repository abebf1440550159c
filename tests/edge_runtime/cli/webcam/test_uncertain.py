"""The folder of frames with a reading that is not accepted."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest

from edge_runtime.cli.webcam.uncertain import UncertainPictures
from tests.edge_runtime.cli.webcam.conftest import SURE, result, unsure


def test_only_frames_with_an_unsure_reading_are_kept(tmp_path: Path) -> None:
    pictures = UncertainPictures(tmp_path / "unsure")
    assert pictures.consider(result(time_s=100)) is None
    assert pictures.consider(result(SURE, time_s=102)) is None
    assert pictures.consider(result(SURE, unsure("7"), time_s=104, unchanged=True)) is None
    path = pictures.consider(result(SURE, unsure("7"), time_s=106))
    assert path is not None and cv2.imread(str(path)).shape == (240, 320, 3)
    values = json.loads(path.with_suffix(".json").read_text("utf-8"))
    assert [reading["text"] for reading in values["readings"]] == ["42", "7"]


def test_pictures_are_kept_at_intervals_and_the_same_texts_more_rarely(tmp_path: Path) -> None:
    pictures = UncertainPictures(tmp_path, every_s=1.0)
    texts = [(0.0, "7"), (0.5, "8"), (1.1, "8"), (2.2, "8"), (20, "8"), (31.5, "8"), (32.6, "7")]
    kept = [pictures.consider(result(unsure(text), time_s=100 + at)) is not None for at, text in texts]
    assert kept == [True, False, True, False, False, True, True]


def test_the_oldest_are_dropped_by_number_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"mine")
    UncertainPictures(tmp_path).consider(result(unsure("1"), time_s=10))
    pictures = UncertainPictures(tmp_path, most_files=3)  # a later run counts the earlier one's pictures
    paths = [pictures.consider(result(unsure(str(number)), time_s=100 + 2 * number)) for number in range(2, 7)]
    left = sorted(tmp_path.glob("unsure-*.jpg"))
    assert left == paths[-3:] and (tmp_path / "holiday.jpg").exists()
    assert sorted(tmp_path.glob("*.json")) == [path.with_suffix(".json") for path in left]


def test_the_oldest_are_dropped_by_size(tmp_path: Path) -> None:
    pictures = UncertainPictures(tmp_path, most_mb=0.02)
    for number in range(30):
        pictures.consider(result(unsure(str(number)), time_s=100 + 2 * number))
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert 0 < len(list(tmp_path.glob("*.jpg"))) < 30 and size <= 20_000


def test_a_folder_that_vanishes_does_not_end_the_reading(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    pictures = UncertainPictures(tmp_path / "unsure")
    (tmp_path / "unsure").rmdir()
    (tmp_path / "unsure").write_text("a file", "utf-8")
    assert pictures.consider(result(unsure("1"), time_s=10)) is None
    assert pictures.consider(result(unsure("2"), time_s=12)) is None
    assert caplog.text.count("cannot be written") == 1
