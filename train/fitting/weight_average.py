"""The mean of the weights of two runs of one lineage: often better than either, at no cost when reading.

Averaging along a trajectory that a high learning rate explores finds flatter minima (Izmailov et al., UAI 2018);
the statistics of the batch norms are averaged with the weights.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from train.core.errors import RunError
from train.core.run_folder import MODEL_FILE, begin, read_config
from train.model.network import load


def average(run: Path, other: Path, out: Path, share: float) -> Path:
    """Write a run folder ``out`` whose weights are ``run``'s with ``share`` (0 to 1) of ``other``'s mixed in.

    It is described as a further stage after ``run``. Raises ``RunError`` where a run is missing, the networks
    differ, or ``out`` holds a run.
    """
    if not 0 < share < 1:
        raise RunError(f"share is {share}, expected more than 0 and less than 1")
    config = read_config(run)
    model, second = load(run), load(other)
    shapes = [[weights.shape for weights in part.get_weights()] for part in (model, second)]
    if shapes[0] != shapes[1]:
        raise RunError(f"{run} and {other} hold networks of different shapes; average runs of one network")
    kept = {key: config.get(key) for key in ("network", "recipe", "seed", "mnist")}
    stage = {**kept, "start_from": str(run), "averaged_with": str(other), "share": share}
    begin(out, stage, resume=False)
    pairs = zip(model.get_weights(), second.get_weights(), strict=True)
    model.set_weights([np.asarray(mine * (1 - share) + theirs * share, mine.dtype) for mine, theirs in pairs])
    model.save(out / MODEL_FILE)
    return out
