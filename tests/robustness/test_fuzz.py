"""Every public function with made-up arguments: it answers as it promises, or raises the error that it documents.

A test says by ``@covers`` what it fuzzes; the last test asks whether anything public is left out. EDGE_DIGITS_FUZZ
is the number of examples for each test, 60 unless given.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import math
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import edge_runtime
from edge_runtime import (
    DigitModel,
    DigitReader,
    EdgeDigitsError,
    Event,
    ImageError,
    LiveResult,
    ModelError,
    ModelSpec,
    Number,
    Picture,
    Plausible,
    Reading,
    Row,
    SourceError,
    Tracker,
    draw_readings,
    find_files,
    load_picture,
    open_frames,
    read_files,
)
from tests.robustness.mutations import MUTATIONS
from tests.robustness.pictures import originals

COVERED: set[str] = set()
SOUND = {name: content for name, content in originals().items() if len(content) < 20_000}

EXAMPLES = int(os.environ.get("EDGE_DIGITS_FUZZ", "60"))
fuzz = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


def covers(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    COVERED.update(names)
    return lambda test: test


# What is made up


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    """A real picture file, damaged once or twice."""
    content = SOUND[draw(st.sampled_from(sorted(SOUND)))]
    chance = random.Random(draw(st.integers(0, 2**32)))
    for _ in range(draw(st.integers(0, 2))):
        kind = draw(st.sampled_from(sorted(set(MUTATIONS) - {"bomb"})))
        content = MUTATIONS[kind][0](content or b"\0", chance)
    return content


def arrays(dtype: Any = np.uint8, max_side: int = 48) -> st.SearchStrategy[np.ndarray]:
    shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=max_side)
    colour = st.tuples(st.integers(0, 200), st.integers(0, 200), st.sampled_from([1, 2, 3, 4, 5]))
    thin = st.sampled_from([(1, 3000), (3000, 1), (1, 1), (2, 2000, 3), (28, 140), (28, 140, 3)])
    return hnp.arrays(dtype, st.one_of(shapes, colour, thin), elements=None, fill=st.just(np.zeros((), dtype)[()]))


DTYPES = st.sampled_from([np.uint8, np.int8, np.uint16, np.float32, np.float64, np.bool_, np.int64])
PIXELS = st.one_of(arrays(), DTYPES.flatmap(lambda dtype: arrays(dtype, 8)))
THINGS = st.one_of(st.none(), st.integers(), st.floats(), st.text(max_size=20), st.lists(st.integers(), max_size=3))
NUMBERS = st.one_of(st.integers(-(2**70), 2**70), st.floats(), st.none(), st.booleans())
TEXTS = st.text(alphabet="0123456789", min_size=1, max_size=7)
CORNERS = st.floats(-5000, 5000, allow_nan=False)
SHARES = st.floats(0, 1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    text = draw(TEXTS)
    box = tuple((draw(CORNERS), draw(CORNERS)) for _ in range(4)) if draw(st.booleans()) else None
    digits = tuple(int(char) for char in text)
    return Reading(text, digits, (draw(SHARES),) * len(text), draw(SHARES), draw(st.booleans()), box)  # type: ignore[arg-type]


def assert_is_picture(picture: Picture) -> None:
    pixels = picture.pixels
    assert pixels.dtype == np.uint8 and pixels.size and (pixels.ndim == 2 or pixels.shape[2:] == (3,))
    assert picture.scale >= 1


def assert_are_readings(found: list[Reading], image_hw: tuple[int, ...]) -> None:
    height, width = image_hw[:2]
    for reading in found:
        assert reading.text == "".join(map(str, reading.digits)) and reading.text.isdigit()
        assert len(reading.digit_confidences) == len(reading.digits)
        assert 0 <= reading.confidence <= 1 and reading.box is not None
        reach = 2 * max(height, width) + 8  # a turned box may stick out of the picture, but not by far
        assert all(-reach <= value <= reach + max(height, width) for corner in reading.box for value in corner)
        json.dumps(reading.as_dict(), allow_nan=False)


# Pictures


@covers("load_picture", "Picture")
@fuzz
@given(st.one_of(damaged_files(), st.binary(max_size=400)), st.floats(0.0001, 4))
def test_bytes_are_a_picture_or_an_image_error(data: bytes, max_megapixels: float) -> None:
    try:
        picture = load_picture(data, max_megapixels=max_megapixels)
    except ImageError as error:
        assert "\n" not in str(error)
    else:
        assert_is_picture(picture)
        assert picture.pixels.shape[0] * picture.pixels.shape[1] <= max_megapixels * 1e6 + 1


@covers("load_picture")
@fuzz
@given(st.one_of(PIXELS, THINGS))
def test_anything_is_a_picture_or_an_image_error(thing: Any) -> None:
    try:
        picture = load_picture(thing)
    except ImageError:
        return
    assert_is_picture(picture)


@covers("load_picture")
@pytest.mark.parametrize("limit", [math.nan, -1.0, 0.0])
def test_a_limit_that_is_none_lets_nothing_through(limit: float) -> None:
    with pytest.raises(ImageError, match="megapixels"):
        load_picture(SOUND["grey.png"], max_megapixels=limit)


@covers("DigitReader.read", "Reading.as_dict")
@fuzz
@given(st.one_of(PIXELS, damaged_files(), THINGS))
def test_the_reader_reads_anything_or_raises_its_own_error(tiny_reader: DigitReader, thing: Any) -> None:
    try:
        found = tiny_reader.read(thing)
    except EdgeDigitsError:
        return
    assert_are_readings(found, load_picture(thing).pixels.shape if not isinstance(thing, bytes) else (200, 200))


@covers("DigitReader.read")
@fuzz
@given(arrays(max_side=120).filter(lambda pixels: pixels.ndim in (2, 3) and pixels.size > 0))
def test_reading_is_repeatable_and_leaves_the_picture_alone(tiny_reader: DigitReader, pixels: np.ndarray) -> None:
    before = pixels.copy()
    try:
        first = tiny_reader.read(pixels)
    except ImageError:
        return
    assert tiny_reader.read(pixels) == first
    np.testing.assert_array_equal(pixels, before)


@covers("draw_readings")
@fuzz
@given(arrays().filter(lambda a: a.size > 0 and (a.ndim == 2 or (a.ndim == 3 and a.shape[2] == 3))), st.data())
def test_readings_are_drawn_on_any_picture(pixels: np.ndarray, data: st.DataObject) -> None:
    before = pixels.copy()
    found = data.draw(st.lists(readings(), max_size=3))
    canvas = draw_readings(pixels, found, note=data.draw(st.text(max_size=10)), scale=data.draw(st.floats(0.1, 4)))
    assert canvas.dtype == np.uint8 and canvas.ndim == 3 and canvas.shape[2] == 3
    np.testing.assert_array_equal(pixels, before)


# Networks and settings


@covers("DigitReader.read_strips", "DigitModel.probabilities")
@fuzz
@given(st.one_of(PIXELS, THINGS, hnp.arrays(np.uint8, st.tuples(st.integers(0, 3), st.just(28), st.just(140)))))
def test_strips_are_read_or_refused(tiny_reader: DigitReader, thing: Any) -> None:
    try:
        found = tiny_reader.read_strips(thing)
    except ImageError:
        with pytest.raises(ImageError):
            tiny_reader.model.probabilities(thing)
        return
    probabilities = tiny_reader.model.probabilities(thing)
    assert len(found) == len(thing) and probabilities.shape == (len(thing), 5, 11)
    np.testing.assert_allclose(probabilities.sum(axis=2), 1, atol=1e-4)
    assert all(reading.box is None and 0 <= reading.confidence <= 1 for reading in found)


@covers("DigitReader", "DigitReader.spec", "DigitReader.threshold")
@fuzz
@given(NUMBERS.filter(lambda value: not isinstance(value, bool)))
def test_the_least_confidence_is_a_share_or_refused(tiny_path: Path, least: Any) -> None:
    try:
        reader = DigitReader(tiny_path, min_confidence=least)
    except ModelError:
        assert not 0 <= least <= 1
        return
    assert 0 <= reader.threshold <= 1 and reader.spec.name == "tiny"


@covers("DigitModel", "DigitModel.spec", "DigitModel.sha256", "DigitModel.size_bytes")
@fuzz
@given(st.binary(max_size=300), st.one_of(st.integers(-5, 100), st.floats(), st.text(max_size=4)))
def test_any_bytes_for_a_model_are_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes, threads: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "any.onnx"
    path.write_bytes(data)
    for ask in ("spec", "sha256", "size_bytes"):
        with pytest.raises(ModelError):
            getattr(DigitModel(path, threads=threads), ask)


@covers("DigitModel")
@fuzz
@given(st.text(max_size=30), st.dictionaries(st.text(max_size=20), NUMBERS, max_size=2))
def test_any_name_for_a_model_and_any_option_is_refused(name: str, options: dict[str, Any]) -> None:
    with pytest.raises(ModelError):
        assert DigitModel(f"no-such-folder/{name}", session_options=options).spec


@covers("ModelSpec.from_json", "ModelSpec.to_json", "ModelSpec")
@fuzz
@given(st.dictionaries(st.sampled_from([field.name for field in dataclasses.fields(ModelSpec)]), JSON, max_size=3))
def test_any_spec_survives_or_is_refused(changes: dict[str, Any]) -> None:
    document = json.loads(ModelSpec(name="fuzzed", strip_version=1).to_json()) | changes
    try:
        spec = ModelSpec.from_json(json.dumps(document))
    except ModelError:
        return
    assert ModelSpec.from_json(spec.to_json()).to_json() == spec.to_json()
    assert spec.name.isprintable() and 0.05 <= spec.temperature <= 20 and 0 <= spec.reject_threshold <= 1


@covers("ModelSpec.from_json")
@fuzz
@given(st.one_of(st.text(max_size=60), JSON.map(json.dumps)))
def test_any_text_for_a_spec_is_refused(text: str) -> None:
    with pytest.raises(ModelError):
        ModelSpec.from_json(text)


# Files and rows


@covers("find_files", "read_files", "Row")
@fuzz
@given(st.lists(st.text(st.characters(exclude_characters="/"), max_size=12), max_size=6), st.binary(max_size=40))
def test_any_names_are_found_once_and_each_gives_a_row(
    tmp_path_factory: pytest.TempPathFactory, tiny_reader: DigitReader, names: list[str], content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("names")
    made = set()
    for name in names:
        try:
            (folder / name).write_bytes(content)
        except (OSError, ValueError):  # no name that the system takes
            continue
        if not Path(name).name.startswith("."):
            made.add(str(folder / name))
    found = list(find_files(folder))
    inside = {path for path in made if Path(path).parent == folder}
    assert len(found) == len(set(found)) and {os.path.realpath(path) for path in found} >= {
        os.path.realpath(path) for path in inside
    }
    rows = list(read_files(found, tiny_reader))
    assert [row.path for row in rows] == found
    assert all(row.status == "error" and row.error and "\n" not in row.error for row in rows)


@covers("read_files")
@fuzz
@given(st.lists(st.text(max_size=20), max_size=5))
def test_any_path_gives_a_row(tiny_reader: DigitReader, paths: list[str]) -> None:
    rows = list(read_files([f"no-such-folder/{path}" for path in paths], tiny_reader))
    assert [row.status for row in rows] == ["error"] * len(paths)


@covers("Row.of", "Row.failed", "Row.as_dict", "Row.from_dict", "Reading")
@fuzz
@given(st.text(max_size=20), st.lists(readings(), max_size=4), st.floats(0, 1e6), st.text(max_size=60))
def test_rows_survive_json(path: str, found: list[Reading], ms: float, error: str) -> None:
    for row in (Row.of(path, found, ms, note=error), Row.failed(path, error, ms)):
        again = Row.from_dict(json.loads(json.dumps(row.as_dict(), allow_nan=False)))
        assert again.as_dict() == row.as_dict()
        assert row.status != "error" or "\n" not in (row.error or "")


@covers("Row.from_dict")
@fuzz
@given(st.dictionaries(st.sampled_from(sorted(Row.failed("a", "b").as_dict())), JSON, max_size=10))
def test_what_is_no_row_is_refused(changes: dict[str, Any]) -> None:
    values = Row.failed("a", "b").as_dict() | changes
    try:
        row = Row.from_dict(values)
    except (KeyError, TypeError, ValueError, OverflowError):
        return
    row.as_dict()


# Live reading


@covers("open_frames")
@fuzz
@given(
    st.one_of(
        st.text(max_size=20).filter(lambda name: "://" not in name and " ! " not in name and not name.isdigit()),
        st.text(max_size=10).map(lambda name: f"file://no-such-folder/{name}"),
        st.text(alphabet="*?[]ab/\0.", max_size=10).map(lambda name: f"no-such-folder/{name}"),
        st.floats(),
        st.none(),
    )
)
def test_what_is_no_source_is_refused(source: Any) -> None:
    if isinstance(source, str) and (source.startswith("/") or not source.strip("./\\*?[]~ ")):
        return  # folders that are there
    with pytest.raises(SourceError), open_frames(source) as frames:
        next(iter(frames))


@covers("DigitReader.stream", "LiveResult", "LiveResult.as_dict", "open_frames")
@fuzz
@given(st.lists(st.one_of(st.none(), PIXELS), max_size=4))
def test_any_frames_are_streamed_or_refused(tiny_reader: DigitReader, frames: list[Any]) -> None:
    try:
        results = list(tiny_reader.stream(frames, confirm=1))
    except EdgeDigitsError:
        return
    assert [result.frame for result in results] == list(range(len(results)))
    for result in results:
        assert isinstance(result, LiveResult)
        json.dumps(result.as_dict(), allow_nan=False)


@covers("Tracker", "Tracker.update", "Tracker.rescale", "Tracker.numbers", "Tracker.settled")
@covers("Event", "Event.as_dict", "Number", "Number.as_dict", "Plausible", "Plausible.allow")
@fuzz
@given(st.data())
def test_any_readings_are_tracked(data: st.DataObject) -> None:
    whole = st.one_of(st.none(), st.integers(-2, 20_000))
    try:
        rules = Plausible(data.draw(whole), data.draw(whole), data.draw(whole), data.draw(st.booleans()))
        tracker = Tracker(data.draw(st.integers(-1, 4)), data.draw(st.integers(-1, 4)), rules)
    except ValueError as error:
        assert "expected" in str(error) or "no number" in str(error)
        return
    in_view: set[int] = set()
    for _ in range(data.draw(st.integers(0, 8))):
        events = tracker.update(data.draw(st.lists(readings(), max_size=3)))
        for event in events:
            assert isinstance(event, Event) and isinstance(event.number, Number)
            json.dumps(event.as_dict(), allow_nan=False)
            assert rules.length is None or len(event.number.text) == rules.length
            assert (event.number.id in in_view) == (event.kind != "appeared")
            in_view ^= {event.number.id} if event.kind != "changed" else set()
        assert {number.id for number in tracker.numbers} == in_view and isinstance(tracker.settled, bool)
        tracker.rescale(data.draw(st.floats(0.1, 10)), data.draw(st.floats(0.1, 10)))


# Nothing is left out


def public_callables() -> set[str]:
    """Public functions and classes, and the methods and properties that the classes define themselves."""
    names = set()
    for name in edge_runtime.__all__:
        thing = getattr(edge_runtime, name)
        if name == "__version__" or (inspect.isclass(thing) and issubclass(thing, Exception)):
            continue
        names.add(name)
        if inspect.isclass(thing):
            names |= {
                f"{name}.{member}"
                for member, value in vars(thing).items()
                if not member.startswith("_") and (callable(value) or isinstance(value, (property, classmethod)))
            }
    return names


def test_everything_public_is_fuzzed() -> None:
    assert public_callables() == COVERED
