"""``DigitReader``: from a picture to readings, by every door."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import DigitReader, OptionError, Quad, Trace
from edge_runtime.recognition.contract import BLANK
from edge_runtime.recognition.strip import as_strip
from tests.edge_runtime.recognition.bar_counter import Answers, BarCounter, draw_bars, paper
from tests.edge_runtime.recognition.tiny_model import draw_strip, spec, strip_of, write_model


def scene(*counts: int) -> np.ndarray:
    """Numbers of so many bars below each other."""
    picture = paper(480, 640)
    for row, count in enumerate(counts):
        draw_bars(picture, 100, 40 + 90 * row, count)
    return picture


def searches(answers: Answers, picture: np.ndarray) -> int:
    trace = Trace()
    DigitReader(BarCounter(answers)).read(picture, trace)
    return len(trace.searches)


# Search


def test_numbers_come_in_reading_order_with_their_boxes() -> None:
    reader = DigitReader(BarCounter({2: ("42", 1.0), 3: ("008", 1.0), 4: ("1234", 1.0)}))
    readings = reader.read(scene(4, 2, 3))
    assert [reading.text for reading in readings] == ["1234", "42", "008"]
    assert all(reading.accepted for reading in readings)
    for row, reading in enumerate(readings):
        assert reading.box is not None
        left, top, _, bottom = reading.box.bounds
        assert (left, top, bottom) == pytest.approx((100, 40 + 90 * row, 64 + 90 * row), abs=2)


def test_a_picture_is_searched_again_where_nothing_is_trusted_or_much_is_found() -> None:
    sure, unsure, ones = {2: ("42", 1.0)}, {2: ("42", 0.7)}, {2: ("11", 1.0)}
    assert searches(sure, scene(2)) == searches(sure, scene(2, 2)) == 1
    assert searches(sure, scene(2, 2, 2)) == 2, "busy"
    assert searches(unsure, scene(2)) == 2
    assert searches(ones, scene(2)) == 2, "edges look like ones"
    assert searches({}, scene(2)) == searches(sure, scene()) == 2


def test_a_picture_that_is_a_strip_already_is_read_as_it_is(tiny_reader: DigitReader, tmp_path: Path) -> None:
    path = tmp_path / "strip.png"
    cv2.imwrite(str(path), strip_of("42"))
    (reading,) = tiny_reader.read(path)
    assert (reading.text, reading.accepted) == ("42", True)
    assert reading.box == Quad.upright(0, 0, 139, 27)
    (coloured,) = tiny_reader.read(cv2.cvtColor(strip_of("42"), cv2.COLOR_GRAY2BGR))
    assert coloured == reading
    assert tiny_reader.read(strip_of("")) == []
    assert as_strip(255 - strip_of("42")) is None, "ink on paper"
    assert as_strip(strip_of("42")[1:]) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (2, 2, 3), (28, 140), (120, 160, 3)])
@pytest.mark.parametrize("level", [0, 255])
def test_even_pictures_of_any_size_hold_no_number(tiny_reader: DigitReader, shape: tuple[int, ...], level: int) -> None:
    assert tiny_reader.read(np.full(shape, level, np.uint8)) == []


# What is accepted


def test_min_confidence_decides_what_is_accepted_and_not_what_is_read(tiny_path: Path, tmp_path: Path) -> None:
    strip = draw_strip([BLANK, BLANK, BLANK, 4.4, 2.4])
    (default,) = DigitReader(tiny_path).read(strip)
    assert 0.5 < default.confidence < 0.95 and default.accepted
    for least, accepted in ((0.95, False), (0.0, True), (default.confidence, True)):
        (reading,) = DigitReader(tiny_path, min_confidence=least).read(strip)
        assert (reading.text, reading.confidence, reading.accepted) == (default.text, default.confidence, accepted)
    strict = DigitReader(write_model(tmp_path / "strict.onnx", spec(reject_threshold=1.0).to_json()))
    assert strict.threshold == 1.0 and not strict.read(strip_of("42"))[0].accepted
    for value in (-0.1, float("nan")):
        with pytest.raises(OptionError, match=r"min_confidence is .*expected 0"):
            DigitReader(min_confidence=value)


def test_the_models_own_threshold_given_as_a_number_asks_nothing_else() -> None:
    answers = {1: ("3", 0.9)}
    picture = scene(1, 1, 1)
    assert not any(reading.accepted for reading in DigitReader(BarCounter(answers)).read(picture))
    given = DigitReader(BarCounter(answers), min_confidence=BarCounter(answers).spec.reject_threshold).read(picture)
    assert [(reading.text, reading.accepted) for reading in given] == [("3", True)] * 3
    (alone,) = DigitReader(BarCounter(answers)).read(scene(1))
    assert alone.accepted


def test_the_rules_against_chance_are_chosen_apart_from_the_threshold() -> None:
    """Three places with a 3 at 0.9: one digit each in a crowded picture."""

    def accepted(min_confidence: float | None, chance_rules: bool | None) -> bool:
        reader = DigitReader(BarCounter({1: ("3", 0.9)}), min_confidence=min_confidence, chance_rules=chance_rules)
        return all(reading.accepted for reading in reader.read(scene(1, 1, 1)))

    assert accepted(0.5, None) and accepted(0.5, False) and not accepted(0.5, True)
    assert accepted(None, False) and not accepted(None, True) and not accepted(None, None)


# Models


def test_a_model_of_the_user_has_no_larger_one_beside_it(tiny_path: Path) -> None:
    first = DigitReader(tiny_path)
    assert first.second_look is first.model
    reader = DigitReader("int8")
    assert reader.second_look.name == "second-look" and reader.second_look.threads == reader.model.threads
    assert DigitReader(reader.model, second_look="none").second_look is reader.model
    assert DigitReader(tiny_path, second_look="int8").second_look.bundled


def test_strips_give_one_reading_each_also_when_empty(tiny_reader: DigitReader) -> None:
    readings = tiny_reader.read_strips(np.stack([strip_of(text) for text in ("", "42", "12345")]))
    assert [reading.text for reading in readings] == ["", "42", "12345"]
    assert readings[0].accepted and readings[0].digits == ()
    assert all(reading.box is None for reading in readings)
    assert tiny_reader.read_strips(np.zeros((0, 28, 140), np.uint8)) == []


# Doors


def test_path_bytes_and_array_give_the_same(
    tiny_reader: DigitReader, page: np.ndarray, page_png: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "page.png"
    path.write_bytes(page_png)
    expected = tiny_reader.read(page)
    assert expected
    assert tiny_reader.read(path) == tiny_reader.read(str(path)) == tiny_reader.read(page_png) == expected


def test_grey_bgr_and_bgra_are_taken(tiny_reader: DigitReader, page: np.ndarray) -> None:
    grey = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
    transparent = np.dstack([np.zeros_like(page), 255 - grey])  # black everywhere, opaque in the ink
    expected = tiny_reader.read(page)
    for picture in (grey, grey[..., None], transparent):
        assert [reading.box for reading in tiny_reader.read(picture)] == [reading.box for reading in expected]


def test_boxes_of_a_large_jpeg_are_in_the_files_pixels() -> None:
    large = cv2.resize(scene(3), None, fx=7, fy=7, interpolation=cv2.INTER_NEAREST)
    trace = Trace()
    (reading,) = DigitReader(BarCounter({3: ("314", 1.0)})).read(cv2.imencode(".jpg", large)[1].tobytes(), trace)
    assert trace.pixels is not None and trace.pixels.shape[1] < large.shape[1], "decoded at reduced scale"
    assert reading.box is not None
    assert reading.box.bounds == pytest.approx((700, 280, 700 + 7 * 38, 280 + 7 * 24), abs=12)


# Threads and processes


def test_threads_share_a_reader(tiny_path: Path, page: np.ndarray) -> None:
    reader = DigitReader(tiny_path)
    expected = DigitReader(tiny_path).read(page)
    with ThreadPoolExecutor(8) as pool:
        assert all(result == expected for result in pool.map(lambda _: reader.read(page), range(16)))


def test_a_reader_can_be_pickled(tiny_path: Path, page: np.ndarray) -> None:
    reader = DigitReader(tiny_path, min_confidence=0.3, max_megapixels=7, max_lines=5)
    expected = reader.read(page)
    copy = pickle.loads(pickle.dumps(reader))  # noqa: S301 our own bytes
    assert (copy.min_confidence, copy.max_megapixels, copy.max_lines) == (0.3, 7, 5)
    assert copy.read(page) == expected
