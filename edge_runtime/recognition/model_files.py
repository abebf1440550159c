"""Model files: where those of the package lie, reading them safely, and whether they fit the contract.

A file is read once into memory and checked there; the session is opened from the same bytes, so that
nothing can change between the check and the use.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from edge_runtime.core.errors import ModelError

from .contract import (
    BATCH_SYMBOL,
    CLASSES,
    INPUT_NAME,
    METADATA_KEY,
    OUTPUT_NAMES,
    STRIP_HEIGHT,
    STRIP_WIDTH,
    ModelSpec,
)

MODEL_FOLDER: Final = Path(__file__).parents[1] / "models"
SECOND_LOOK: Final = "second-look"
BUNDLED: Final = {"fp32": "digits-fp32.onnx", "int8": "digits-int8.onnx", SECOND_LOOK: "second-look-int8.onnx"}
SUMS_FILE: Final = "SHA256SUMS"
MODEL_MAX_BYTES: Final = 64 * 1024 * 1024
_REINSTALL: Final = "reinstall edge-digits"
_SUMS_MAX_BYTES: Final = 1024 * 1024


def read_bundled(path: Path) -> bytes:
    """A model of the package, compared with its line in ``SHA256SUMS``, which must be there."""
    data = _read(path, _REINSTALL)
    _compare(data, path, _expected(path.with_name(SUMS_FILE), path.name, _REINSTALL), _REINSTALL)
    return data


def read_model(path: Path) -> bytes:
    """A model file of the user, not larger than ``MODEL_MAX_BYTES``; raises ``ModelError``.

    Where a file ``SHA256SUMS`` beside it has a line for it, as ``python -m export`` writes one, they must agree.
    """
    data = _read(path, 'give "auto", "fp32", "int8" or the path of an .onnx file')
    sums = path.with_name(SUMS_FILE)
    if sums.is_file():
        expected = _expected(sums, path.name, "repair or remove the file")
        if expected is not None:
            _compare(data, path, expected, "copy the file again, or update its line")
    return data


def check_contract(session: Any, path: Path) -> ModelSpec:
    """Compare names, types, shapes and metadata with the contract; raise ``ModelError`` naming both sides."""
    from .strip import STRIP_VERSION  # needs NumPy, and info --check must tell where it cannot be loaded

    expected = {INPUT_NAME: ("tensor(uint8)", [BATCH_SYMBOL, STRIP_HEIGHT, STRIP_WIDTH, 1])}
    expected |= {name: ("tensor(float)", [BATCH_SYMBOL, CLASSES]) for name in OUTPUT_NAMES}
    got = {}
    for tensor in (*session.get_inputs(), *session.get_outputs()):
        free_first = [BATCH_SYMBOL if not isinstance(size, int) else size for size in tensor.shape[:1]]
        got[tensor.name] = (tensor.type, free_first + list(tensor.shape[1:]))
    inputs = [tensor.name for tensor in session.get_inputs()]
    if inputs != [INPUT_NAME] or got != expected:
        raise ModelError(f"model {path}: has {_show(got)}, the contract wants {_show(expected)}")
    try:
        document = session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
    except UnicodeDecodeError as error:
        raise ModelError(f"model {path}: its metadata is no text ({error}); export it with python -m export") from error
    if document is None:
        raise ModelError(f"model {path}: no {METADATA_KEY!r} in its metadata; export it with python -m export")
    try:
        spec = ModelSpec.from_json(document)
    except ModelError as error:
        raise ModelError(f"model {path}: {error}") from error
    if spec.strip_version != STRIP_VERSION:
        raise ModelError(
            f"model {path}: trained on strip version {spec.strip_version}, "
            f"this runtime makes version {STRIP_VERSION}; train and export it anew"
        )
    return spec


def _expected(sums: Path, name: str, remedy: str) -> str | None:
    """The hash of a file as ``SHA256SUMS`` has it (the format of the command sha256sum); ``None`` without a line."""
    try:
        with sums.open("rb") as file:
            text = file.read(_SUMS_MAX_BYTES).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{sums}: cannot be read ({error}); {remedy}") from error
    lines = [line.split(maxsplit=1) for line in text.splitlines()]
    return {words[1].lstrip("*"): words[0].lower() for words in lines if len(words) == 2}.get(name)


def _compare(data: bytes, path: Path, expected: str | None, remedy: str) -> None:
    sha256 = hashlib.sha256(data).hexdigest()
    if expected != sha256:
        raise ModelError(f"model {path}: sha256 is {sha256}, {SUMS_FILE} has {expected}; {remedy}")


def _read(path: Path, remedy: str) -> bytes:
    if not path.is_file():
        raise ModelError(f"model {path}: no such file; {remedy}")
    try:
        with path.open("rb") as file:
            data = file.read(MODEL_MAX_BYTES + 1)
    except OSError as error:
        raise ModelError(f"model {path}: cannot be read ({error.strerror}); {remedy}") from error
    if len(data) > MODEL_MAX_BYTES:
        raise ModelError(f"model {path}: larger than {MODEL_MAX_BYTES} bytes, this is no model of the contract")
    return data


def _show(tensors: Mapping[str, tuple[str, list[Any]]]) -> str:
    return ", ".join(f"{name} {kind}{shape}" for name, (kind, shape) in sorted(tensors.items()))
