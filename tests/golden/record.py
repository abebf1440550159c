"""Takes the readings of pictures with several readers, keeps them as JSON, and compares two records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from edge_runtime import DigitModel, DigitReader, ImageError, Reading, find_files

ROOT: Final = Path(__file__).parents[2]
PICTURES: Final = Path(__file__).parent / "pictures"
RECORD: Final = Path(__file__).parent / "readings.json"
READERS: Final[dict[str, dict[str, Any]]] = {
    "fp32 alone": {"model": "fp32", "second_look": "none"},  # floats only: the strict one, on every processor
    "fp32": {"model": "fp32"},
    "int8": {"model": "int8"},
}
_ON_EVERY_PROCESSOR: Final = ("fp32 alone",)
_SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif"})

Record = dict[str, Any]
"""``facts``: what the readings depend on beside the code; ``readings``: reader -> picture -> what it says."""


@dataclass(frozen=True)
class Tolerance:
    """confidence: difference allowed, 0 to 1; pixels: the same for each corner of a box."""

    confidence: float
    pixels: int


EXACT: Final = Tolerance(0.0, 0)
SAME_OPENCV: Final = Tolerance(0.001, 1)  # one step of what is recorded: sums of floats differ in their last digits
OTHER_OPENCV: Final = Tolerance(0.02, 2)  # its warps differ by one grey level between 4 and 5


def golden_pictures() -> dict[str, Path]:
    """The samples and the drawn pictures, by their paths in the repository."""
    return _pictures([ROOT / "samples", PICTURES], ROOT)


def pictures_below(folder: Path) -> dict[str, Path]:
    """Every picture file of a folder and its subfolders, by its path in the folder."""
    return _pictures([folder], folder)


def take(pictures: Mapping[str, Path]) -> Record:
    """What each reader says of each picture."""
    facts: dict[str, Any] = {"opencv": cv2.__version__, "auto model": DigitModel("auto").name}
    readings = {}
    for name, choice in READERS.items():
        reader = DigitReader(**choice)
        facts[f"models of {name}"] = sorted({reader.model.sha256, reader.second_look.sha256})
        readings[name] = {picture: read(reader, path) for picture, path in pictures.items()}
    return {"facts": facts, "readings": readings}


def read(reader: DigitReader, picture: Path | np.ndarray) -> list[Any]:
    """The readings as they are recorded; a picture that is refused gives the error's name alone."""
    try:
        return [_recorded(reading) for reading in reader.read(picture)]
    except ImageError as error:
        return [type(error).__name__]


def comparable(old: Record, new: Record) -> Record:
    """``new`` without the readers that need the processor of ``old``.

    The larger network's weights have 8 bits, with which x86 processors without VNNI saturate: on an emulated Haswell
    the probabilities of 56 strips moved by up to 0.026. Those of digits-int8, with 7 bits, did not move at all, and
    those of digits-fp32 by 0.000005.
    """
    if old["facts"]["auto model"] == new["facts"]["auto model"]:
        return new
    return new | {"readings": {name: new["readings"][name] for name in _ON_EVERY_PROCESSOR}}


def tolerance_between(old: Record, new: Record) -> Tolerance:
    """What two records may differ by, from the versions of OpenCV that they were taken with."""
    majors = {record["facts"]["opencv"].split(".")[0] for record in (old, new)}
    return SAME_OPENCV if len(majors) == 1 else OTHER_OPENCV


def differences(old: Record, new: Record, tolerance: Tolerance) -> list[str]:
    """One line for each picture that ``new`` reads differently, and for each model file that is another one."""
    lines = []
    for name, after in new["readings"].items():
        models = f"models of {name}"
        if old["facts"].get(models) != new["facts"][models]:
            lines.append(f"{models}: other files than in the record")
        before = old["readings"].get(name, {})
        for picture in sorted(before.keys() | after.keys()):
            if picture not in after:
                lines.append(f"{name}: {picture}: missing")
            elif picture not in before:
                lines.append(f"{name}: {picture}: not in the record")
            elif not alike(before[picture], after[picture], tolerance):
                lines.append(f"{name}: {picture}: {_told(before[picture])} -> {_told(after[picture])}")
    return lines


def alike(before: Sequence[Any], after: Sequence[Any], tolerance: Tolerance) -> bool:
    """Text, acceptance and order the same; confidences and boxes within the tolerance."""
    return len(before) == len(after) and all(
        one == other
        if isinstance(one, str) or isinstance(other, str)
        else (one["text"], one["accepted"]) == (other["text"], other["accepted"])
        and abs(one["confidence"] - other["confidence"]) <= tolerance.confidence + 1e-9
        and np.abs(np.subtract(one["box"], other["box"])).max() <= tolerance.pixels
        for one, other in zip(before, after, strict=True)
    )


def load(path: Path) -> Record:
    """A record that ``save`` wrote."""
    record: Record = json.loads(path.read_text("utf-8"))
    return record


def save(record: Record, path: Path) -> None:
    """One line for each picture, so that a changed record shows which readings changed."""
    readers = []
    for name, readings in record["readings"].items():
        rows = ",\n".join(f"{json.dumps(picture)}: {json.dumps(found)}" for picture, found in readings.items())
        readers.append(f"{json.dumps(name)}: {{\n{rows}\n}}")
    facts = json.dumps(record["facts"], indent=1)
    path.write_text(f'{{"facts": {facts},\n"readings": {{\n{",".join(readers)}\n}}}}\n', "utf-8")


def _pictures(folders: Iterable[Path], base: Path) -> dict[str, Path]:
    paths = [Path(name) for folder in folders for name in find_files(folder)]
    return {path.relative_to(base).as_posix(): path for path in paths if path.suffix.lower() in _SUFFIXES}


def _recorded(reading: Reading) -> dict[str, Any]:
    assert reading.box is not None
    return {
        "text": reading.text,
        "accepted": reading.accepted,
        "confidence": round(reading.confidence, 3),
        "box": [[round(x), round(y)] for x, y in reading.box],
    }


def _told(readings: Sequence[Any]) -> str:
    words = [
        reading
        if isinstance(reading, str)
        else f"{reading['text']} {'accepted' if reading['accepted'] else 'refused'} {reading['confidence']:.3f} "
        f"at {reading['box']}"
        for reading in readings
    ]
    return "; ".join(words) or "nothing"
