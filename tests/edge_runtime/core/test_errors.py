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
from edge_runtime.core import errors
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
    assert named in message and remedy in message
    assert len(message.splitlines()) == 1


def test_the_tree_in_the_description_is_the_tree_of_the_classes() -> None:
    leaves = [kind.__name__ for kind in EdgeDigitsError.__subclasses__() if kind.__module__ == errors.__name__]
    assert errors.__doc__ is not None
    drawn = [line.split()[1] for line in errors.__doc__.splitlines() if line.strip().startswith(("├──", "└──"))]
    assert drawn == leaves


def test_an_argument_out_of_range_is_a_value_error_too() -> None:
    with pytest.raises(ValueError, match="min_confidence"):
        DigitReader(min_confidence=7)


def test_an_environment_variable_out_of_range_is_wrong_usage(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_DIGITS_THREADS", "two")
    done = run("read", "page.jpg")
    assert done.exit_code == 2 and done.stdout == ""
    assert "EDGE_DIGITS_THREADS is 'two', expected a whole number from 1 to 64" in one_line(done.stderr)
