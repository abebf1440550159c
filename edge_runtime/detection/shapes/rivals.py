"""Ink of one polarity against that of the other: holes of digits, gaps between strokes, digits on plates."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.opencv import cv2

from .blobs import MIN_DRAWN, PLATE_FILL, Blobs

_MAX_ENCLOSED: Final = 0.75  # of a blob's outline that runs along ink of the other polarity
_MAX_GAP_SHARE: Final = 0.3
_MUCH_WORSE: Final = 0.1  # by which an opening's outline is less of an edge than its stroke's, unlike a plate's
_PLATE_STROKE: Final = 1.25  # times the width of its digits' strokes that a plate measures; a slashed zero is as thin
_REACH: Final = np.ones((7, 7), np.uint8)  # pixels; outlines of ink and of its holes lie nearer to each other


def true_ink(dark: Blobs, bright: Blobs) -> tuple[Blobs, Blobs]:
    """Drop holes of digits and gaps between strokes, which look like ink of the other polarity.

    Holes run along other ink for nearly all of their outline, gaps for much of it; that ink's own outline is at
    least as true an edge.
    """
    if len(dark) == 0 or len(bright) == 0:
        return dark, bright
    window = _window(dark, bright)
    by_bright = _touching(dark, bright, window)
    if not by_bright.any():
        return dark, bright
    by_dark = _touching(bright, dark, window)
    on_bright, bright_plates = _on_plates(by_bright, dark, bright)
    on_dark, dark_plates = _on_plates(by_dark, bright, dark)
    keep_dark = (on_bright | ~_holes(by_bright, dark, bright, by_dark.sum(axis=1))) & ~dark_plates
    keep_bright = (on_dark | ~_holes(by_dark, bright, dark, by_bright.sum(axis=1))) & ~bright_plates
    gaps_dark = _gaps(by_bright * keep_bright, dark.quality, bright.quality)
    gaps_bright = _gaps(by_dark * keep_dark, bright.quality, dark.quality)
    return dark.take(np.flatnonzero(keep_dark & ~gaps_dark)), bright.take(np.flatnonzero(keep_bright & ~gaps_bright))


def _holes(
    touching: NDArray[np.float64], blobs: Blobs, rivals: Blobs, rival_share: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Blobs with ink of the other polarity all around; of two that surround each other, the more surrounded.

    Thin strokes run along their own holes everywhere; what holds the ink around it in its box is no hole.
    """
    share = touching.sum(axis=1)
    scale = np.maximum(share, 1e-6)
    rival_quality = touching @ rivals.quality / scale
    surrounded_rival = touching @ rival_share / scale
    worse = (blobs.quality < rival_quality - 0.05) | (
        (blobs.quality < rival_quality + 0.03) & (share > surrounded_rival)
    )
    return (share > _MAX_ENCLOSED) & worse & ~_holds(blobs.boxes, rivals.boxes[touching.argmax(axis=1)])


def _holds(boxes: NDArray[np.int32], others: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether each box has the other one of its row inside."""
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    return np.asarray(((others[:, :2] > low) & (others[:, :2] + others[:, 2:] < high)).all(axis=1))


def _on_plates(
    touching: NDArray[np.float64], blobs: Blobs, rivals: Blobs
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which blobs are digits on a narrow plate, and which rivals are such plates.

    A plate is full and taller than what is on it; one digit at least is no round patch as holes are, and the others
    are about as tall.
    """
    main = touching.argmax(axis=1)
    height = blobs.boxes[:, 3]
    surrounded = touching.max(axis=1) > _MAX_ENCLOSED
    on_plate = surrounded & (rivals.fill[main] > PLATE_FILL) & (rivals.boxes[main, 3] > 1.2 * height)
    drawn = on_plate & (blobs.windings > MIN_DRAWN) & (blobs.quality > rivals.quality[main] - _MUCH_WORSE)
    drawn &= rivals.stroke[main] > _PLATE_STROKE * blobs.stroke
    tallest = np.zeros(len(rivals))
    np.maximum.at(tallest, main[drawn], height[drawn])
    return on_plate & (height > 0.6 * tallest[main]) & (tallest[main] > 0), tallest > 0


def _gaps(
    touching: NDArray[np.float64], quality: NDArray[np.float32], rival_quality: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Blobs with other ink along much of their outline which is the truer edge."""
    share = touching.sum(axis=1)
    return (share > _MAX_GAP_SHARE) & (quality < touching @ rival_quality / np.maximum(share, 1e-6) - 0.1)


def _window(dark: Blobs, bright: Blobs) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The corner x, y of the box around all blobs, and its width and height."""
    boxes = np.concatenate([dark.boxes, bright.boxes])
    low = boxes[:, :2].min(axis=0)
    return low, (boxes[:, :2] + boxes[:, 2:]).max(axis=0) - low


def _touching(blobs: Blobs, other: Blobs, window: tuple[NDArray[np.int32], NDArray[np.int32]]) -> NDArray[np.float64]:
    """Share of each blob's outline that runs along each blob of the other polarity, [n, n of the other]."""
    corner, (width, height) = window
    near = np.zeros((height, width), np.uint16)
    columns, rows = (other.rim - corner).T
    near[rows, columns] = np.repeat(np.arange(1, len(other) + 1), np.diff(other.starts))
    near = cv2.dilate(near, _REACH)
    columns, rows = (blobs.rim - corner).T
    neighbour = near[rows, columns].astype(np.int64)
    owner = np.repeat(np.arange(len(blobs)), np.diff(blobs.starts))
    cells = len(other) + 1
    table = np.bincount(owner * cells + neighbour, minlength=len(blobs) * cells).reshape(len(blobs), cells)
    return table[:, 1:] / np.maximum(table.sum(axis=1, keepdims=True), 1)
