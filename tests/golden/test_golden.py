"""Today's readings against the golden record.

With the OpenCV major version of the record the check is strict: the same texts and acceptance, confidences within one
step of what is recorded (0.001), boxes within a pixel. Between OpenCV 4 and 5 warps differ by one grey level, so that
confidences may move by 0.02 and boxes by 2 pixels; on 77 real pictures none moved by more than 0.0165, and no text
changed. The record is of OpenCV 5.0.0. Seen with the 208 pictures here, which are drawn to be steady (``draw``):

========  =====  ==================  ========================  ======
OpenCV    NumPy  pictures that move  largest move: confidence  pixels
========  =====  ==================  ========================  ======
4.8.0     1.26   24, with int8 47    0.007, with int8 0.011    1
4.14.0    2.4    24, with int8 47    0.007, with int8 0.011    1
5.0.0     2.4    none
========  =====  ==================  ========================  ======
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from edge_runtime import DigitReader

from . import record
from .__main__ import main

EVERY = 5  # the quick test reads every fifth picture


def check(pictures: dict[str, Path]) -> None:
    old = record.load(record.RECORD)
    known = {name: {picture: said[picture] for picture in pictures} for name, said in old["readings"].items()}
    old["readings"] = known
    new = record.comparable(old, record.take(pictures))
    lines = record.differences(old, new, record.tolerance_between(old, new))
    assert not lines, "\n".join(["python -m tests.golden --write makes the record anew", *lines])


def test_a_fifth_of_the_pictures_reads_as_recorded() -> None:
    check(dict(list(record.golden_pictures().items())[::EVERY]))


@pytest.mark.slow
def test_every_picture_reads_as_recorded() -> None:
    check(record.golden_pictures())


def test_the_record_holds_every_picture_and_every_reader() -> None:
    readings = record.load(record.RECORD)["readings"]
    assert list(readings) == list(record.READERS)
    for said in readings.values():
        assert list(said) == list(record.golden_pictures())


def test_every_kind_of_difference_is_told() -> None:
    reading = {"text": "37", "accepted": True, "confidence": 0.95, "box": [[0, 0], [9, 0], [9, 9], [0, 9]]}
    moved = [[2, 0], [11, 0], [11, 9], [2, 9]]
    same = [dict(reading, confidence=0.951)], [dict(reading, confidence=0.97)], [dict(reading, box=moved)]
    assert [record.alike([reading], other, record.SAME_OPENCV) for other in same] == [True, False, False]
    assert [record.alike([reading], other, record.OTHER_OPENCV) for other in same] == [True, True, True]
    assert not record.alike([reading], same[0], record.EXACT)
    others = [], [dict(reading, text="31")], [dict(reading, accepted=False)], [reading, reading], ["ImageError"]
    assert not any(record.alike([reading], other, record.OTHER_OPENCV) for other in others)
    assert not record.alike([reading], [dict(reading, confidence=0.98)], record.OTHER_OPENCV)

    old = {"facts": {"models of fp32": ["a"]}, "readings": {"fp32": {"gone": [], "other": [reading]}}}
    new = {"facts": {"models of fp32": ["b"]}, "readings": {"fp32": {"other": [], "new": []}}}
    assert record.differences(old, new, record.EXACT) == [
        "models of fp32: other files than in the record",
        "fp32: gone: missing",
        "fp32: new: not in the record",
        "fp32: other: 37 accepted 0.950 at [[0, 0], [9, 0], [9, 9], [0, 9]] -> nothing",
    ]


def test_a_folder_has_a_record_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "READERS", {"fp32 alone": record.READERS["fp32 alone"]})
    folder = tmp_path / "pictures"
    folder.mkdir()
    blank = cv2.imencode(".png", np.full((60, 80), 255, np.uint8))[1].tobytes()
    (folder / "broken.png").write_bytes(blank[:40])
    (folder / "number.jpg").write_bytes((record.ROOT / "samples" / "door.jpg").read_bytes())
    (folder / "labels.csv").write_text("no picture")
    asked = ["--folder", str(folder), "--record", str(tmp_path / "record.json")]
    assert CliRunner().invoke(main, asked).exit_code == 2, "there is no record yet"
    assert CliRunner().invoke(main, [*asked, "--write"]).exit_code == 0
    assert CliRunner().invoke(main, [*asked, "--exact"]).exit_code == 0
    (folder / "number.jpg").write_bytes(blank)
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 1
    assert "number.jpg: 37 accepted" in result.output and "broken.png" not in result.output


def test_a_refused_picture_gives_the_error_alone() -> None:
    assert record.read(DigitReader("fp32", second_look="none"), np.zeros((0, 4), np.uint8)) == ["ImageError"]
