"""``DigitReader``: from a picture to readings.

Most tests put strips of the tiny model into a picture and replace the locator and the strip maker by
ones that find and cut exactly these, so that what is read is known.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

import edge_runtime.reader
from edge_runtime import DigitModel, DigitReader, ImageError, ModelError, Reading
from edge_runtime.detection.locate import Line, locate
from edge_runtime.detection.working import WorkingCopy
from edge_runtime.reader import BUSY
from edge_runtime.recognition.contract import BLANK
from edge_runtime.recognition.segment import Part, middle_gap, split_spans
from edge_runtime.recognition.strip import as_strip
from tests.edge_runtime.recognition.tiny_model import draw_strip, spec, strip_of, write_model

Span = tuple[float, float]
MakeLine = Callable[..., Line]


def line_at(
    left: float,
    top: float,
    width: float = 140,
    height: float = 28,
    *,
    spans: Sequence[Span] = ((0.0, 1.0),),
    group: int = 0,
) -> Line:
    corners = [[left, top], [left + width, top], [left + width, top + height], [left, top + height]]
    return Line(np.array(corners, np.float32), np.array([1.0], np.float32), tuple(spans), 1.0, group)


def even_spans(count: int, start: float = 0.0, stop: float = 1.0) -> list[Span]:
    step = (stop - start) / count
    return [(start + step * (index + 0.2), start + step * (index + 0.8)) for index in range(count)]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[Line]:
    """What the locator finds; the strip maker cuts the box and brings it to the strip's size, the same in all views."""
    found: list[Line] = []

    def cut(image: np.ndarray, corners: np.ndarray, direction: np.ndarray) -> np.ndarray:
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        region = image[round(top) : round(bottom), round(left) : round(right)]
        return cv2.resize(region, (140, 28), interpolation=cv2.INTER_NEAREST)

    monkeypatch.setattr(edge_runtime.reader, "locate", lambda image, max_lines: found)
    monkeypatch.setattr(edge_runtime.reader, "locate_more", lambda image, max_lines: [])
    monkeypatch.setattr(edge_runtime.reader, "line_ink", cut)
    monkeypatch.setattr(edge_runtime.reader, "fit", lambda strip: strip)
    monkeypatch.setattr(edge_runtime.reader, "other_views", lambda strip: np.stack([strip] * 4))
    return found


def scene(*strips: tuple[int, int, np.ndarray], size: tuple[int, int] = (200, 400)) -> np.ndarray:
    """A grey picture with strips pasted at (left, top)."""
    picture = np.zeros(size, np.uint8)
    for left, top, strip in strips:
        picture[top : top + strip.shape[0], left : left + strip.shape[1]] = strip
    return picture


# Readings of a picture


def test_numbers_come_in_the_locators_order_with_their_boxes(tiny_reader: DigitReader, lines: list[Line]) -> None:
    lines += [line_at(10, 20, group=0), line_at(10, 100, group=1), line_at(200, 100, group=2)]
    picture = scene((10, 20, strip_of("42")), (10, 100, strip_of("7")), (200, 100, strip_of("00815")))
    readings = tiny_reader.read(picture)
    assert [reading.text for reading in readings] == ["42", "7", "00815"]
    assert readings[1].box == ((10, 100), (150, 100), (150, 128), (10, 128))
    assert all(reading.accepted and reading.confidence > 0.99 for reading in readings)


def test_a_picture_that_is_a_strip_already_is_read_as_it_is(tiny_reader: DigitReader, tmp_path: Path) -> None:
    path = tmp_path / "strip.png"
    cv2.imwrite(str(path), strip_of("42"))
    (reading,) = tiny_reader.read(path)
    assert (reading.text, reading.accepted) == ("42", True)
    assert reading.box == ((0, 0), (139, 0), (139, 27), (0, 27))
    (coloured,) = tiny_reader.read(cv2.cvtColor(strip_of("42"), cv2.COLOR_GRAY2BGR))
    assert coloured == reading
    assert tiny_reader.read(strip_of("")) == []
    assert as_strip(255 - strip_of("42")) is None, "ink on paper"
    assert as_strip(strip_of("42")[1:]) is None


def test_a_place_without_a_number_gives_nothing(tiny_reader: DigitReader, lines: list[Line]) -> None:
    lines += [line_at(10, 20, group=0), line_at(10, 100, group=1)]
    assert [reading.text for reading in tiny_reader.read(scene((10, 100, strip_of("5"))))] == ["5"]
    assert tiny_reader.read(scene()) == []


def test_of_alternatives_the_most_confident_that_is_not_blank_wins(tiny_reader: DigitReader, lines: list[Line]) -> None:
    unsure = draw_strip([BLANK, BLANK, BLANK, 4.4, 2])
    lines += [line_at(10, 10, group=3), line_at(10, 50, group=3), line_at(10, 90, group=3), line_at(10, 150, group=4)]
    picture = scene((10, 10, unsure), (10, 50, strip_of("42")), (10, 150, strip_of("9")))  # at 90 all is blank
    assert [reading.text for reading in tiny_reader.read(picture)] == ["42", "9"]


@pytest.mark.parametrize(("outer", "stays"), [(1.49, "7"), (1.0, "123")], ids=["unsure", "sure"])
def test_of_two_boxes_in_one_place_the_longer_stays_if_it_is_sure(
    tiny_reader: DigitReader, lines: list[Line], monkeypatch: pytest.MonkeyPatch, outer: float, stays: str
) -> None:
    lines += [line_at(10, 20, group=0), line_at(14, 22, 120, 24, group=1), line_at(10, 60, group=2)]
    wide = draw_strip([BLANK, BLANK, outer, outer + 1, outer + 2])
    whole_cut = edge_runtime.reader.line_ink

    def cut(image: np.ndarray, corners: np.ndarray, direction: np.ndarray) -> np.ndarray:
        return strip_of("7") if corners[0][0] == 14 else whole_cut(image, corners, direction)

    monkeypatch.setattr(edge_runtime.reader, "line_ink", cut)
    picture = scene((10, 20, wide), (10, 60, strip_of("8")))
    assert [reading.text for reading in tiny_reader.read(picture)] == [stays, "8"]


def test_readings_below_the_threshold_are_given_but_not_accepted(tiny_path: Path, lines: list[Line]) -> None:
    lines += [line_at(10, 20)]
    picture = scene((10, 20, draw_strip([BLANK, BLANK, BLANK, 4.4, 2.4])))
    (reading,) = DigitReader(tiny_path, min_confidence=0.95).read(picture)
    assert 0.5 < reading.confidence < 0.95 and not reading.accepted
    assert DigitReader(tiny_path, min_confidence=0).read(picture)[0].accepted
    assert DigitReader(tiny_path, min_confidence=reading.confidence).read(picture)[0].accepted


def test_the_models_threshold_is_the_default(tmp_path: Path, lines: list[Line]) -> None:
    lines += [line_at(10, 20)]
    strict = DigitReader(write_model(tmp_path / "strict.onnx", spec(reject_threshold=1.0).to_json()))
    assert strict.threshold == 1.0
    assert not strict.read(scene((10, 20, strip_of("42"))))[0].accepted


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_a_threshold_out_of_range_is_refused(value: float) -> None:
    with pytest.raises(ModelError, match="min_confidence"):
        DigitReader(min_confidence=value)


def test_a_weak_reading_is_kept_alone_but_taken_for_a_stain_beside_a_sure_one(
    tmp_path: Path, lines: list[Line]
) -> None:
    lines += [line_at(10, 20, group=0), line_at(10, 100, group=1)]
    weak = draw_strip([BLANK, BLANK, BLANK, 4.49, 2.49])
    reader = DigitReader(write_model(tmp_path / "strict.onnx", spec(reject_threshold=0.9).to_json()), min_confidence=0)
    (alone,) = reader.read(scene((10, 20, weak)))
    assert alone.confidence < 0.6
    assert [reading.text for reading in reader.read(scene((10, 20, weak), (10, 100, strip_of("77"))))] == ["77"]


def test_plates_are_looked_for_where_nothing_is_trusted_or_the_picture_is_busy(
    tiny_reader: DigitReader, lines: list[Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def on_plates(work: WorkingCopy, max_lines: int) -> list[Line]:
        asked.append(max_lines)
        return [line_at(200, 60)]

    monkeypatch.setattr(edge_runtime.reader, "locate_more", on_plates)
    picture = scene((10, 20, strip_of("42")), (200, 60, strip_of("77")))
    lines.append(line_at(10, 20))
    assert [reading.text for reading in tiny_reader.read(picture)] == ["42"] and not asked
    lines.clear()
    assert [reading.text for reading in tiny_reader.read(picture)] == ["77"] and len(asked) == 1
    lines.append(line_at(10, 120))
    weak_and_later = scene((10, 120, strip_of("11")), (200, 60, strip_of("77")))
    assert [reading.text for reading in tiny_reader.read(weak_and_later)] == ["77", "11"], "in reading order"
    lines[:] = [line_at(10, 20)]
    asked.clear()
    bars = scene((10, 20, strip_of("11")), (200, 60, strip_of("77")))
    assert "77" in [reading.text for reading in tiny_reader.read(bars)] and len(asked) == 1, "ones are no certainty"


class Certain(DigitModel):
    """Reads 63 in whatever it is shown, and counts the strips."""

    shown = 0

    def probabilities(self, strips: np.ndarray) -> np.ndarray:
        self.shown += len(strips)
        return super().probabilities(np.stack([strip_of("63")] * len(strips)))


def test_only_strips_in_doubt_are_shown_to_the_second_model(tiny_path: Path, lines: list[Line]) -> None:
    lines += [line_at(10, 20, group=0), line_at(10, 100, group=1)]
    second = Certain(tiny_path)
    reader = DigitReader(tiny_path, second_look=second)
    assert [reading.text for reading in reader.read(scene((10, 20, strip_of("42")), (10, 100, strip_of("7"))))] == [
        *("42", "7")
    ]
    assert second.shown == 0
    doubt = draw_strip([BLANK, BLANK, BLANK, 6, 2.5])
    readings = reader.read(scene((10, 20, doubt), (10, 100, strip_of("7"))))
    assert [reading.text for reading in readings] == ["63", "7"]
    assert second.shown == 5, "the strip itself and four other views"
    (reading, sure) = reader.read_strips(np.stack([doubt, strip_of("42")]))
    assert (reading.text, sure.text, second.shown) == ("63", "42", 6)


def test_a_model_of_the_user_takes_its_second_looks_itself(tiny_path: Path) -> None:
    first = DigitReader(tiny_path)
    assert first.second_look is first.model
    reader = DigitReader("int8")
    assert reader.second_look.name == "second-look" and reader.second_look.threads == reader.model.threads
    assert DigitReader(reader.model, second_look="same").second_look is reader.model
    assert DigitReader(tiny_path, second_look="int8").second_look.bundled


@pytest.mark.parametrize(("places", "min_confidence", "accepted"), [(4, None, False), (1, None, True), (4, 0.5, True)])
def test_a_single_digit_among_many_places_is_accepted_only_where_it_is_sure(
    tiny_path: Path, lines: list[Line], places: int, min_confidence: float | None, accepted: bool
) -> None:
    lines += [line_at(10, 20 + 40 * group, group=group) for group in range(places)]
    weak = scene((10, 20, draw_strip([BLANK] * 4 + [3.3])))
    (reading,) = DigitReader(tiny_path, min_confidence=min_confidence).read(weak)
    assert reading.text == "3" and 0.5 < reading.confidence < edge_runtime.doubt.SURE
    assert reading.accepted is accepted
    number = DigitReader(tiny_path, min_confidence=min_confidence).read(scene((10, 20, strip_of("42"))))
    assert [(reading.text, reading.accepted) for reading in number] == [("42", True)]


@pytest.mark.parametrize(("width", "accepted"), [(36, False), (28, True)])
def test_a_ring_that_lies_is_not_accepted_as_a_zero(
    tiny_path: Path, lines: list[Line], width: int, accepted: bool
) -> None:
    lines.append(line_at(10, 20, width, 28))
    ring = cv2.resize(strip_of("0"), (width, 28), interpolation=cv2.INTER_NEAREST)
    (reading,) = DigitReader(tiny_path).read(scene((10, 20, ring)))
    assert (reading.text, reading.accepted) == ("0", accepted)
    (reading,) = DigitReader(tiny_path, min_confidence=0.5).read(scene((10, 20, ring)))
    assert reading.accepted, "who sets a threshold is taken by his word"


def test_ones_beside_a_number_need_more_certainty(tmp_path: Path, lines: list[Line]) -> None:
    lines += [line_at(10, 20, group=0), line_at(10, 100, group=1)]
    reader = DigitReader(write_model(tmp_path / "lax.onnx", spec(reject_threshold=0.5).to_json()), min_confidence=0)
    number = (10, 100, strip_of("77"))
    for weak, expected in (
        ([BLANK, BLANK, BLANK, BLANK, 1.45], ["77"]),
        ([BLANK, BLANK, BLANK, BLANK, 2.45], ["2", "77"]),
    ):
        readings = reader.read(scene((10, 20, draw_strip(weak)), number))
        assert [reading.text for reading in readings] == expected


def test_a_busy_picture_is_searched_again_even_if_all_is_trusted(
    tiny_reader: DigitReader, lines: list[Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(edge_runtime.reader, "locate_more", lambda image, max_lines: asked.append(max_lines) or [])
    page = scene(*((10, 20 + 40 * row, strip_of("42")) for row in range(BUSY)))
    lines += [line_at(10, 20 + 40 * row, group=row) for row in range(BUSY - 1)]
    assert len(tiny_reader.read(page)) == BUSY - 1 and not asked
    lines.append(line_at(10, 20 + 40 * (BUSY - 1), group=BUSY - 1))
    assert len(tiny_reader.read(page)) == BUSY and asked


# Long numbers


def test_a_long_number_is_split_at_its_widest_gap_and_given_whole(tiny_reader: DigitReader, lines: list[Line]) -> None:
    lines += [line_at(0, 0, 280, spans=[(0, 0.2), (0.2, 0.35), (0.35, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1)])]
    picture = scene((0, 0, strip_of("123")), (140, 0, strip_of("4567")))
    (reading,) = tiny_reader.read(picture)
    assert reading.text == "1234567"
    assert reading.digits == (1, 2, 3, 4, 5, 6, 7) and len(reading.digit_confidences) == 7
    assert reading.box == ((0, 0), (280, 0), (280, 28), (0, 28))


def test_a_blank_part_is_left_out_of_text_and_box(tiny_reader: DigitReader, lines: list[Line]) -> None:
    lines += [line_at(0, 0, 280, spans=[(0, 0.2), (0.2, 0.35), (0.35, 0.5), (0.5, 0.7), (0.7, 0.85), (0.85, 1)])]
    (reading,) = tiny_reader.read(scene((0, 0, strip_of("89123"))))
    assert reading.text == "89123"
    assert reading.box == ((0, 0), (140, 0), (140, 28), (0, 28))


def test_touching_digits_beyond_five_are_found_by_halving(tiny_reader: DigitReader, lines: list[Line]) -> None:
    lines += [line_at(0, 0, 280, spans=[(0.0, 0.5), (0.5, 1.0)])]  # two blobs of touching digits
    whole = np.hstack([strip_of("12345"), strip_of("67890")])
    (reading,) = tiny_reader.read(scene((0, 0, whole)))
    assert reading.text == "1234567890"


def test_a_full_strip_that_is_sure_stays_whole(tiny_reader: DigitReader, lines: list[Line]) -> None:
    lines += [line_at(0, 0, spans=[(0.0, 0.5), (0.5, 1.0)])]
    strip = strip_of("12345").astype(int)
    strip[:, :14] -= 10  # in halves, which are stretched, the first digit's two sides are read apart
    strip[:, 14:28] += 10
    (reading,) = tiny_reader.read(scene((0, 0, strip.astype(np.uint8))))
    assert reading.text == "12345"


@pytest.mark.parametrize("count", range(1, 24))
def test_no_part_has_more_than_five_blobs_and_none_is_lost(count: int) -> None:
    parts = split_spans(even_spans(count))
    assert [span for part in parts for span in part] == even_spans(count)
    assert all(1 <= len(part) <= 5 for part in parts)


@pytest.mark.parametrize(
    ("gap_after", "count", "sizes"),
    [
        ((3,), 7, [3, 4]),
        ((2, 4), 7, [2, 2, 3]),
        ((), 6, [3, 3]),
        ((), 10, [5, 5]),
        ((5,), 6, [5, 1]),
        ((3, 6), 9, [3, 3, 3]),
    ],
)
def test_cuts_fall_between_groups_or_else_in_the_middle(
    gap_after: tuple[int, ...], count: int, sizes: list[int]
) -> None:
    spans, place = [], 0.0
    for index in range(1, count + 1):
        spans.append((place, place + 1))
        place += 3.5 if index in gap_after else 1.2
    parts = split_spans(spans)
    cuts = {sum(len(part) for part in parts[:index]) for index in range(1, len(parts))}
    assert [len(part) for part in parts] == sizes or cuts <= set(gap_after)


def test_the_middle_gap_is_nearest_to_the_middle() -> None:
    spans = [(0.0, 0.2), (0.25, 0.3), (0.6, 1.0)]
    assert middle_gap(spans) == [spans[:2], spans[2:]]
    assert middle_gap([(0.0, 1.0)]) == []


# Strips


def test_strips_give_one_reading_each_also_when_empty(tiny_reader: DigitReader) -> None:
    readings = tiny_reader.read_strips(np.stack([strip_of(text) for text in ("", "42", "12345")]))
    assert [reading.text for reading in readings] == ["", "42", "12345"]
    assert readings[0].accepted and readings[0].digits == ()
    assert all(reading.box is None for reading in readings)
    assert tiny_reader.read_strips(np.zeros((0, 28, 140), np.uint8)) == []


def test_strips_of_another_shape_are_refused(tiny_reader: DigitReader) -> None:
    with pytest.raises(ImageError, match=r"\[28, 140\]"):
        tiny_reader.read_strips(np.zeros((28, 140), np.uint8))


# Every door, with the real locator and strip maker


def test_path_bytes_and_array_give_the_same(
    tiny_reader: DigitReader, page: np.ndarray, page_png: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "Seite ünï 三.png"
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


def test_boxes_of_a_large_jpeg_are_in_the_files_pixels(
    tiny_reader: DigitReader, page: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def locate_middle(work: WorkingCopy, max_lines: int) -> list[Line]:
        height, width = work.image.shape[:2]
        seen.append(width)
        line = line_at(width / 4, height / 4, width / 2, height / 2)
        return [replace(line, direction=np.array([-1.0, -1.0, -1.0], np.float32))]

    monkeypatch.setattr(edge_runtime.reader, "locate", locate_middle)
    large = cv2.imencode(".jpg", cv2.resize(page, (7200, 5400)))[1].tobytes()
    (reading,) = tiny_reader.read(large)
    assert seen[0] < 7200, "decoded at reduced scale"
    np.testing.assert_allclose(reading.box, [[1800, 1350], [5400, 1350], [5400, 4050], [1800, 4050]], atol=8)


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (2, 2, 3), (28, 140), (240, 320, 3)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_even_pictures_of_any_size_hold_no_number(tiny_reader: DigitReader, shape: tuple[int, ...], level: int) -> None:
    assert tiny_reader.read(np.full(shape, level, np.uint8)) == []


def test_the_picture_given_is_not_changed(tiny_reader: DigitReader, page: np.ndarray) -> None:
    picture = page.copy()
    picture.setflags(write=False)
    tiny_reader.read(picture)
    np.testing.assert_array_equal(picture, page)


# Threads and processes


def test_eight_threads_share_a_reader(tiny_path: Path, page: np.ndarray) -> None:
    reader = DigitReader(tiny_path)
    expected = DigitReader(tiny_path).read(page)
    with ThreadPoolExecutor(8) as pool:
        assert all(result == expected for result in pool.map(lambda _: reader.read(page), range(24)))


def test_a_reader_can_be_pickled(tiny_path: Path, page: np.ndarray) -> None:
    reader = DigitReader(tiny_path, min_confidence=0.3, max_megapixels=7, max_lines=5)
    expected = reader.read(page)
    copy = pickle.loads(pickle.dumps(reader))  # noqa: S301 our own bytes
    assert (copy.min_confidence, copy.max_megapixels, copy.max_lines) == (0.3, 7, 5)
    assert copy.read(page) == expected


def test_a_page_of_many_numbers_is_read_whole(tiny_reader: DigitReader, monkeypatch: pytest.MonkeyPatch) -> None:
    page = np.full((900, 700), 240, np.uint8)
    for place in range(24):
        corner = (30 + place % 3 * 220, 60 + place // 3 * 105)
        cv2.putText(page, str(10000 + place), corner, cv2.FONT_HERSHEY_SIMPLEX, 1.6, 30, 4, cv2.LINE_AA)
    groups: set[int] = set()

    def located(work: WorkingCopy, max_lines: int) -> list[Line]:
        found = locate(work, max_lines=max_lines)
        groups.update(line.group for line in found)
        return found

    monkeypatch.setattr(edge_runtime.reader, "locate", located)
    tiny_reader.read(page)
    assert len(groups) == 24


@pytest.mark.parametrize(("blobs", "overfull"), [(2, False), (9, True), (10, True), (11, False)])
def test_halves_that_fit_the_slots_rank_with_the_other_parts_of_a_long_line(blobs: int, overfull: bool) -> None:
    line = line_at(0, 0, 600, spans=even_spans(blobs))
    whole = edge_runtime.reader._Guess(line, (Part(line.corners, 0.0, 1.0),))
    (halves,) = edge_runtime.reader._second_look(whole, Reading("12345", (1, 2, 3, 4, 5), (0.9,) * 5, 0.5, False))
    assert len(halves.parts) == 2 and halves.overfull == overfull


@pytest.mark.parametrize(("confidence", "text"), [(0.7, "12345"), (0.9, "123456")])
@pytest.mark.parametrize("accepted", [False, True])
def test_what_is_read_does_not_depend_on_what_is_accepted(confidence: float, text: str, accepted: bool) -> None:
    line = line_at(0, 0, 300, spans=even_spans(6))
    whole = edge_runtime.reader._Guess(line, (Part(line.corners, 0.0, 1.0),))
    parts = replace(whole, overfull=True)
    pairs = [
        (whole, Reading("12345", (1, 2, 3, 4, 5), (0.99,) * 5, 0.95, accepted)),
        (parts, Reading("123456", (1, 2, 3, 4, 5, 6), (0.95,) * 6, confidence, accepted)),
    ]
    assert edge_runtime.reader._best_of(pairs, trusted=0.8).text == text
