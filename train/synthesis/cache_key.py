"""Which code draws the strips: pools drawn by other code must not be mistaken for these."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

_SYNTHESIS: Final = Path(__file__).parent
_DATASETS: Final = _SYNTHESIS.parent / "datasets"
_RUNTIME: Final = _SYNTHESIS.parents[1] / "edge_runtime"
_NOTEBOOK: Final = (_DATASETS / "mnist.py", _SYNTHESIS / "strips.py")
_DRAWN_BY: Final = ("wild", "writing", "typesetting", "camera", "backgrounds", "detector_crop")
_WILD: Final = (
    *_NOTEBOOK,
    *(_SYNTHESIS / f"{name}.py" for name in _DRAWN_BY),
    *(_DATASETS / f"{name}.py" for name in ("tablet", "pen", "glyph_bank")),
    *(_SYNTHESIS.parent / "data" / f"{name}.npz" for name in ("glyphs", "pen_digits")),
    _RUNTIME / "recognition" / "strip.py",
    _RUNTIME / "core" / "geometry.py",
    _RUNTIME / "core" / "types.py",
    *sorted((_RUNTIME / "detection").rglob("*.py")),  # cuts a part of the strips
)


def drawing_code_hash(recipe: str) -> str:
    """SHA-256 over the files that decide a recipe's pixels."""
    digest = hashlib.sha256()
    for path in _WILD if recipe == "wild" else _NOTEBOOK:
        digest.update(path.read_bytes())
    return digest.hexdigest()
