"""Writing the exported files: all of them or none, and each under its name only when it is whole."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from edge_runtime.recognition.model import DigitModel
from edge_runtime.recognition.model_files import BUNDLED, MODEL_FOLDER, SUMS_FILE

from .graph import sha256

PACKAGE_FOLDER: Final = MODEL_FOLDER


def bundled(models: Mapping[str, bytes]) -> dict[str, bytes]:
    """Those of the files that the package carries."""
    return {name: content for name, content in models.items() if name in BUNDLED.values()}


def write(folder: Path, models: Mapping[str, bytes], card_file: str, card: str) -> None:
    """Write models, hashes and model card into a folder, which is made where it is missing.

    Other models of the package that lie there keep their files and hashes.
    The models are first opened by the runtime, which refuses what does not fit the contract with
    ``ModelError``; then nothing in the folder has changed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    beside = {path.name: path.read_bytes() for path in folder.glob("*.onnx") if path.name in BUNDLED.values()}
    contents = {**models, card_file: card.encode(), SUMS_FILE: checksums({**beside, **models}).encode()}
    drafts = {name: folder / f".{name}.{os.getpid()}.part" for name in contents}
    try:
        for name, content in contents.items():
            drafts[name].write_bytes(content)
        for name in models:
            _ = DigitModel(drafts[name]).spec
        for name, draft in drafts.items():
            os.replace(draft, folder / name)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


def checksums(models: Mapping[str, bytes]) -> str:
    """The lines that ``sha256sum --check`` reads."""
    return "".join(f"{sha256(content)}  {name}\n" for name, content in sorted(models.items()))
