"""``python -m benchmarks throughput``: folders of pictures against decoding alone, and what grows with their number."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click
import cv2

from benchmarks.core.document import head, load_warning
from benchmarks.core.options import FOLDER, Say, deliver, json_out, notebook_run, seconds_of, teller
from edge_runtime import DigitReader
from edge_runtime.core import machine

from . import batch_command, pictures, ways
from .batch_command import FolderRun, measure_folder
from .pictures import KINDS, STRIPS, Folder, make_folder
from .report import markdown, warnings
from .ways import KERAS_LOOP, OUR_LOOP, Decoding, Reading, Spread, StripLoop, Way, rates_in_turns, ratios

COUNT: Final = 10_000
GROWTH: Final = (100, 1_000, 10_000, 100_000)
MANY: Final = 100_000  # strips that the time of a loop is reckoned for
SAMPLE: Final = (
    "as many strips of the folder as fit in the time, one thread of ours against all of TensorFlow's, in the same "
    "turns; the loops are given the strip as it is, read_files finds it in the picture; times of whole folders are "
    "reckoned from the medians"
)


@click.command()
@click.option(
    "--cache",
    type=FOLDER,
    default=Path("runs/throughput"),
    show_default=True,
    help="Folder in which the pictures are made, and found again.",
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
@seconds_of("Time for each comparison, all contenders together.", 30.0)
@click.option(
    "--limit",
    type=click.FloatRange(0, 86400, min_open=True),
    default=900.0,
    show_default=True,
    help="Seconds for a whole folder; a longer run is stopped there, and the record says so.",
)
@notebook_run()
def throughput(
    cache: Path, out: Path, count: int, growth: tuple[int, ...], seconds: float, limit: float, notebook: Path
) -> None:
    """How many pictures a second a folder takes, how its cost grows with their number, and its memory.

    Strips, 640×480 JPEG and 12-megapixel JPEG, with one worker and with all processors, against decoding alone;
    strips also against a loop of Keras predict, where TensorFlow is installed. The pictures are drawn on first use.

    \b
    Example:
      python -m benchmarks throughput --out runs/throughput.json
    """  # noqa: D301 click reads the control character
    say = teller("throughput")
    document = measure(cache, count, sorted(set(growth)), seconds, limit, notebook, say)
    deliver(document, markdown(document), out, say)


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

    def whole(folder: Folder) -> FolderRun:
        say(f"{folder.kind.name}: edge-digits batch on {len(folder.files):,} files")
        return measure_folder(folder.path, workers, limit_s)

    with one_opencv_thread():
        figures = [{**folder.facts(), **compare(folder, reader, workers, seconds, say)} for folder in folders]
        keras, left_out = against_keras(folders[0], reader, notebook, seconds, say)
    for row, folder in zip(figures, folders, strict=True):
        row["whole_folder"] = asdict(whole(folder))
    document = {
        **head("throughput"),
        "method": {"pictures": pictures.METHOD, "turns": ways.METHOD, "whole_folder": batch_command.METHOD},
        "left_out": left_out,
        "reader": {"model": reader.model.path.name, "sha256": reader.model.sha256},
        "folders": figures,
        "keras": keras,
        "growth": [asdict(whole(folder)) for folder in strips],
    }
    return {**document, "warnings": busy + warnings(document)}


def compare(folder: Folder, reader: DigitReader, workers: int, seconds: float, say: Say) -> dict[str, Any]:
    """Reading and decoding alone, each with one worker and with all, in the same turns; JSON-safe."""
    say(f"{folder.kind.name}: {len(folder.files):,} files, read and decoded in turns, {seconds:g} s")
    counts = sorted({1, workers})
    contenders: list[Way] = [Reading(folder.files, reader, count) for count in counts]
    contenders += [Decoding(folder.files, count) for count in counts]
    rates = _timed(contenders, seconds)
    reading, decoding = rates[: len(counts)], rates[len(counts) :]
    shares = zip(counts, map(ratios, reading, decoding), strict=True)
    return {
        "right": _right(folder, _accepted_by(reader)),
        "rates": _rows(contenders, rates),
        "share_of_decoding": [{"workers": count, **share.as_dict()} for count, share in shares],
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
    loop = StripLoop(KERAS_LOOP, folder.files, ways.keras_predict(notebook))
    ours = StripLoop(OUR_LOOP, folder.files, ways.read_strips(reader))
    contenders: list[Way] = [loop, Reading(folder.files, reader, 1), ours]
    rates = _timed(contenders, seconds)
    rows = _rows(contenders, rates)
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


def _timed(contenders: Sequence[Way], seconds: float) -> list[list[float]]:
    with ExitStack() as stack:
        for way in contenders:
            stack.callback(way.close)
        return rates_in_turns(contenders, seconds)


def _rows(contenders: Sequence[Way], rates: Sequence[Sequence[float]]) -> list[dict[str, Any]]:
    spreads = [Spread.of(per_s) for per_s in rates]
    return [
        {"way": way.name, "workers": way.workers, **spread.as_dict(), "unstable": spread.is_unstable}
        for way, spread in zip(contenders, spreads, strict=True)
    ]


def _right(folder: Folder, read: Callable[[str], str]) -> float:
    """Share of the distinct pictures whose digits are read right, all of them and no more."""
    hits = [read(path) == truth for path, truth in zip(folder.distinct, folder.truths, strict=True)]
    return round(sum(hits) / len(hits), 4)


def _accepted_by(reader: DigitReader) -> Callable[[str], str]:
    return lambda path: "".join(reading.text for reading in reader.read(path) if reading.accepted)
