"""How well a box that was found fits the one that was drawn."""

from __future__ import annotations

from edge_runtime.core.types import Quad


def iou(one: Quad, other: Quad) -> float:
    """Intersection over union, 0 to 1."""
    common = one.intersection(other)
    return common / (one.area + other.area - common)
