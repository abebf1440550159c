"""Programs that read one thing in a process of their own: the way from its start to the answer, and its memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.core.document import REPOSITORY
from benchmarks.core.turns import orders
from edge_runtime import EdgeDigitsError

METHOD: Final = (
    "Every program runs in a fresh interpreter, in turns in an order drawn anew; the first turn is not counted, since "
    "it fills the file system's caches. Import: the program's import lines, inside the process. First answer: from the "
    "start of the interpreter until its answer stands on its output. Memory is VmRSS after the answer, and VmHWM."
)
EDGE_DIGITS: Final = "edge-digits"
PICTURE: Final = "640x480 JPEG file"
STRIP: Final = "28x140 strip"
_TIMEOUT_S: Final = 120
_MARK: Final = b"footprint: "  # before the two lines that count; programs may say other things
_LINES: Final = 2
_TEXT_OF_HEADS: Final = "text = ''.join(str(best) for best in (int(head[0].argmax()) for head in heads) if best < 10)"
_BEGIN: Final = "import json, sys, time\nbegin = time.perf_counter()\n"
_IMPORTED: Final = "import_seconds = time.perf_counter() - begin\n"
_END: Final = f"""
print({_MARK.decode()!r} + json.dumps(text), flush=True)
figures = {{"import_seconds": import_seconds}}
try:
    with open("/proc/self/status") as status:
        for line in status:
            name, _, value = line.partition(":")
            if name in ("VmRSS", "VmHWM"):
                figures[name] = int(value.split()[0]) * 1024
except OSError:
    pass
print({_MARK.decode()!r} + json.dumps(figures))
"""


@dataclass(frozen=True)
class Program:
    """What a process does: Python lines that import, and lines that read ``sys.argv[1]`` and set ``text``.

    reads: what kind of thing is read; source: the file of it; truth: its digits; arguments: more of ``sys.argv``.
    """

    name: str
    reads: str
    source: Path
    truth: str
    imports: str
    answer: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Start:
    """One process. Memory in bytes, after the answer and at most, None where the system does not tell."""

    text: str
    seconds: float
    import_seconds: float
    resident_bytes: int | None
    peak_resident_bytes: int | None


def start_in_turns(programs: Sequence[Program], processes: int) -> list[list[Start]]:
    """Start each program so many times after the uncounted one."""
    starts: list[list[Start]] = [[] for _ in programs]
    for turn, order in zip(range(processes + 1), orders(len(programs)), strict=False):
        for index in order:
            begun = start(programs[index])
            if turn > 0:
                starts[index].append(begun)
    return starts


def start(program: Program) -> Start:
    """Run the program once; ``EdgeDigitsError`` where it fails or takes longer than two minutes."""
    code = f"{_BEGIN}{program.imports}\n{_IMPORTED}{program.answer}\n{_END}"
    command = [sys.executable, "-c", code, str(program.source), *program.arguments]
    with tempfile.TemporaryFile() as complaints:  # a pipe that nobody empties would stop a talkative program
        begin = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints, cwd=REPOSITORY) as child:
            alarm = threading.Timer(_TIMEOUT_S, child.kill)
            alarm.start()
            lines = [(time.perf_counter() - begin, line) for line in child.stdout or ()]
            code_of_exit = child.wait()
            alarm.cancel()
        complaints.seek(0)
        reasons = complaints.read().decode(errors="replace").strip().splitlines()
    told = [(seconds, json.loads(line[len(_MARK) :])) for seconds, line in lines if line.startswith(_MARK)]
    if code_of_exit != 0 or len(told) != _LINES:
        reason = reasons[-1] if reasons else f"it ended with code {code_of_exit} and said nothing"
        raise EdgeDigitsError(f"{program.name}: a fresh process cannot read {program.source.name}: {reason}")
    (seconds, text), (_, figures) = told
    return Start(text, seconds, figures["import_seconds"], figures.get("VmRSS"), figures.get("VmHWM"))


def figures(program: Program, starts: Sequence[Start]) -> dict[str, Any]:
    """Medians over the processes of one program, a row of the document: text is what it read, truth what it should."""
    return {
        "program": program.name,
        "reads": program.reads,
        "text": starts[-1].text,
        "truth": program.truth,
        "processes": len(starts),
        "import_seconds": _spread([begun.import_seconds for begun in starts]),
        "first_answer_seconds": _spread([begun.seconds for begun in starts]),
        "resident_bytes": _middle([begun.resident_bytes for begun in starts]),
        "peak_resident_bytes": _middle([begun.peak_resident_bytes for begun in starts]),
    }


def _spread(times_s: Sequence[float]) -> dict[str, float]:
    found = {"median": median(times_s), "least": min(times_s), "most": max(times_s)}
    return {name: round(seconds, 4) for name, seconds in found.items()}


def _middle(sizes: Sequence[int | None]) -> int | None:
    """The median of those that are known; None where none is."""
    known = [size for size in sizes if size is not None]
    return int(median(known)) if known else None


def edge_digits(picture: Path, truth: str) -> Program:
    """The product on a picture file, as it is installed."""
    answer = "text = ' '.join(reading.text for reading in DigitReader().read(sys.argv[1]))"
    return Program(EDGE_DIGITS, PICTURE, picture, truth, "from edge_runtime import DigitReader", answer)


def edge_digits_strip(strip: Path, truth: str) -> Program:
    """The product's network on a strip; strip: a .npy file, uint8 [28, 140]."""
    imports = "import numpy\nfrom edge_runtime import DigitReader"
    answer = "text = DigitReader().read_strips(numpy.load(sys.argv[1])[None])[0].text"
    return Program(EDGE_DIGITS, STRIP, strip, truth, imports, answer)


def keras_predict(strip: Path, truth: str, run: Path) -> Program:
    """A run folder's network in Keras ``predict`` on a strip."""
    imports = "from pathlib import Path\nimport keras, numpy\nfrom train.model.network import load"
    answer = (
        "strips = numpy.load(sys.argv[1])[None, ..., None]\n"
        "heads = load(Path(sys.argv[2])).predict(strips, verbose=0)\n"
        f"{_TEXT_OF_HEADS}"
    )
    return Program("TensorFlow, Keras predict", STRIP, strip, truth, imports, answer, (str(run.resolve()),))


def litert(strip: Path, truth: str, precision: str, model: Path) -> Program:
    """A .tflite file of the same network on a strip."""
    imports = "import numpy\nfrom ai_edge_litert.interpreter import Interpreter"
    answer = (
        "interpreter = Interpreter(model_path=sys.argv[2], num_threads=1)\n"
        "interpreter.allocate_tensors()\n"
        "strip = interpreter.get_input_details()[0]['index']\n"
        "interpreter.set_tensor(strip, numpy.load(sys.argv[1])[None, ..., None])\n"
        "interpreter.invoke()\n"
        "outputs = sorted(interpreter.get_output_details(), key=lambda output: str(output['name']))\n"
        "heads = [interpreter.get_tensor(output['index']) for output in outputs]\n"
        f"{_TEXT_OF_HEADS}"
    )
    return Program(f"LiteRT {precision}", STRIP, strip, truth, imports, answer, (str(model.resolve()),))


def rapidocr(picture: Path, truth: str) -> Program:
    """RapidOCR with its own models on a picture file; of its texts the digits count."""
    imports = "import cv2\nfrom rapidocr_onnxruntime import RapidOCR"
    answer = (
        "found, _ = RapidOCR()(cv2.imread(sys.argv[1]))\n"
        "text = ''.join(char for _, read, _ in found or [] for char in read if char in '0123456789')"
    )
    return Program("RapidOCR", PICTURE, picture, truth, imports, answer)
