"""First weights from another network; a wider network begins where a narrower one of the same kind stands.

The idea of Net2Net (Chen, Goodfellow and Shlens, ICLR 2016), by another way: the new channels start with random
weights of their own and do not reach the old ones, so that the wide network answers as the narrow one does until it
is trained.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    ours, theirs = model.get_weights(), narrower.get_weights()
    if len(ours) != len(theirs):
        raise ValueError(f"{len(theirs)} arrays of weights instead of {len(ours)}")
    blocks = _glimpses_in(model)
    model.set_weights([_placed(new, old, blocks) for new, old in zip(ours, theirs, strict=True)])


def _placed(
    new: NDArray[np.float32], old: NDArray[np.float32], blocks: tuple[int, Sequence[int]]
) -> NDArray[np.float32]:
    """``old`` in the first channels of ``new``; nothing leads from the other inputs to the old outputs."""
    if new.shape == old.shape:
        return old
    if new.ndim == 2 and new.shape == tuple(blocks[1]):  # its inputs are several glimpses, one after another
        looks = blocks[0]
        return _placed(_split(new, looks), _split(old, looks), blocks).reshape(new.shape)
    if new.ndim != old.ndim or any(wide < narrow for wide, narrow in zip(new.shape, old.shape, strict=True)):
        raise ValueError(f"weights of shape {old.shape} do not fit into {new.shape}")
    placed = new.copy()
    outputs = old.shape[-1]
    if new.ndim > 1:
        if new.shape[:-2] != old.shape[:-2]:
            raise ValueError(f"weights of shape {old.shape} do not fit into {new.shape}")
        inputs = old.shape[-2]
        placed[..., inputs:, :outputs] = 0
        placed[..., :inputs, :outputs] = old
    else:
        placed[:outputs] = old
    return placed


def _glimpses_in(model: keras.Model) -> tuple[int, Sequence[int]]:
    """How many glimpses each head of the edge network takes, and the shape of the kernel that they go into."""
    names = {layer.name for layer in model.layers}
    if not {"hidden", "attention"} <= names:
        return 1, ()
    kernel = model.get_layer("hidden").kernel.shape
    features = [layer.filters for layer in model.layers if isinstance(layer, keras.layers.Conv2D)][-2]
    return kernel[0] // features, tuple(kernel)


def _split(kernel: NDArray[np.float32], looks: int) -> NDArray[np.float32]:
    return kernel.reshape(looks, -1, kernel.shape[-1])
