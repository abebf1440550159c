"""Does an opened model fit the contract? Names, types, shapes and metadata, with both sides named where not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edge_runtime.core.errors import ModelError
from edge_runtime.core.opencv import cv2 as _cv2  # noqa: F401  strip.py needs OpenCV; where it is missing, say so clearly

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
from .strip import STRIP_VERSION


def check_contract(session: Any, path: Path) -> ModelSpec:
    """Compare names, types, shapes and metadata with the contract; raise ``ModelError`` naming both sides."""
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


def _show(tensors: Mapping[str, tuple[str, list[Any]]]) -> str:
    return ", ".join(f"{name} {kind}{shape}" for name, (kind, shape) in sorted(tensors.items()))
