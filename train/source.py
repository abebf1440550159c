"""Which code draws the strips: pools drawn by other code must not be mistaken for these."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent
_RUNTIME: Final = _HERE.parent / "edge_runtime"
_INK: Final = ("glyphs", "strokes", "rivals", "blobs", "ink")
_LOCATOR: Final = ("locate", "working", "places", "lines", "tilts", "order", *_INK)  # cuts a part of the strips
_NOTEBOOK: Final = (_HERE / "digits.py", _HERE / "strips.py")
_DRAWN_BY: Final = ("wild", "lines", "scene", "grounds", "found", "pen", "trajectories", "thin", "glyphs")
_WILD: Final = (
    *_NOTEBOOK,
    *(_HERE / f"{name}.py" for name in _DRAWN_BY),
    _HERE / "data" / "glyphs.npz",
    _HERE / "data" / "pen_digits.npz",
    *(_RUNTIME / f"{name}.py" for name in ("strip", *_LOCATOR)),
)


def drawing_code_hash(recipe: str) -> str:
    """SHA-256 over the files that decide a recipe's pixels."""
    digest = hashlib.sha256()
    for path in _WILD if recipe == "wild" else _NOTEBOOK:
        digest.update(path.read_bytes())
    return digest.hexdigest()
