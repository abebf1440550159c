"""A picture -> its characters, large and small: searched whole at a small size, and again larger where that is needed.

A detector sees characters of some heights best. A coarse pass costs little and finds what is large; if it finds
nothing, or something small, a finer pass follows, and for small print tiles at a size in which it can be read.
Characters of several passes are merged by non-maximum suppression over place and logarithm of height.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    """At which sizes a picture is searched. All lengths in pixels of the detector's picture."""

    coarse: int = 256  # long side of the first pass
    fine: int = 512  # of the second
    small: float = 16.0  # characters below this height call for a finer pass
    tile: int = 512  # side of the tiles of small print
    overlap: int = 96  # of two tiles, so that each character is whole in one
    wanted: float = 24.0  # height to which small print is brought
    largest: float = 3.0  # a picture is enlarged at most so much
    tiles: int = 48  # at most so many are searched
    threshold: float = 0.3  # least score of a character
    same_place: float = 0.4  # of the smaller height: two nearer ones are one, whatever their heights
    inside: float = 0.55  # of the larger height: one nearer than that is a stroke of it


RULES = ScaleRules()


@dataclass(frozen=True)
class Found:
    """The characters of a picture, in its pixels; limited: parts of it were not searched at the size they need."""

    characters: Characters
    limited: bool = False


def find_characters(picture: NDArray[np.uint8], detect: Detect, rules: ScaleRules = RULES) -> Found:
    """All characters of a picture uint8 [H, W] grey or [H, W, 3] BGR."""
    long_side = max(picture.shape[:2])
    scale = min(rules.coarse / long_side, rules.largest)
    passes = [at_scale(picture, detect, scale, rules.threshold)]
    limited = False
    if _needs_finer(passes[0], scale, rules):
        finer = min(rules.fine / long_side, rules.largest)
        if finer > 1.2 * scale:
            passes.append(at_scale(picture, detect, finer, rules.threshold))
            if len(passes[-1]) and _needs_finer(passes[-1], finer, rules):
                tiled, limited = _in_tiles(picture, detect, passes[-1], finer, rules)
                passes += tiled
    return Found(merge(passes, rules), limited)


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
    return characters.take(inside).moved(1 / scale)


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


def _needs_finer(found: Characters, scale: float, rules: ScaleRules) -> bool:
    return len(found) == 0 or bool((found.heights * scale < rules.small).any())


def _in_tiles(
    picture: NDArray[np.uint8], detect: Detect, found: Characters, scale: float, rules: ScaleRules
) -> tuple[list[Characters], bool]:
    """The passes over the tiles that hold small characters, and whether some were left out."""
    small = found.take(np.flatnonzero(found.heights * scale < rules.small))
    finer = min(rules.wanted / float(np.quantile(small.heights, 0.1)), rules.largest)
    if finer <= 1.2 * scale:
        return [], False
    side, step = rules.tile / finer, (rules.tile - rules.overlap) / finer
    places = [
        (x, y)
        for x, y in _corners_of_tiles(picture.shape[:2], side, step)
        if ((small.centres >= (x, y)) & (small.centres < (x + side, y + side))).all(axis=1).any()
    ]
    passes = []
    for x, y in places[: rules.tiles]:
        part = picture[int(y) : int(y + side) + 1, int(x) : int(x + side) + 1]
        passes.append(at_scale(np.ascontiguousarray(part), detect, finer, rules.threshold).moved(1, (int(x), int(y))))
    return passes, len(places) > rules.tiles


def _corners_of_tiles(size: tuple[int, int], side: float, step: float) -> Iterator[tuple[float, float]]:
    """Upper left corners of tiles that cover a picture of ``size`` (height, width)."""
    for y in np.arange(0, max(size[0] - (side - step), 1), step):
        for x in np.arange(0, max(size[1] - (side - step), 1), step):
            yield float(x), float(y)
