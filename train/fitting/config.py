"""What is asked of a training run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

NOTEBOOK: Final[dict[str, Any]] = {
    "pool": 54_000,
    "strips": 450_000,
    "evaluate_every": 27_000,
    "validation": 1_200,
    "learning_rate": 1e-3,
}
"""Defaults for the notebook's recipe: four passes over the training digits (about 13,700 strips each), shown some
eight times. The notebook itself drew one pass: ``--pool 13500``."""


@dataclass(frozen=True)
class FitConfig:
    """Everything that decides a run.

    strips: how many strips are shown in all; pool: how many different ones are drawn;
    minutes: a limit on training time, 0 for none. The learning rate falls along a cosine to a hundredth of
    ``learning_rate`` over whichever of the two ends first.
    mnist, glyphs: digits in place of the repository's, a bank of further typefaces.
    start_from: a run folder whose best weights are the first ones here, to carry on with another recipe, or
    ``shipped``, the weights that the package ships.
    crops, crops_share: a folder of labelled crops, and how much of each batch is of them, 0 to 1.
    """

    network: str
    recipe: str
    seed: int = 1
    strips: int = 16_000_000
    pool: int = 1_500_000
    minutes: float = 0.0
    batch: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    ema: float = 0.985  # of the averaged weights, per update
    evaluate_every: int = 200_000  # strips between two evaluations
    validation: int = 8_000
    workers: int = 2
    mnist: str | None = None
    start_from: str | None = None
    glyphs: str | None = None
    crops: str | None = None
    crops_share: float | None = None

    def smoke(self) -> FitConfig:
        """A toy of the same shape that trains in well under a minute."""
        return replace(self, strips=6_000, pool=2_000, batch=64, evaluate_every=3_000, validation=500, workers=1)
