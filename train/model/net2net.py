"""First weights from another network; a wider network begins where a narrower one of the same kind stands.

The idea of Net2Net (Chen, Goodfellow and Shlens, ICLR 2016), by another way: the new channels start with random
weights of their own and do not reach the old ones, so that the wide network answers as the narrow one does until it
is trained.
"""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from train.core.errors import RunError

from . import network, shipped


def start_from(model: keras.Model, source: str) -> None:
    """Set the first weights: the shipped ones (``shipped``), or a run folder's, of as many channels or fewer.

    Raises ``RunError`` where they are missing or do not fit.
    """
    try:
        take_weights(model, shipped.shipped_network() if source == shipped.NAME else network.load(Path(source)))
    except ValueError as error:
        raise RunError(
            f"{source}: its weights do not fit the {model.name} network; start from another run ({error})"
        ) from None


def take_weights(model: keras.Model, narrower: keras.Model) -> None:
    """Put the weights of ``narrower`` into ``model``, which may have more channels and then computes the same.

    Raises ``ValueError`` where a layer has fewer channels, or the networks are of different kinds.
    """
    for ours, theirs in zip(model.layers, narrower.layers, strict=True):
        looks = network.EDGE_LOOKS if ours.name == "hidden" else 1  # its inputs are glimpses, one after another
        pairs = zip(ours.get_weights(), theirs.get_weights(), strict=True)
        ours.set_weights([_placed(new, old, looks) for new, old in pairs])


def _placed(new: NDArray[np.float32], old: NDArray[np.float32], looks: int) -> NDArray[np.float32]:
    """``old`` in the first channels of ``new``; nothing leads from the other inputs to the old outputs."""
    fits = new.ndim == old.ndim and new.shape[:-2] == old.shape[:-2]
    if not fits or any(wide < narrow for wide, narrow in zip(new.shape, old.shape, strict=True)):
        raise ValueError(f"weights of shape {old.shape} do not fit into {new.shape}")
    placed = new.copy()
    outputs = old.shape[-1]
    if new.ndim == 1:
        placed[:outputs] = old
        return placed
    blocks = looks * int(np.prod(new.shape[:-2]))  # in each the channels of the inputs follow one another
    wide, narrow = placed.reshape(blocks, -1, new.shape[-1]), old.reshape(blocks, -1, outputs)
    wide[:, :, :outputs] = 0
    wide[:, : narrow.shape[1], :outputs] = narrow
    return placed
