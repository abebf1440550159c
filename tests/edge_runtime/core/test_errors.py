"""Every error that is raised on purpose: of the tree, in one line, naming the value and the remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edge_runtime import (
    DigitModel,
    DigitReader,
    EdgeDigitsError,
    ImageError,
    ModelError,
    OptionError,
    SourceError,
    load_picture,
    open_frames,
)
from tests.conftest import Run, one_line

Door = Callable[[Path], object]

# What is done in a folder that holds notes.txt and empty.bin -> error, value named, remedy named.
DOORS: list[tuple[Door, type[EdgeDigitsError], str, str]] = [
    (lambda folder: load_picture(folder / "none.png"), ImageError, "none.png", "check the path"),
    (lambda folder: load_picture(folder), ImageError, "", "edge-digits batch"),
    (lambda folder: load_picture(folder / "notes.txt"), ImageError, "notes.txt", "give PNG"),
    (lambda folder: load_picture(folder / "empty.bin"), ImageError, "empty.bin", "give a picture"),
    (lambda _: load_picture(None), ImageError, "NoneType", "expected a path"),  # type: ignore[arg-type]
    (lambda _: load_picture(np.zeros((2, 2))), ImageError, "float64", "expected uint8"),  # type: ignore[arg-type]
    (lambda _: DigitReader().read_strips(np.zeros((9, 9), np.uint8)), ImageError, "[9, 9]", "expected [N, 28, 140]"),
    (lambda folder: DigitModel(folder / "none.onnx").spec, ModelError, "none.onnx", "path of an .onnx file"),
    (lambda folder: DigitModel(folder / "notes.txt").spec, ModelError, "notes.txt", "ONNX Runtime cannot open it"),
    (lambda _: DigitModel(threads=0), OptionError, "0", "from 1 to 64"),
    (lambda _: DigitReader(min_confidence=7), OptionError, "7", "to 1"),
    (lambda folder: open_frames(folder / "none.mp4"), SourceError, "none.mp4", "give a camera number"),
    (lambda folder: open_frames(folder / "notes.txt"), SourceError, "notes.txt", "convert it"),
]


@pytest.mark.parametrize(("door", "kind", "named", "remedy"), DOORS)
def test_an_error_names_the_value_and_the_remedy_in_one_line(
    tmp_path: Path, door: Door, kind: type[EdgeDigitsError], named: str, remedy: str
) -> None:
    (tmp_path / "notes.txt").write_text("These are notes.", "utf-8")
    (tmp_path / "empty.bin").touch()
    with pytest.raises(EdgeDigitsError) as caught:
        door(tmp_path)
    message = str(caught.value)
    assert type(caught.value) is kind
    assert isinstance(caught.value, ValueError) == (kind is OptionError)
    assert named in message and remedy in message
    assert len(message.splitlines()) == 1


def test_a_provider_that_is_not_there_is_wrong_usage(run: Run, picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_DIGITS_PROVIDERS", "NoSuchProvider")
    for command in (("read", picture), ("batch", picture.parent), ("webcam", picture.parent, "--headless")):
        done = run(*command)
        assert done.exit_code == 2 and done.stdout == ""
        assert "provider 'NoSuchProvider' is not in this onnxruntime" in one_line(done.stderr)


def test_an_environment_variable_out_of_range_is_wrong_usage(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_DIGITS_THREADS", "two")
    done = run("read", "samples/two.jpg")
    assert done.exit_code == 2 and done.stdout == ""
    assert "EDGE_DIGITS_THREADS is 'two', expected a whole number from 1 to 64" in one_line(done.stderr)
