"""Model files: where those of the package lie, and reading them safely.

A file is read once into memory and checked there; the session is opened from the same bytes, so that
nothing can change between the check and the use.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from edge_runtime.core.errors import ModelError

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
        expected = _expected(sums, path.name, "mend the file or take it away")
        if expected is not None:
            _compare(data, path, expected, "take the file anew from where it was made, or bring its line up to date")
    return data


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
