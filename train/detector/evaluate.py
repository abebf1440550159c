"""What the detector's maps alone read, without the strip network: on drawn scenes and on real pictures.

A folder of real pictures has a ``labels.csv`` with columns ``file`` and ``label``: the digits of its numbers, by spaces
where there are several. With a column ``view`` (crop or scene) or ``written`` the list of numbers must be the label's;
without one the digits of all numbers together. Of a scene every wanted number must be among those found.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from edge_runtime.core.geometry import reading_order
from edge_runtime.core.opencv import cv2
from edge_runtime.detection.characters.contract import INPUT_NAME, MAP_CHANNELS, Maps
from edge_runtime.detection.characters.numbers import find_numbers
from edge_runtime.detection.characters.peaks import Characters, find_peaks
from edge_runtime.detection.characters.scales import RULES, Detect, at_scale, find_characters
from edge_runtime.images.load import load_picture
from train.core.errors import DataError, RunError
from train.core.markdown import markdown_table

from .config import ONNX_FILE
from .pool import View
from .targets import HEAT_WEIGHT, Labels, draw_targets
from .vary import stacked

Answer = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""A network: pictures uint8 [B, H, W, C] to answers float32 [B, H / 4, W / 4, 23]."""

_NEAR: Final = 0.3  # heights; a found character nearer than this to a drawn one is that one


@dataclass(frozen=True)
class Example:
    """A labelled picture. as_list: the label's numbers must be found one by one; wanted: its numbers."""

    path: Path
    wanted: tuple[str, ...]
    is_scene: bool
    as_list: bool

    def is_right(self, texts: Sequence[str]) -> bool:
        """Whether the numbers found, in reading order, are what the label asks for."""
        if self.is_scene and self.wanted:
            return all(texts.count(text) >= self.wanted.count(text) for text in self.wanted)
        return list(texts) == list(self.wanted) if self.as_list else "".join(texts) == "".join(self.wanted)

    def has_right_count(self, texts: Sequence[str]) -> bool:
        """Whether there are as many digits as in the label."""
        return sum(map(len, texts)) == sum(map(len, self.wanted))


def open_detector(path: Path) -> tuple[Detect, int]:
    """The detector of a run folder or an ``.onnx`` file, and its colours; ``RunError`` where there is none."""
    file = path / ONNX_FILE if path.is_dir() else path
    if not file.is_file():
        raise RunError(f"{file}: no such model; train it first: python -m train.detector fit --out {path}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    names = list(MAP_CHANNELS)

    def detect(picture: NDArray[np.uint8]) -> Maps:
        pixels = picture.reshape(1, *picture.shape[:2], -1)
        return Maps.from_outputs(dict(zip(names, session.run(names, {INPUT_NAME: pixels}), strict=True)))

    return detect, session.get_inputs()[0].shape[3]


def find_examples(folder: Path) -> dict[str, list[Example]]:
    """The labelled pictures of a folder and its sub-folders, by folder; ``DataError`` where there are none."""
    groups: dict[str, list[Example]] = {}
    for table in sorted(folder.rglob("labels.csv")):
        with table.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        groups[table.parent.name] = [
            Example(
                table.parent / row["file"],
                tuple(row["label"].split()),
                row.get("view") == "scene",
                "view" in row or "written" in row,
            )
            for row in rows
        ]
    if not groups:
        raise DataError(f"{folder}: no labels.csv in it; give a folder of labelled pictures")
    return groups


def report(run: Path, folders: Iterable[Path], scales: Sequence[int], limit: int | None, details: bool) -> str:
    """A table in Markdown: for each folder, exact and count of digits in per cent, at each scale and by all passes."""
    detect, colours = open_detector(run)
    rows: list[list[object]] = []
    lines: list[str] = []
    for folder in folders:
        totals: dict[str, list[NDArray[np.bool_]]] = {}
        for name, examples in find_examples(folder).items():
            shown = examples[:limit]
            results = [_measure(example, detect, colours, scales) for example in shown]
            figures = np.array([[pair for pair, _, _ in result] for result in results], bool)  # [pictures, scales, 2]
            milliseconds = float(np.median([result[-1][2] for result in results]))
            rows.append([f"{folder.name}/{name}", len(shown), *_cells(figures), f"{milliseconds:.1f}"])
            for example, figure in zip(shown, figures, strict=True):
                totals.setdefault("scenes" if example.is_scene else "crops", []).append(figure)
            if details:
                lines += [_detail(example, result) for example, result in zip(shown, results, strict=True)]
        rows += [[f"{folder.name}: {name}", len(part), *_cells(np.stack(part)), ""] for name, part in totals.items()]
    header = ["folder", "pictures", *(f"long side {scale}" for scale in scales), "passes", "ms"]
    table = markdown_table(header, rows)
    return "\n".join([*lines, table]) if lines else table


Result = tuple[tuple[bool, bool], list[str], float]


def _measure(example: Example, detect: Detect, colours: int, scales: Sequence[int]) -> list[Result]:
    """For each scale and for all passes: exact and count right, the texts found, milliseconds."""
    pixels = load_picture(example.path).pixels
    if colours == 1 and pixels.ndim == 3:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    if colours == 3 and pixels.ndim == 2:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR)
    results: list[Result] = []
    for scale in (*scales, None):
        started = time.perf_counter()
        if scale is None:
            characters = find_characters(pixels, detect).characters
        else:
            characters = at_scale(pixels, detect, scale / max(pixels.shape[:2]), RULES.threshold)
        texts = _texts(characters, pixels.shape[:2])
        milliseconds = (time.perf_counter() - started) * 1000
        results.append(((example.is_right(texts), example.has_right_count(texts)), texts, milliseconds))
    return results


def _texts(characters: Characters, size: tuple[int, ...]) -> list[str]:
    numbers = find_numbers(characters, (size[0], size[1]))
    return [number.text for number in reading_order(numbers, lambda number: number.box)]


def _cells(figures: NDArray[np.bool_]) -> list[str]:
    return [f"{exact:.0%} / {count:.0%}" for exact, count in figures.mean(axis=0)]


def _detail(example: Example, results: list[Result]) -> str:
    (right, _), texts, _ = results[-1]
    return f"{'right' if right else 'wrong'}  {example.path.name}: {' '.join(example.wanted)} | {' '.join(texts)}"


def measure_views(answer: Answer, views: list[View], batch: int = 16) -> dict[str, float]:
    """What a network answers on drawn scenes: its loss by map, characters found, numbers as drawn.

    recall and precision are of characters, kind included; numbers: share of scenes whose numbers are all as drawn.
    """
    from .loss import loss_parts  # needs Keras, which measuring real pictures does not

    losses: list[dict[str, float]] = []
    drawn = found = right = exact = 0
    for start in range(0, len(views), batch):
        part = views[start : start + batch]
        pictures, targets = stacked(part)
        answers = answer(pictures)
        losses.append({name: float(value) for name, value in loss_parts(targets, answers).items()})
        for view, given_maps in zip(part, answers, strict=True):
            characters = find_peaks(Maps.from_grid(given_maps), RULES.threshold)
            wanted = find_peaks(perfect_maps(view.labels, view.ignored), RULES.threshold)
            right += _matches(wanted, characters)
            drawn, found = drawn + len(wanted), found + len(characters)
            size = (view.pixels.shape[0], view.pixels.shape[1])
            texts = [sorted(number.written for number in find_numbers(each, size)) for each in (wanted, characters)]
            exact += texts[0] == texts[1]
    means = {name: float(np.mean([each[name] for each in losses])) for name in losses[0]}
    measures = {"recall": right / max(drawn, 1), "precision": right / max(found, 1), "numbers": exact / len(views)}
    return {**means, **measures}


def perfect_maps(labels: Labels, ignored: NDArray[np.uint8]) -> Maps:
    """What a perfect network would answer for a picture, whose ignored cells are uint8 [h, w]."""
    answers: Any = draw_targets([labels], ignored[None])[0, ..., :HEAT_WEIGHT]
    for planes in (slice(0, MAP_CHANNELS["kinds"]), slice(-MAP_CHANNELS["link"], None)):
        clipped = np.clip(answers[..., planes], 1e-4, 1 - 1e-4)
        answers[..., planes] = np.log(clipped / (1 - clipped))
    return Maps.from_grid(answers)


def _matches(wanted: Characters, found: Characters) -> int:
    """How many wanted characters were found, at their place and of their kind."""
    distances = np.hypot(*(wanted.centres[:, None] - found.centres[None]).transpose(2, 0, 1))
    near = distances < _NEAR * wanted.heights[:, None]
    return int((near & (wanted.kinds[:, None] == found.kinds)).any(axis=1).sum())
