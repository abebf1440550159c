"""A picture -> its characters, large and small: searched whole at a small size, and larger where that is needed.

A detector sees characters of some heights best. The first pass costs little and finds what is large. If it finds
nothing, or something small, a finer pass follows over the tiles concerned, and so on until all is large enough.
Characters of several passes are merged by non-maximum suppression over place and height.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.opencv import cv2

from .contract import SIDE_MULTIPLE, Maps
from .peaks import Characters, find_peaks, pairs_within

Detect = Callable[[NDArray[np.uint8]], Maps]
"""The detector: a picture uint8 [H, W] or [H, W, 3], sides multiples of 32, to its maps."""


@dataclass(frozen=True)
class ScaleRules:
    """At which sizes a picture is searched. Lengths in pixels of the detector's picture."""

    coarse: int = 256  # long side of the first pass
    fine: int = 512  # long side up to which a picture is searched in which nothing was found yet, or its own if larger
    small: float = 16.0  # characters below this height call for a finer pass
    wanted: float = 24.0  # height to which they are brought
    tile: int = 640  # largest side of the parts in which a pass takes a picture
    overlap: int = 96  # of two tiles, so that each character is whole in one
    largest: float = 3.0  # a picture is enlarged at most so much
    tiles: int = 64  # at most so many are searched
    threshold: float = 0.3  # least score of a character
    same_place: float = 0.4  # of the smaller height: two nearer ones of like height are one
    inside: float = 0.55  # of the larger height: what is nearer than that and much smaller is a stroke of it


RULES = ScaleRules()


@dataclass(frozen=True)
class Found:
    """The characters of a picture, in its pixels; limited: parts of it were not searched at the size they need."""

    characters: Characters
    limited: bool = False


def find_characters(picture: NDArray[np.uint8], detect: Detect, rules: ScaleRules = RULES) -> Found:
    """All characters of a picture uint8 [H, W] grey or [H, W, 3] BGR."""
    scale = min(rules.coarse / max(picture.shape[:2]), rules.largest)
    found = at_scale(picture, detect, scale, rules.threshold)
    passes, tiles = [found], 0
    while (finer := _finer(found, scale, picture.shape[:2], rules)) is not None:
        places = _tiles(found, scale, finer, picture.shape[:2], rules)
        allowed = places[: max(rules.tiles - tiles, 0)]
        parts = [_in_tile(picture, detect, place, finer, rules) for place in allowed]
        if not parts:
            break
        found, scale, tiles = Characters.joined(parts), finer, tiles + len(places)
        passes.append(found)
    return Found(merge(passes, rules), tiles > rules.tiles)


def at_scale(picture: NDArray[np.uint8], detect: Detect, scale: float, threshold: float) -> Characters:
    """The characters seen in the picture ``scale`` times as large, in the picture's own pixels."""
    sized = picture
    if scale != 1:
        size = (max(round(picture.shape[1] * scale), 1), max(round(picture.shape[0] * scale), 1))
        sized = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    height, width = sized.shape[:2]
    below, right = -height % SIDE_MULTIPLE, -width % SIDE_MULTIPLE
    if below or right:
        sized = cv2.copyMakeBorder(sized, 0, below, 0, right, cv2.BORDER_REPLICATE)
    characters = find_peaks(detect(sized), threshold)
    inside = np.flatnonzero((characters.centres < (width, height)).all(axis=1))
    return characters.take(inside).moved((picture.shape[1] / width, picture.shape[0] / height))  # sizes are rounded


def merge(passes: list[Characters], rules: ScaleRules = RULES) -> Characters:
    """Each character once: where several passes saw one, or one saw strokes of another, the surer stays."""
    if len(passes) == 1:
        return passes[0]
    found = Characters.joined(passes)
    found = found.take(np.argsort(-found.scores, kind="stable"))
    heights = found.heights
    i, j = pairs_within(found.centres[:, 0], np.full(len(found), heights.max(initial=0) * rules.inside, np.float32))
    distances = np.hypot(*(found.centres[i] - found.centres[j]).T)
    smaller, larger = np.minimum(heights[i], heights[j]), np.maximum(heights[i], heights[j])
    alike = larger < 2 * smaller
    narrow = np.minimum(rules.same_place * smaller, 0.6 * np.maximum(found.widths[i], found.widths[j]))
    same = np.where(alike, distances < narrow, distances < rules.inside * larger)
    kept = np.ones(len(found), bool)
    for weaker, stronger in sorted(zip(np.maximum(i, j)[same].tolist(), np.minimum(i, j)[same].tolist(), strict=True)):
        if kept[stronger]:
            kept[weaker] = False
    return found.take(kept)


def _finer(found: Characters, scale: float, size: tuple[int, ...], rules: ScaleRules) -> float | None:
    """The scale of the next pass, None where none is needed."""
    small = found.heights[found.heights * scale < rules.small]
    if len(small):
        finer = min(rules.wanted / float(np.quantile(small, 0.1)), 4 * scale, rules.largest)
    elif len(found) == 0:
        finest = min(max(rules.fine / max(size), 1.0), rules.largest)
        finer = finest if finest < 3 * scale else 2 * scale
    else:
        return None
    return finer if finer > 1.2 * scale else None


def _tiles(
    found: Characters, scale: float, finer: float, size: tuple[int, ...], rules: ScaleRules
) -> list[tuple[int, int]]:
    """Upper left corners (x, y) of the tiles that hold small characters; of all tiles where nothing was found."""
    step = (rules.tile - rules.overlap) / finer
    counts = [max(int(np.ceil(length / step - rules.overlap / finer / step)), 1) for length in size[1::-1]]
    if len(found):
        small = found.centres[found.heights * scale < rules.small]
        nth = np.clip((small - rules.overlap / finer / 2) // step, 0, np.subtract(counts, 1)).astype(int)
        nth = np.unique(nth[:, ::-1], axis=0)[:, ::-1]
    else:
        nth = np.array([(x, y) for y in range(counts[1]) for x in range(counts[0])])
    return [(int(x * step), int(y * step)) for x, y in nth.tolist()]


def _in_tile(
    picture: NDArray[np.uint8], detect: Detect, place: tuple[int, int], scale: float, rules: ScaleRules
) -> Characters:
    (x, y), side = place, int(rules.tile / scale)
    part = np.ascontiguousarray(picture[y : y + side, x : x + side])
    return at_scale(part, detect, scale, rules.threshold).moved((1, 1), place)
