"""What ``DigitReader.read`` gives: a list that shows itself in a notebook and holds no picture."""

from __future__ import annotations

import base64
import copy
import gc
import json
import pickle
import re
import sys
import weakref
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from edge_runtime import DigitReader, Reading, load_picture
from edge_runtime.core.types import Quad
from edge_runtime.images.readings import Readings
from tests.conftest import drawn_green

READING = Reading("42", (4, 2), (0.9, 0.9), 0.87, True, Quad.upright(20, 20, 90, 60))


def shown(readings: Readings) -> np.ndarray | None:
    """The picture in the HTML, [H, W, 3] BGR; None where there is none."""
    found = re.search(r'src="data:image/jpeg;base64,([^"]+)"', readings._repr_html_())
    if found is None:
        return None
    return cv2.imdecode(np.frombuffer(base64.b64decode(found[1]), np.uint8), cv2.IMREAD_COLOR)


def pickled(readings: Readings) -> Readings:
    """As another process gets them."""
    return pickle.loads(pickle.dumps(readings))  # noqa: S301 our own bytes


def is_green(picture: np.ndarray | None) -> bool:
    return picture is not None and bool(drawn_green(picture, 40).any())


def test_it_is_a_list_that_becomes_rows(tiny_reader: DigitReader, page: np.ndarray) -> None:
    readings = tiny_reader.read(page)
    assert isinstance(readings, list) and readings == list(readings)
    assert json.loads(json.dumps(readings.to_dicts())) == [reading.as_dict() for reading in readings]
    assert Readings().to_dicts() == [] and "no number" in Readings()._repr_html_()


def test_a_path_is_read_again_when_it_is_shown(picture: Path) -> None:
    readings = Readings([READING], picture)
    assert is_green(shown(readings)) and "<td>42</td><td>87%</td><td>yes</td>" in readings._repr_html_()
    assert is_green(shown(pickled(readings)))
    picture.unlink()
    assert shown(readings) is None and "cannot be read" in readings._repr_html_()


def test_an_array_is_shown_while_somebody_holds_it_and_is_never_kept_alive(tiny_reader: DigitReader) -> None:
    pixels = np.full((240, 320, 3), 255, np.uint8)
    readings, held = Readings([READING], pixels), weakref.ref(pixels)
    assert is_green(shown(readings))
    for copied in (copy.copy(readings), pickled(readings)):
        assert copied == readings and shown(copied) is None
    read = tiny_reader.read(pixels)
    del pixels
    gc.collect()
    assert held() is None and shown(readings) is shown(read) is None
    assert "not held any more" in readings._repr_html_()


def test_in_a_notebook_the_picture_read_last_is_held(monkeypatch: pytest.MonkeyPatch, page_png: bytes) -> None:
    assert shown(Readings([READING], page_png)) is None
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    first = Readings([READING], page_png)
    assert is_green(shown(first))
    second = Readings([READING], np.full((240, 320), 255, np.uint8))
    assert is_green(shown(second)) and shown(first) is None
    monkeypatch.delitem(sys.modules, "IPython")


def test_boxes_of_a_reduced_picture_are_in_place(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    path.write_bytes(cv2.imencode(".jpg", np.full((3000, 4000), 255, np.uint8))[1].tobytes())
    assert load_picture(path).scale == 2
    picture = shown(Readings([replace(READING, box=Quad.upright(2000, 1500, 3000, 2100))], path))
    assert picture is not None and max(picture.shape) == 1000
    coloured = np.argwhere(picture.min(axis=2) < 128)
    assert coloured[:, 0].max() == pytest.approx(543, abs=5) and coloured[:, 1].max() == pytest.approx(768, abs=5)


def test_what_is_shown_is_escaped_and_bounded() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (3000, 3000, 3), np.uint8)
    readings = Readings([replace(READING, text="<script>")] * 150, noise)
    page = readings._repr_html_()
    assert "<script>" not in page and page.count("<tr>") == 101 and "and 50 more" in page
    assert len(page) < 1_500_000
