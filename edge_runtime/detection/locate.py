"""A picture -> the lines of ink in it that may be numbers.

The picture is reduced to a working size; ink is sought in the plane that shows most of it (grey, or a colour plane
where colours differ more than greys do), dark and bright, with thin and with broad strokes; on demand also in the other
plane and on plates. Recall comes first: the network judges what a digit is. Readings of one place that exclude each
other share a ``group``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.geometry import reading_order
from edge_runtime.core.malloc import keep_freed_memory
from edge_runtime.core.opencv import cv2
from edge_runtime.detection.grouping.lines import InkLine, find_lines
from edge_runtime.detection.grouping.places import MIN_SCORE, Place, choose
from edge_runtime.detection.shapes.blobs import Blobs
from edge_runtime.detection.shapes.strokes import find_blobs

from .plates import find_plates
from .working import WorkingCopy

_THIN_KERNEL: Final = 33  # pixels of the working size; strokes narrower than this
_BROAD_KERNEL: Final = 31  # pixels of a fourth of the working size
_BROAD_SCALE: Final = 4
_BROAD_SIDE: Final = 64  # pixels; a lower plane has no digits whose strokes are broad
_BROAD_QUALITY: Final = 0.8  # broad strokes have clear edges at a fourth of the size; shadows have not
_BROAD_STEP: Final = 0.35  # of a broad stroke's contrast from pixel to pixel at its edge
_MAX_PLACES: Final = 64  # of one plane, polarity and scale
_DIRECTION_ROWS: Final = 48  # rows of a line that are looked at for its colours

keep_freed_memory()


@dataclass(frozen=True)
class Line:
    """One line of ink.

    corners: float32 [4, 2], x and y in the picture's pixels: top left, top right, bottom right, bottom left of
        the ink in reading direction; a rotated rectangle where the line is tilted.
    direction: float32 [channels], from the ground's colour to the ink's.
    spans: pieces of ink along the line, as shares 0 to 1 of its width, left to right.
    score: 0 to 1, how much it looks like a line of text.
    group: lines with the same number are readings of one place; one of them is meant.
    """

    corners: NDArray[np.float32]
    direction: NDArray[np.float32]
    spans: tuple[tuple[float, float], ...]
    score: float
    group: int = 0


def locate(image: NDArray[np.uint8] | WorkingCopy, max_lines: int = 16) -> list[Line]:
    """Lines of ink in a uint8 [H, W] or [H, W, 3] BGR picture, in reading order; at most ``max_lines``."""
    work = image if isinstance(image, WorkingCopy) else WorkingCopy(image)
    groups = choose(_places(work.planes[0]), work.pixels.shape[:2], max_lines, work.is_crop)
    lines = _lines_of(groups, work.pixels, work.scale)
    if work.is_crop and len(groups) > 1 and len(lines) < max_lines:
        lines.append(_whole(lines))
    return reading_order(lines, lambda line: line.corners)


def locate_more(image: NDArray[np.uint8] | WorkingCopy, max_lines: int = 16) -> list[Line]:
    """What ``locate`` may overlook, at the cost of as much time again: lines as that one's.

    Ink that shows in the other plane, and numbers on plates and signs.
    """
    work = image if isinstance(image, WorkingCopy) else WorkingCopy(image)
    lines: list[Line] = []
    for plane in work.planes[1:]:
        groups = choose(_places(plane), plane.shape, max_lines, work.is_crop)
        lines += _lines_of(groups, work.pixels, work.scale)
    for plate in find_plates(work.pixels):
        rows = slice(plate.top, plate.top + plate.plane.shape[0])
        columns = slice(plate.left, plate.left + plate.plane.shape[1])
        groups = choose(_places(plate.plane), plate.plane.shape, max_lines - len(lines))
        first = 1 + max((line.group for line in lines), default=-1)
        lines += _lines_of(groups, work.pixels[rows, columns], work.scale, first, (plate.left, plate.top))
    return lines


def _lines_of(
    groups: list[list[Place]],
    work: NDArray[np.uint8],
    scale: NDArray[np.float32],
    first_group: int = 0,
    origin: tuple[int, int] = (0, 0),
) -> list[Line]:
    """Places in (a part of) the working copy -> lines in the picture's pixels."""
    lines = []
    for group, alternatives in enumerate(groups, start=first_group):
        for place in alternatives:
            direction = _direction(work, place, place.lines[0])
            for line in place.lines:
                corners = (line.corners * np.float32(place.scale) + np.array(origin, np.float32)) / scale
                lines.append(Line(corners.astype(np.float32), direction, line.spans, line.score, group))
    return lines


def _whole(lines: list[Line]) -> Line:
    """All lines of a crop in one box, as an alternative of the best: a crop mostly holds one number."""
    best = max(lines, key=lambda line: line.score)
    corners = np.concatenate([line.corners for line in lines])
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    box = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    return replace(best, corners=box, spans=((0.0, 1.0),), score=best.score / 2)


def _places(plane: NDArray[np.uint8]) -> list[Place]:
    """Candidates of a plane: lines of thin strokes, and of broad ones at a fourth of the size."""
    found = [place for blobs in find_blobs(plane, _THIN_KERNEL) for place in _places_of(blobs, plane.shape, 1)]
    if min(plane.shape) < _BROAD_SIDE:
        return found
    size = (plane.shape[1] // _BROAD_SCALE, plane.shape[0] // _BROAD_SCALE)
    small = cv2.resize(plane[: size[1] * _BROAD_SCALE, : size[0] * _BROAD_SCALE], size, interpolation=cv2.INTER_AREA)
    for blobs in find_blobs(small, _BROAD_KERNEL, _BROAD_STEP, 0.5 * _THIN_KERNEL / _BROAD_SCALE, _BROAD_QUALITY):
        found += _places_of(blobs, small.shape, _BROAD_SCALE)
    return found


def _places_of(blobs: Blobs, shape: tuple[int, int], scale: float) -> list[Place]:
    lines = find_lines(blobs, shape)[:_MAX_PLACES]
    return [Place(alternatives, blobs, scale) for alternatives in lines if alternatives[0].score >= MIN_SCORE]


def _direction(work: NDArray[np.uint8], place: Place, line: InkLine) -> NDArray[np.float32]:
    """Mean colour of the ink minus mean colour of the ground around it."""
    factor = round(place.scale)
    boxes = place.blobs.boxes[line.members]
    margin = max(int(0.08 * line.height), 2)
    low = np.maximum(boxes[:, :2].min(axis=0) - margin, 0)
    high = (boxes[:, :2] + boxes[:, 2:]).max(axis=0) + margin
    step = max(int(line.height) // _DIRECTION_ROWS, 1)
    mask = place.blobs.mask(line.members, (low[0], low[1], high[0], high[1]), step)
    ink = mask.view(np.uint8) * np.uint8(255)
    region = work[low[1] * factor :: step * factor, low[0] * factor :: step * factor]
    region = np.ascontiguousarray(region[: ink.shape[0], : ink.shape[1]])
    ground = cv2.bitwise_not(cv2.dilate(ink, np.ones((3, 3), np.uint8)))
    channels = 1 if work.ndim == 2 else work.shape[2]
    difference = np.array(cv2.mean(region, ink)[:channels]) - np.array(cv2.mean(region, ground)[:channels])
    return difference.astype(np.float32)
