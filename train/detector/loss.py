"""How far a network's answers are from the maps that were drawn; written for any Keras backend."""

from __future__ import annotations

from typing import Any, Final

from keras import ops

from edge_runtime.detection.characters.contract import KINDS, MAP_CHANNELS

from .targets import HEAT_WEIGHT, SHAPE_WEIGHT

WEIGHTS: Final = {"kinds": 1.0, "height": 1.0, "width": 0.5, "direction": 1.0, "offset": 1.0, "link": 0.5}


def loss_of(targets: Any, answers: Any) -> Any:
    """The weighted sum over the maps: targets [B, h, w, 25], answers [B, h, w, 23], a scalar."""
    return sum(WEIGHTS[name] * part for name, part in loss_parts(targets, answers).items())


def loss_parts(targets: Any, answers: Any) -> dict[str, Any]:
    """The loss by map: for each centre the focal loss of CenterNet, and around centres the mean of all else.

    Direction, height, width and offset by L1, the link by cross-entropy.
    """
    heat, raw = targets[..., : len(KINDS)], answers[..., : len(KINDS)]
    probability = ops.sigmoid(raw)
    doubt = ops.softplus(raw)  # -log(1 - probability); -log(probability) is as much less as the log-odds
    is_centre = ops.cast(heat >= 1, raw.dtype)
    found = is_centre * ops.square(1 - probability) * (doubt - raw)
    false = (1 - is_centre) * ops.square(ops.square(1 - heat)) * ops.square(probability) * doubt
    taught = targets[..., HEAT_WEIGHT : HEAT_WEIGHT + 1]
    centres = ops.maximum(ops.sum(is_centre * taught), 1.0)
    parts = {"kinds": ops.sum((found + false) * taught) / centres}
    weight = targets[..., SHAPE_WEIGHT : SHAPE_WEIGHT + 1]
    total = ops.maximum(ops.sum(weight), 1.0)
    start = len(KINDS)
    for name, channels in MAP_CHANNELS.items():
        if name == "kinds":
            continue
        wanted, given = targets[..., start : start + channels], answers[..., start : start + channels]
        error = ops.softplus(given) - wanted * given if name == "link" else ops.abs(wanted - given)
        parts[name] = ops.sum(error * weight) / total
        start += channels
    return parts
