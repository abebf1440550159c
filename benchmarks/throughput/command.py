"""``python -m benchmarks throughput``: folders of pictures against decoding alone, and what grows with their number."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import click
import cv2

from benchmarks.accuracy.report import write_document
from benchmarks.core.options import json_out
from benchmarks.latency.report import head, load_warning
from edge_runtime import DigitReader
from edge_runtime.core import machine

from . import batch_command as throughput_command
from . import pictures as throughput_pictures
from . import turns as throughput_turns
from .batch_command import folder_figures, growth_figures
from .pictures import KINDS, STRIPS, Folder, make_folder
from .report import markdown, warnings
from .turns import (
    KERAS_LOOP,
    OUR_LOOP,
    Decoding,
    Reading,
    Spread,
    StripLoop,
    Way,
    keras_predict,
    rates_in_turns,
    ratios,
    read_strips,
)

COUNT: Final = 10_000
GROWTH: Final = (100, 1_000, 10_000, 100_000)
MANY: Final = 100_000  # strips that the time of a loop is reckoned for
SAMPLE: Final = (
    "as many strips of the folder as fit in the time, one thread of ours against all of TensorFlow's, in the same "
    "turns; the loops are given the strip as it is, read_files finds it in the picture; times of whole folders are "
    "reckoned from the medians"
)

Say = Callable[[str], None]


@click.command()
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("runs/throughput"),
    show_default=True,
    help="Where the folders of pictures are made, and found again.",
)
@json_out("throughput")
@click.option(
    "--count",
    type=click.IntRange(1),
    default=COUNT,
    show_default=True,
    help="Files in a folder; of 12-megapixel ones a twentieth.",
)
@click.option(
    "--growth",
    type=click.IntRange(1),
    multiple=True,
    default=GROWTH,
    show_default=True,
    help="Number of strips to see how cost grows; may be given several times.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(0, 3600, min_open=True),
    default=30.0,
    show_default=True,
    help="Time for each comparison, all contenders together.",
)
@click.option(
    "--limit",
    type=click.FloatRange(0, 86400, min_open=True),
    default=900.0,
    show_default=True,
    help="Seconds for a whole folder; a longer run is stopped there, and the record says so.",
)
@click.option(
    "--notebook",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("runs/notebook"),
    show_default=True,
    help="Run of the published network, for the loop of Keras predict.",
)
def throughput(
    cache: Path, out: Path, count: int, growth: tuple[int, ...], seconds: float, limit: float, notebook: Path
) -> None:
    """How many pictures a second a folder takes, how its cost grows with their number, and memory over time.

    Strips, 640×480 JPEG and 12-megapixel JPEG, with one worker and with all processors, against decoding alone;
    strips also against a loop of Keras predict, where TensorFlow is installed. The pictures are drawn on first use.

    \b
    Example:
      python -m benchmarks throughput --out runs/throughput.json
    """  # noqa: D301 click reads the control character

    def say(text: str) -> None:
        click.echo(f"throughput: {text}", err=True)

    document = measure(cache, count, sorted(set(growth)), seconds, limit, notebook, say)
    write_document(out, document)
    click.echo(markdown(document), nl=False)
    say(f"written to {out}")


def measure(
    cache: Path, count: int, growth: Sequence[int], seconds: float, limit_s: float, notebook: Path, say: Say
) -> dict[str, Any]:
    """Everything the command measures, as a JSON-safe document.

    count: files in a folder; growth: numbers of strips, ascending; seconds: for each comparison; limit_s: for a whole
    folder; notebook: run folder of the published network.
    """
    busy = load_warning()
    workers = int(machine.processor()["processors"])
    folders = [make_folder(kind, kind.files_of(count), cache, say) for kind in KINDS]
    strips = [make_folder(STRIPS, number, cache, say) for number in growth]
    reader = DigitReader()
    with one_opencv_thread():
        figures = [{**folder.facts(), **compare(folder, reader, workers, seconds, say)} for folder in folders]
        keras, left_out = against_keras(folders[0], reader, notebook, seconds, say)
    for row, folder in zip(figures, folders, strict=True):
        row["whole_folder"] = _whole(folder, workers, limit_s, say)
    grown = [_whole(folder, workers, limit_s, say) for folder in strips]
    document = {
        **head(),
        "method": {
            "pictures": throughput_pictures.METHOD,
            "turns": throughput_turns.METHOD,
            "whole_folder": throughput_command.METHOD,
        },
        "left_out": left_out,
        "reader": {"model": reader.model.path.name, "sha256": reader.model.sha256},
        "folders": figures,
        "keras": keras,
        "growth": growth_figures(grown),
    }
    return {**document, "warnings": busy + warnings(document)}


def compare(folder: Folder, reader: DigitReader, workers: int, seconds: float, say: Say) -> dict[str, Any]:
    """Reading and decoding alone, each with one worker and with all, in the same turns; JSON-safe."""
    say(f"{folder.kind.name}: {len(folder.files):,} files, read and decoded in turns, {seconds:g} s")
    counts = sorted({1, workers})
    ways: list[Way] = [Reading(folder.files, reader, count) for count in counts]
    ways += [Decoding(folder.files, count) for count in counts]
    rates = _timed(ways, seconds)
    reading, decoding = rates[: len(counts)], rates[len(counts) :]
    shares = zip(counts, map(ratios, reading, decoding), strict=True)
    return {
        "right": _right(folder, _accepted_by(reader)),
        "rates": _rows(ways, rates),
        "share_of_decoding": [{"workers": count, **share.as_dict()} for count, share in shares],
        "all_against_one": {
            "workers": workers,
            "reading": ratios(reading[-1], reading[0]).as_dict(),
            "decoding": ratios(decoding[-1], decoding[0]).as_dict(),
        },
    }


def against_keras(
    folder: Folder, reader: DigitReader, notebook: Path, seconds: float, say: Say
) -> tuple[dict[str, Any] | None, list[str]]:
    """A loop of Keras ``predict`` on strips, beside it our reader; where there is no such loop, the reason."""
    from train.core.run_folder import MODEL_FILE

    if importlib.util.find_spec("tensorflow") is None:
        return None, [f"{KERAS_LOOP}: TensorFlow is not installed"]
    if not (notebook / MODEL_FILE).is_file():
        return None, [f"{KERAS_LOOP}: no trained network in the run folder; python -m train fit makes one"]
    say(f"{folder.kind.name}: against {KERAS_LOOP}, {seconds:g} s")
    loop = StripLoop(KERAS_LOOP, folder.files, keras_predict(notebook))
    ours = StripLoop(OUR_LOOP, folder.files, read_strips(reader))
    ways: list[Way] = [loop, Reading(folder.files, reader, 1), ours]
    rates = _timed(ways, seconds)
    rows = _rows(ways, rates)
    right = [_right(folder, loop.read), _right(folder, _accepted_by(reader)), _right(folder, ours.read)]
    for row, share, per_s in zip(rows, right, rates, strict=True):
        row["right"] = share
        row["times_faster"] = ratios(per_s, rates[0]).as_dict()
        row["reckoned_seconds"] = round(MANY / row["median"])
    return {"sample": SAMPLE, "pictures": MANY, "rates": rows}, []


@contextmanager
def one_opencv_thread() -> Iterator[None]:
    """OpenCV in this process works as it does in a worker."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)


def _whole(folder: Folder, workers: int, limit_s: float, say: Say) -> dict[str, Any]:
    say(f"{folder.kind.name}: edge-digits batch on {len(folder.files):,} files")
    return folder_figures(folder.path, workers, limit_s)


def _timed(ways: Sequence[Way], seconds: float) -> list[list[float]]:
    with ExitStack() as stack:
        for way in ways:
            stack.callback(way.close)
        return rates_in_turns(ways, seconds)


def _rows(ways: Sequence[Way], rates: Sequence[Sequence[float]]) -> list[dict[str, Any]]:
    spreads = [Spread.of(per_s) for per_s in rates]
    return [
        {"way": way.name, "workers": way.workers, **spread.as_dict(), "unstable": spread.is_unstable}
        for way, spread in zip(ways, spreads, strict=True)
    ]


def _right(folder: Folder, read: Callable[[str], str]) -> float:
    """Share of the distinct pictures whose digits are read right, all of them and no more."""
    hits = [read(path) == truth for path, truth in zip(folder.distinct, folder.truths, strict=True)]
    return round(sum(hits) / len(hits), 4)


def _accepted_by(reader: DigitReader) -> Callable[[str], str]:
    return lambda path: "".join(reading.text for reading in reader.read(path) if reading.accepted)
