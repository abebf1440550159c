"""Strips -> probabilities of the five slots. The only file that imports onnxruntime.

The session is opened on first use: making a ``DigitModel`` costs nothing, and it can be sent to another
process. A model that does not fit the contract is refused then, with both sides named.
"""

from __future__ import annotations

import hashlib
import os
import platform
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.errors import DependencyError, ImageError, ModelError, OptionError
from edge_runtime.core.machine import multiplies_bytes

from .contract import CLASSES, INPUT_NAME, OUTPUT_NAMES, SLOTS, STRIP_HEIGHT, STRIP_WIDTH, ModelSpec
from .decode import temper
from .model_files import BUNDLED, MODEL_FOLDER, check_contract, read_bundled, read_model

AUTO: Final = "auto"
CHUNK: Final = 64  # strips run at once, which bounds the memory of a call
MAX_THREADS: Final = 64

_OPENING = threading.Lock()  # sessions may run in parallel but not be created in parallel (onnxruntime #27089)

_ABANDONED: list[_Opened] = []  # a parent process's sessions: closing one would wait for threads that are not here

Provider = str | tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class _Opened:
    session: Any
    spec: ModelSpec
    sha256: str
    size_bytes: int
    process: int


class DigitModel:
    """A model of the contract; thread-safe, picklable (the other process opens its own session).

    model: ``"fp32"`` or ``"int8"`` from the package, ``"auto"`` (default) for the one of the two that is faster on this
        processor (int8 where it has dot products of bytes), ``"second-look"`` for the larger one that reads strips
        which the others are unsure of, or the path of an ``.onnx`` file; a ``SHA256SUMS`` beside it that has a line
        for it must agree.
    threads: processor threads of one run, default 1.
    providers: ONNX Runtime execution providers in order of preference, default the CPU.
    session_options: names with a dot are ONNX Runtime configuration entries, all others attributes of
        ``SessionOptions``; they override the defaults (sequential, no spinning, no memory arena, quiet).
    Where the first three are not given, the environment variables ``EDGE_DIGITS_MODEL``,
    ``EDGE_DIGITS_THREADS`` and ``EDGE_DIGITS_PROVIDERS`` (names joined by commas) are asked.

    Raises ``OptionError`` for ``threads`` out of range; on first use ``OptionError`` for a provider or session option
    that ONNX Runtime does not have, ``ModelError`` when the file is missing, altered or not of the contract, and
    ``DependencyError`` when ONNX Runtime is missing.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | None = None,
        *,
        threads: int | None = None,
        providers: Sequence[Provider] | None = None,
        session_options: Mapping[str, Any] | None = None,
    ) -> None:
        choice = os.fspath(model if model is not None else os.environ.get("EDGE_DIGITS_MODEL") or AUTO)
        if choice == AUTO:
            choice = "int8" if multiplies_bytes() else "fp32"
        self.bundled = choice in BUNDLED
        self.path = MODEL_FOLDER / BUNDLED[choice] if self.bundled else Path(choice).absolute()
        self.name = choice
        self.threads = _threads(threads)
        self.providers = _providers(providers)
        self.session_options = dict(session_options or {})
        self._opened: _Opened | None = None

    def __repr__(self) -> str:
        return f"DigitModel({self.name!r}, threads={self.threads}, providers={list(self.providers)})"

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the session."""
        return {**self.__dict__, "_opened": None}

    @property
    def spec(self) -> ModelSpec:
        """What the model file says of itself."""
        return self._open().spec

    @property
    def sha256(self) -> str:
        """Hash of the file's bytes, hexadecimal."""
        return self._open().sha256

    @property
    def size_bytes(self) -> int:
        """Size of the model file."""
        return self._open().size_bytes

    def probabilities(self, strips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Calibrated probabilities of the classes in each slot.

        strips: uint8 [N, 28, 140] or [N, 28, 140, 1], ink bright on a dark ground; N may be 0.
        Returns float32 [N, 5, 11], each slot summing to 1, after the temperature of the model's spec.
        Raises ``ImageError`` for another dtype or shape; floats are never converted.
        """
        strips = check_strips(strips)
        opened = self._open()
        result = np.empty((len(strips), SLOTS, CLASSES), np.float32)
        for start in range(0, len(strips), CHUNK):
            result[start : start + CHUNK] = self._run(opened.session, strips[start : start + CHUNK])
        return temper(result, opened.spec.temperature)

    def _run(self, session: Any, strips: NDArray[np.uint8]) -> NDArray[np.float32]:
        try:
            heads = session.run(OUTPUT_NAMES, {INPUT_NAME: strips})
        except Exception as error:  # ONNX Runtime's errors have no common root of their own
            raise ModelError(f"model {self.path}: cannot be run: {error}") from error
        expected = (len(strips), CLASSES)
        for name, head in zip(OUTPUT_NAMES, heads, strict=True):
            if head.shape != expected:
                raise ModelError(f"model {self.path}: {name} gave shape {head.shape}, expected {expected}")
        slots: NDArray[np.float32] = np.stack(heads, axis=1)
        # Quantised heads may miss 1 by a few hundredths; scores that are no probabilities miss it by far.
        if not (slots.min() >= 0 and np.abs(slots.sum(axis=2) - 1).max() < 0.1):
            raise ModelError(f"model {self.path}: the heads give no probabilities (not 0 to 1 with a sum of 1)")
        return slots

    def _open(self) -> _Opened:
        opened = self._opened
        if opened is None or opened.process != os.getpid():  # a session does not survive a fork
            with _OPENING:
                opened = self._opened
                if opened is None or opened.process != os.getpid():
                    if opened is not None:
                        _ABANDONED.append(opened)
                    opened = self._opened = self._load()
        return opened

    def _load(self) -> _Opened:
        data = read_bundled(self.path) if self.bundled else read_model(self.path)
        session = self._session(data)
        spec = check_contract(session, self.path)
        return _Opened(session, spec, hashlib.sha256(data).hexdigest(), len(data), os.getpid())

    def _session(self, data: bytes) -> Any:
        runtime = _import_onnxruntime()
        available = runtime.get_available_providers()
        for provider in self.providers:
            name = provider if isinstance(provider, str) else provider[0]
            if name not in available:
                raise OptionError(f"provider {name!r} is not in this onnxruntime; it has {', '.join(available)}")
        options = _options(runtime, self.threads, self.session_options)
        try:
            # Its fallback would try the same providers again, and print to stdout between our rows.
            return runtime.InferenceSession(data, options, providers=list(self.providers), enable_fallback=False)
        except Exception as error:  # ONNX Runtime's errors have no common root of their own
            remedy = "give auto, fp32, int8 or an .onnx file that python -m export wrote"
            raise ModelError(f"model {self.path}: ONNX Runtime cannot open it; {remedy} ({error})") from error


def check_strips(strips: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Strips as the network takes them, uint8 [N, 28, 140, 1]; raise ``ImageError`` for anything else."""
    if not isinstance(strips, np.ndarray) or strips.dtype != np.uint8:
        got = strips.dtype if isinstance(strips, np.ndarray) else type(strips).__name__
        raise ImageError(f"strips are {got}, expected a uint8 array (0 ground to 255 ink)")
    if strips.shape[1:] not in ((STRIP_HEIGHT, STRIP_WIDTH), (STRIP_HEIGHT, STRIP_WIDTH, 1)):
        raise ImageError(
            f"strips have shape {list(strips.shape)}, expected [N, {STRIP_HEIGHT}, {STRIP_WIDTH}] or "
            f"[N, {STRIP_HEIGHT}, {STRIP_WIDTH}, 1]"
        )
    return np.ascontiguousarray(strips).reshape(-1, STRIP_HEIGHT, STRIP_WIDTH, 1)


def _threads(threads: int | None) -> int:
    given = threads if threads is not None else os.environ.get("EDGE_DIGITS_THREADS") or 1
    try:
        count = int(given)
    except (TypeError, ValueError, OverflowError):
        count = 0
    if not 1 <= count <= MAX_THREADS or isinstance(given, (bool, float)):
        name = "threads" if threads is not None else "EDGE_DIGITS_THREADS"
        raise OptionError(f"{name} is {given!r}, expected a whole number from 1 to {MAX_THREADS}")
    return count


def _providers(providers: Sequence[Provider] | None) -> tuple[Provider, ...]:
    if isinstance(providers, str):
        providers = [providers]
    if providers is None:
        named = os.environ.get("EDGE_DIGITS_PROVIDERS", "").split(",")
        providers = [name.strip() for name in named if name.strip()]
    return tuple(providers) or ("CPUExecutionProvider",)


def _import_onnxruntime() -> Any:
    # Since 1.29 its official builds send usage data to their maker, and keep a device's number and a queue in the
    # user's cache, unless this is set before it is loaded. Who sets the variable to 0 has asked for it.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    try:
        import onnxruntime
    except Exception as error:  # a broken installation fails in many ways, not only with ImportError
        hint = ""
        if platform.machine().lower().startswith(("armv6", "armv7", "armv8l", "i686", "i386")):
            hint = f"; this system is 32-bit ({platform.machine()}), and onnxruntime needs a 64-bit one"
        raise DependencyError(f"onnxruntime cannot be loaded ({error}): pip install onnxruntime{hint}") from error
    return onnxruntime


def _options(runtime: Any, threads: int, overrides: Mapping[str, Any]) -> Any:
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = runtime.ExecutionMode.ORT_SEQUENTIAL
    options.enable_cpu_mem_arena = False  # the arena grows with every new batch size and never shrinks
    options.log_severity_level = 4  # fatal; what goes wrong is raised, and said once
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    for name, value in overrides.items():
        try:
            if "." in name:
                options.add_session_config_entry(name, str(value))
            elif hasattr(options, name):
                setattr(options, name, value)
            else:
                raise AttributeError("onnxruntime.SessionOptions has no such attribute")
        except Exception as error:  # pybind raises TypeError, RuntimeError or its own for a wrong value
            raise OptionError(f"session option {name}={value!r} is refused: {error}") from error
    return options
