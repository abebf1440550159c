"""``python -m benchmarks throughput``: folders of pictures against decoding alone, and what grows with their number."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.core.document import head, load_warning
from benchmarks.core.effort import Effort
from benchmarks.core.options import Say
from benchmarks.core.turns import one_opencv_thread
from edge_runtime import DigitReader
from edge_runtime.core import machine

from . import batch_command, pictures, ways
from .batch_command import measure_folder
from .pictures import FRAMES, PHOTOS, STRIPS, Folder, Kind, make_folders
from .report import warnings
from .ways import KERAS_LOOP, OUR_LOOP, Decoding, Reading, StripLoop, Way, rates_in_turns, ratios, spread

MANY: Final = 100_000  # strips that the time of a loop is reckoned for
SAMPLE: Final = (
    "as many strips of the folder as fit in the time, one thread of ours against all of TensorFlow's, in the same "
    "turns; the loops are given the strip as it is, read_files finds it in the picture; times of whole folders are "
    "reckoned from the medians"
)


def measure(
    effort: Effort, runs: Path, say: Say, *, strips: Kind = STRIPS, others: Sequence[Kind] = (FRAMES, PHOTOS)
) -> dict[str, Any]:
    """How many pictures a second a folder takes, how its cost grows with their number, and its memory.

    Strips, 640×480 JPEG and 12-megapixel JPEG, with one worker and with all processors, against decoding alone; strips
    also against a loop of Keras predict, where TensorFlow and the published network are there. The pictures are drawn
    into the system's folder for temporary files.
    """
    busy = load_warning()
    workers = int(machine.processor()["processors"])
    reader = DigitReader()

    def whole(folder: Folder) -> dict[str, Any]:
        say(f"{folder.kind.name}: edge-digits batch on {len(folder.files):,} files")
        return measure_folder(folder.path, workers, effort.limit_s)

    with TemporaryDirectory() as home:
        say("drawing the pictures")
        counts = sorted({effort.files, *effort.growth})
        of_strips = dict(zip(counts, make_folders(strips, counts, Path(home)), strict=True))
        folders = [of_strips[effort.files]]
        folders += [folder for kind in others for folder in make_folders(kind, [effort.files], Path(home))]
        with one_opencv_thread():
            figures = [
                {**folder.facts(), **compare(folder, reader, workers, effort.seconds, say)} for folder in folders
            ]
            keras, left_out = against_keras(folders[0], reader, runs / "notebook", effort.seconds, say)
        for row, folder in zip(figures, folders, strict=True):
            row["whole_folder"] = whole(folder)
        growth = [whole(of_strips[count]) for count in effort.growth]
    document = {
        **head("throughput"),
        "method": {"pictures": pictures.METHOD, "turns": ways.METHOD, "whole_folder": batch_command.METHOD},
        "left_out": left_out,
        "reader": {"model": reader.model.path.name, "sha256": reader.model.sha256},
        "folders": figures,
        "keras": keras,
        "growth": growth,
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
        "share_of_decoding": [{"workers": count, **share} for count, share in shares],
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
        row["times_faster"] = ratios(per_s, rates[0])
        row["reckoned_seconds"] = round(MANY / row["median"])
    return {"sample": SAMPLE, "pictures": MANY, "rates": rows}, []


def _timed(contenders: Sequence[Way], seconds: float) -> list[list[float]]:
    with ExitStack() as stack:
        for way in contenders:
            stack.callback(way.close)
        return rates_in_turns(contenders, seconds)


def _rows(contenders: Sequence[Way], rates: Sequence[Sequence[float]]) -> list[dict[str, Any]]:
    rows = [
        {"way": way.name, "workers": way.workers, **spread(per_s)} for way, per_s in zip(contenders, rates, strict=True)
    ]
    return [{**row, "unstable": row["p10"] < ways.STEADY_RATIO * row["median"]} for row in rows]


def _right(folder: Folder, read: Callable[[str], str]) -> float:
    """Share of the distinct pictures whose digits are read right, all of them and no more."""
    hits = [read(path) == truth for path, truth in zip(folder.distinct, folder.truths, strict=True)]
    return round(sum(hits) / len(hits), 4)


def _accepted_by(reader: DigitReader) -> Callable[[str], str]:
    return lambda path: "".join(reading.text for reading in reader.read(path) if reading.accepted)
