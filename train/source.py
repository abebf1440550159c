"""Which code draws the strips: pools drawn by other code must not be mistaken for these."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent
_STRIP: Final = _HERE.parent / "edge_runtime" / "strip.py"
_NOTEBOOK: Final = (_HERE / "digits.py", _HERE / "strips.py")
_WILD: Final = (
    *_NOTEBOOK,
    *(_HERE / f"{name}.py" for name in ("wild", "lines", "scene", "grounds", "found", "pen", "trajectories", "thin")),
    _HERE / "data" / "glyphs.npz",
    _HERE / "data" / "pen_digits.npz",
    _STRIP,
)


def drawing_code_hash(recipe: str) -> str:
    """SHA-256 over the files that decide a recipe's pixels."""
    digest = hashlib.sha256()
    for path in _WILD if recipe == "wild" else _NOTEBOOK:
        digest.update(path.read_bytes())
    return digest.hexdigest()
