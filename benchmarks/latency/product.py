"""The whole reader on one frame: its stages, and end to end beside another reader, on one thread.

The stages are those of ``DigitReader.read`` itself, as its trace tells them, which adds a few microseconds to each.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.core.dataset import timed_sample
from benchmarks.core.effort import Effort
from benchmarks.core.turns import Timing, one_opencv_thread, time_in_turns
from edge_runtime import DigitReader, ModelError, Trace, load_picture
from edge_runtime.core.trace import Stage
from edge_runtime.recognition.model_files import SECOND_LOOK

OURS: Final = "edge-digits"
STAGED_READS: Final = 300
_WARM_UP_READS: Final = 10
_CHOICE: Final = "choice"
_END_TO_END: Final = "end to end"
STAGES: Final = {
    "decode": "the file's bytes to pixels",
    "locate": "pixels to lines of ink",
    "strip": "lines to strips, second views included",
    "network": "strips to calibrated probabilities",
    "heads": "probabilities to readings",
    _CHOICE: "all else: ways to cut a line, the choice between them",
    _END_TO_END: "the file's bytes to the readings",
}
_OF_TRACE: Final[Mapping[Stage, str]] = {
    "load": "decode",
    "locate": "locate",
    "strips": "strip",
    "network": "network",
    "decode": "heads",
}


def frame_figures(models: Mapping[str, Path], effort: Effort) -> dict[str, Any]:
    """Whole readers in turns on one frame, then the stages of ours with fp32; JSON-safe.

    models: our model files by precision. Raises ``ModelError`` where one of ours misreads the frame: there is no speed
    to tell then.
    """
    sample = timed_sample()
    content = sample.path.read_bytes()
    height, width = load_picture(content).pixels.shape[:2]
    with one_opencv_thread():
        readers = _whole_readers(models)
        texts = {name: read(content) for name, read in readers.items()}
        wrong = {name: text for name, text in texts.items() if name.startswith(OURS) and text != sample.truth}
        if wrong:
            raise ModelError(f"{sample.name}: reads {wrong}, expected {sample.truth} from every model of ours")
        timings = time_in_turns(list(readers.values()), [content], effort.seconds, fewest_turns=effort.fewest_turns)
        stages, strips = time_stages(content, models["fp32"])
    return {
        "picture": "frame",
        "format": f"{width}x{height} JPEG of {len(content)} bytes",
        "strips": strips,
        "stages": {stage: timing.as_dict() for stage, timing in stages.items()},
        "readers": {
            name: {"text": texts[name], **timing.as_dict()} for name, timing in zip(readers, timings, strict=True)
        },
    }


def time_stages(content: bytes, model: Path) -> tuple[dict[str, Timing], int]:
    """Time every stage of reading a file's bytes, and count the strips that the networks see.

    A stage's time is the sum of its calls in one reading.
    """
    times_s: dict[str, list[float]] = {stage: [] for stage in STAGES}
    digits = DigitReader(model, second_look=SECOND_LOOK, threads=1)
    for _ in range(_WARM_UP_READS):
        digits.read(content)
    trace = Trace()
    for _ in range(STAGED_READS):
        trace = Trace()
        begin = time.perf_counter()
        digits.read(content, trace)
        total_s = time.perf_counter() - begin
        spent_s = {name: trace.stage_ms.get(stage, 0.0) / 1e3 for stage, name in _OF_TRACE.items()}
        for name, seconds in spent_s.items():
            times_s[name].append(seconds)
        times_s[_CHOICE].append(total_s - sum(spent_s.values()))
        times_s[_END_TO_END].append(total_s)
    return {stage: Timing.of(times) for stage, times in times_s.items()}, len(trace.strips)


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


def _joined(texts: Iterable[str]) -> str:
    return "".join(char for text in texts for char in text if char.isascii() and char.isdigit())
