"""Whole pictures to train a detector of characters on.

In: a seed. Out: ``Scene``, pixels with the box, kind and follower of every character.
"""

from .letters.characters import KINDS
from .scene import Scene, scene, scenes

__all__ = ["KINDS", "Scene", "scene", "scenes"]
