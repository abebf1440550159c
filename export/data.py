"""The strips that the export measures with; each set is drawn by a fixed seed, and no seed serves twice."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.errors import ModelError
from train.datasets.mnist import Split
from train.synthesis.strips import RECIPES, make_strips, test_strips

PARITY_COUNT: Final = 2000
PARITY_SEED: Final = 41_001
CALIBRATION_COUNT: Final = 1000
CALIBRATION_SEED: Final = 41_002
SELECTION_COUNT: Final = 4000
SELECTION_SEED: Final = 41_003


@dataclass(frozen=True)
class StripSet:
    """Strips uint8 [N, 28, 140] with their classes uint8 [N, 5] (10 = blank), and where they came from."""

    origin: str
    strips: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.strips)

    def sha256(self) -> str:
        """Of pixels and labels together; two exports with the same digest measured on the same strips."""
        digest = hashlib.sha256(np.ascontiguousarray(self.strips).tobytes())
        digest.update(np.ascontiguousarray(self.labels, np.uint8).tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class ExportStrips:
    """What one export needs. Only ``calibration`` comes from training digits, and only ``test`` from test digits."""

    parity: StripSet
    calibration: StripSet
    selection: StripSet
    test: StripSet


def draw(recipe: str) -> ExportStrips:
    """The sets for a network trained with ``recipe``; the same strips at every call.

    ``test`` are the frozen test strips that every network is compared on, whatever it was trained with;
    ``selection`` has strips of their recipe too.
    Raises ``ModelError`` where the recipe is unknown.
    """
    if recipe not in RECIPES:
        raise ModelError(f"run was trained with recipe {recipe!r}, expected one of {', '.join(RECIPES)}")
    strips, labels = test_strips()
    return ExportStrips(
        parity=_make(recipe, "validation", PARITY_COUNT, PARITY_SEED),
        calibration=_make(recipe, "train", CALIBRATION_COUNT, CALIBRATION_SEED),
        selection=_joined(
            [_make(kind, "validation", SELECTION_COUNT, SELECTION_SEED) for kind in sorted({recipe, "notebook"})]
        ),
        test=StripSet(f"{len(strips)} frozen test strips, notebook recipe", strips, labels),
    )


def _make(recipe: str, split: Split, count: int, seed: int) -> StripSet:
    strips, labels = make_strips(recipe, split, count, seed)
    return StripSet(f"{count} {split} strips, {recipe} recipe, seed {seed}", strips, labels)


def _joined(sets: list[StripSet]) -> StripSet:
    return StripSet(
        "; ".join(part.origin for part in sets),
        np.concatenate([part.strips for part in sets]),
        np.concatenate([part.labels for part in sets]),
    )
