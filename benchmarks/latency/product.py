"""The whole reader on one picture: its stages, and end to end beside another reader, on one thread.

The stages are those of ``DigitReader.read`` itself, as its trace tells them, which adds a few microseconds to each.
"""

from __future__ import annotations

import importlib.util
import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.core.dataset import find_samples
from benchmarks.core.turns import Timing, time_in_turns
from edge_runtime import DigitReader, ModelError, Quad, Trace, load_picture
from edge_runtime.core.trace import Stage
from edge_runtime.recognition.model_files import SECOND_LOOK

OURS: Final = "edge-digits"
SAMPLE: Final = "pencil.jpg"  # in samples/; one that the other reader reads right as well
STAGED_READS: Final = 300
_WARM_UP_READS: Final = 10
_CROP_MARGIN: Final = 0.4  # of the number's height
_JPEG: Final = (cv2.IMWRITE_JPEG_QUALITY, 95)

DECODE: Final = "decode"
LOCATE: Final = "locate"
STRIP: Final = "strip"
NETWORK: Final = "network"
HEADS: Final = "heads"
CHOICE: Final = "choice"
END_TO_END: Final = "end to end"
STAGES: Final = {
    DECODE: "the file's bytes to pixels",
    LOCATE: "pixels to lines of ink",
    STRIP: "lines to strips, second views included",
    NETWORK: "strips to calibrated probabilities",
    HEADS: "probabilities to readings",
    CHOICE: "all else: ways to cut a line, the choice between them",
    END_TO_END: "the file's bytes to the readings",
}
_OF_TRACE: Final[Mapping[Stage, str]] = {
    "load": DECODE,
    "locate": LOCATE,
    "strips": STRIP,
    "network": NETWORK,
    "decode": HEADS,
}


@dataclass(frozen=True)
class Picture:
    """A picture that is timed: name, the digits in it, the JPEG file's bytes, and its size in pixels."""

    name: str
    truth: str
    content: bytes
    width: int
    height: int


def pictures(samples: Path, model: Path) -> list[Picture]:
    """A sample of 640×480 pixels as a camera gives it, and its number cut out with a margin.

    The number is found with a model; ``ModelError`` where it is not read right.
    """
    (truth,) = (sample.truth for sample in find_samples([samples]) if sample.path.name == SAMPLE)
    content = (samples / SAMPLE).read_bytes()
    pixels = load_picture(content).pixels
    found = DigitReader(model, second_look=SECOND_LOOK).read(pixels)
    if [reading.text for reading in found] != [truth] or found[0].box is None:
        texts = " ".join(reading.text for reading in found) or "nothing"
        raise ModelError(f"samples/{SAMPLE}: reads {texts}, expected {truth}; speed is told of right readings")
    crop = _cut_out(pixels, found[0].box)
    cropped = cv2.imencode(".jpg", crop, _JPEG)[1].tobytes()
    return [_picture("frame", truth, content, pixels), _picture("crop", truth, cropped, crop)]


def product_figures(
    samples: Path, models: Mapping[str, Path], seconds: float, fewest_turns: int | None = None
) -> list[dict[str, Any]]:
    """For each picture whole readers in turns for about so many seconds, then the stages of ours with fp32; JSON-safe.

    models: our model files by precision; fewest_turns: as for ``time_in_turns``.
    Raises ``ModelError`` where one of ours misreads a picture.
    """
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        return [_figures(picture, models, seconds, fewest_turns) for picture in pictures(samples, models["fp32"])]
    finally:
        cv2.setNumThreads(threads)


def time_stages(picture: Picture, model: Path, reads: int) -> tuple[dict[str, Timing], int]:
    """Time every stage of reading a picture, and count the strips that the networks see.

    A stage's time is the sum of its calls in one reading.
    """
    times_s: dict[str, list[float]] = {stage: [] for stage in STAGES}
    digits = DigitReader(model, second_look=SECOND_LOOK, threads=1)
    for _ in range(_WARM_UP_READS):
        digits.read(picture.content)
    trace = Trace()
    for _ in range(reads):
        trace = Trace()
        begin = time.perf_counter()
        digits.read(picture.content, trace)
        total_s = time.perf_counter() - begin
        spent_s = {name: trace.stage_ms.get(stage, 0.0) / 1e3 for stage, name in _OF_TRACE.items()}
        for name, seconds in spent_s.items():
            times_s[name].append(seconds)
        times_s[CHOICE].append(total_s - sum(spent_s.values()))
        times_s[END_TO_END].append(total_s)
    return {stage: Timing.of(times) for stage, times in times_s.items()}, len(trace.strips)


def _figures(picture: Picture, models: Mapping[str, Path], seconds: float, fewest_turns: int | None) -> dict[str, Any]:
    readers = _whole_readers(models)
    texts = {name: read(picture.content) for name, read in readers.items()}
    wrong = {name: text for name, text in texts.items() if name.startswith(OURS) and text != picture.truth}
    if wrong:
        raise ModelError(
            f"samples/{SAMPLE}, {picture.name}: {wrong}, expected {picture.truth} from every model of ours"
        )
    timings = time_in_turns(list(readers.values()), [picture.content], seconds, fewest_turns=fewest_turns)
    stages, strips = time_stages(picture, models["fp32"], STAGED_READS)
    return {
        "picture": picture.name,
        "format": f"{picture.width}x{picture.height} JPEG of {len(picture.content)} bytes",
        "strips": strips,
        "stages": {stage: timing.as_dict() for stage, timing in stages.items()},
        "readers": {
            name: {"text": texts[name], **timing.as_dict()} for name, timing in zip(readers, timings, strict=True)
        },
    }


def _whole_readers(models: Mapping[str, Path]) -> dict[str, Callable[[bytes], str]]:
    """Readers by name, from a file's bytes to the digits in it; one thread each."""
    found = {
        f"{OURS} {precision}": _edge_digits(DigitReader(path, threads=1, second_look=SECOND_LOOK))
        for precision, path in models.items()
    }
    if importlib.util.find_spec("rapidocr_onnxruntime"):
        found["RapidOCR"] = _rapidocr()
    return found


def _edge_digits(digits: DigitReader) -> Callable[[bytes], str]:
    return lambda content: _joined(reading.text for reading in digits.read(content))


def _rapidocr() -> Callable[[bytes], str]:
    from rapidocr_onnxruntime import RapidOCR

    engine = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)

    def read(content: bytes) -> str:
        lines, _ = engine(load_picture(content).pixels)
        return _joined(text for _, text, _ in lines or [])

    return read


def _cut_out(pixels: NDArray[np.uint8], box: Quad) -> NDArray[np.uint8]:
    margin = _CROP_MARGIN * box.height
    left, top, right, bottom = box.bounds
    rows = slice(max(math.floor(top - margin), 0), math.ceil(bottom + margin))
    columns = slice(max(math.floor(left - margin), 0), math.ceil(right + margin))
    return np.ascontiguousarray(pixels[rows, columns])


def _picture(name: str, truth: str, content: bytes, pixels: NDArray[np.uint8]) -> Picture:
    return Picture(name, truth, content, width=pixels.shape[1], height=pixels.shape[0])


def _joined(texts: Iterable[str]) -> str:
    return "".join(char for text in texts for char in text if char.isascii() and char.isdigit())
