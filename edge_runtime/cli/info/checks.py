"""Is this machine fit to read numbers? One check a line, each with what to do where it fails.

Nothing is downloaded or opened but the models of the package; the picture that is read is drawn here.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Final, Literal

from edge_runtime.core import machine
from edge_runtime.core.errors import EdgeDigitsError
from edge_runtime.core.percent import percent

from .cameras import find_cameras

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Verdict = Literal["fit", "note", "unfit"]

LEAST_PYTHON: Final = "3.11"
LEAST_VERSIONS: Final = {"numpy": "1.26", "cv2": "4.8", "onnxruntime": "1.17", "click": "8.1"}
"""By module; those of pyproject.toml."""

NUMBER: Final = "27183"
_REPEATS: Final = 20
_SHOWN_HASH: Final = 16  # of 64 digits


@dataclass(frozen=True)
class Check:
    """what: was looked at. verdict: note is something to know that does no harm. told: what was found."""

    what: str
    verdict: Verdict
    told: str

    def as_dict(self) -> dict[str, str]:
        """JSON-safe."""
        return asdict(self)


def check_machine() -> list[Check]:
    """Every check, in the order in which they are shown; a check that breaks is unfit, and the others go on."""
    checks: list[Check] = []
    for what, look in _LOOKS.items():
        try:
            checks += look()
        except (EdgeDigitsError, ImportError) as error:  # the latter: NumPy cannot be loaded, as its own line says
            checks.append(Check(what, "unfit", " ".join(str(error).split())))
    return checks


def picture() -> NDArray[np.uint8]:
    """A sheet of paper with the number 27183, uint8 [480, 640, 3] BGR, always the same."""
    import numpy as np

    from edge_runtime.core.opencv import cv2

    noise = np.random.default_rng(0).normal(0, 4, (480, 640, 3))
    paper = np.clip(noise + np.linspace(215, 185, 640)[None, :, None], 0, 255).astype(np.uint8)
    cv2.putText(paper, NUMBER, (150, 270), cv2.FONT_HERSHEY_SIMPLEX, 3.4, (70, 50, 45), 9, cv2.LINE_AA)
    return cv2.GaussianBlur(paper, (3, 3), 0)


def _architecture() -> Iterator[Check]:
    facts = machine.processor()
    told = f"{facts['architecture']}, {facts['bits']}-bit, {facts['system']}"
    if facts["bits"] == 64:
        yield Check("architecture", "fit", told)
    else:
        yield Check("architecture", "unfit", f"{told}; ONNX Runtime needs a 64-bit system and Python")


def _processor() -> Iterator[Check]:
    facts = machine.processor()
    features = ", ".join(facts["features"]) or "no features known"
    model = "int8" if machine.multiplies_bytes() else "fp32"
    yield Check("processor", "fit", f"{facts['name']}, {facts['processors']} usable, {features}; reads with {model}")


def _versions() -> Iterator[Check]:
    yield _version("python", ".".join(str(part) for part in sys.version_info[:3]), LEAST_PYTHON)
    for module, least in LEAST_VERSIONS.items():
        try:
            loaded = importlib.import_module(module)
            # Of the package of the same name; OpenCV's packages have others, and its module tells.
            found = machine.installed_versions([module]).get(module) or str(loaded.__version__)
        except Exception as error:  # a broken installation fails in many ways, not only with ImportError
            yield Check(module, "unfit", f"cannot be loaded ({error}); reinstall edge-digits")
        else:
            yield _version(module, found, least)


def _version(what: str, found: str, least: str) -> Check:
    if _numbers(found) >= _numbers(least):
        return Check(what, "fit", found)
    return Check(what, "unfit", f"{found}; edge-digits needs {least} or newer")


def _numbers(version: str) -> tuple[int, ...]:
    """``"5.0.0-rc1"`` -> ``(5, 0, 0)``; what begins with no number is no version, and older than any."""
    found = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def _opencv() -> Iterator[Check]:
    """What this build of OpenCV can do for live reading."""
    from edge_runtime.core.opencv import cv2

    builds = [name for name in machine.versions() if name.startswith("opencv")]
    if len(builds) > 1:
        yield Check("cv2 packages", "note", f"{' and '.join(builds)} overwrite each other; uninstall all, install one")
    backends = {"V4L2": cv2.CAP_V4L2, "FFMPEG": cv2.CAP_FFMPEG, "GStreamer": cv2.CAP_GSTREAMER}
    videos = [name for name, number in backends.items() if cv2.videoio_registry.hasBackend(number)]
    gui = re.search(r"^\s*GUI:\s*(.+)$", cv2.getBuildInformation(), re.MULTILINE)
    has_windows = gui is not None and gui[1].strip() != "NONE"
    has_screen = not sys.platform.startswith("linux") or bool({"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ))
    without = "no screen (DISPLAY is not set)" if has_windows else "this OpenCV has no windows"
    windows = "windows" if has_windows and has_screen else f"{without}: webcam needs --headless"
    yield Check("video", "fit" if "FFMPEG" in videos else "note", f"{', '.join(videos) or 'no video'}; {windows}")


def _models() -> Iterator[Check]:
    from edge_runtime.recognition.model import DigitModel
    from edge_runtime.recognition.model_files import BUNDLED

    for name in BUNDLED:
        try:
            model = DigitModel(name)
            told = f"{model.size_bytes / 1e6:.2f} MB, sha256 {model.sha256[:_SHOWN_HASH]}… as in SHA256SUMS"
            yield Check(f"model {name}", "fit", told)
        except EdgeDigitsError as error:
            yield Check(f"model {name}", "unfit", str(error))


def _cameras() -> Iterator[Check]:
    cameras = find_cameras()
    if cameras is None:
        yield Check("cameras", "note", "this system does not list them; try edge-digits webcam 0")
    elif not cameras:
        yield Check("cameras", "note", "none found; streams, videos and pictures can be read")
    for camera in cameras or ():
        yield Check("camera", "fit" if camera.usable else "note", str(camera))


def _reading() -> Iterator[Check]:
    """The built-in picture, read by the package's own models whatever the environment says."""
    from edge_runtime.reader import DigitReader

    image, reader, times_ms = picture(), DigitReader("auto"), []
    for _ in range(_REPEATS + 1):
        start = time.perf_counter()
        readings = [reading for reading in reader.read(image) if reading.accepted]
        times_ms.append((time.perf_counter() - start) * 1e3)
    text = " ".join(reading.text for reading in readings)
    if text != NUMBER:
        yield Check("reading", "unfit", f"the built-in picture of {NUMBER} is read as {text!r}; reinstall edge-digits")
        return
    yield Check(
        "reading",
        "fit",
        f"{NUMBER} in a picture of 640x480: {percent(readings[0].confidence)} sure, {median(times_ms[1:]):.1f} ms "
        f"(the first time, with loading, {times_ms[0]:.0f} ms)",
    )


_LOOKS: Final[dict[str, Callable[[], Any]]] = {
    "architecture": _architecture,
    "processor": _processor,
    "versions": _versions,
    "cv2": _opencv,
    "models": _models,
    "cameras": _cameras,
    "reading": _reading,
}
