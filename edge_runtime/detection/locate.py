"""A picture -> the lines of ink in it that may be numbers.

The picture is reduced to a working size; ink is sought in the plane that shows most of it (grey, or a colour plane
where colours differ more than greys do), dark and bright, with thin and with broad strokes; on demand also in the other
plane and on plates. Recall comes first: the network judges what a digit is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.geometry import reading_order
from edge_runtime.core.opencv import cv2
from edge_runtime.core.types import Alternatives, Line, Quad
from edge_runtime.detection.grouping.lines import InkLine, find_lines
from edge_runtime.detection.grouping.places import MIN_SCORE, Place, choose
from edge_runtime.detection.shapes.blobs import Blobs
from edge_runtime.detection.shapes.strokes import find_blobs

from .plates import find_plates
from .working import WorkingCopy

MAX_LINES: Final = 64  # of a picture, or of one plane, polarity and scale: a page of numbers; fewer save no time
_THIN_KERNEL: Final = 33  # pixels of the working size; strokes narrower than this
_BROAD_KERNEL: Final = 31  # pixels of a fourth of the working size
_BROAD_SCALE: Final = 4
_BROAD_SIDE: Final = 64  # pixels; a lower plane has no digits whose strokes are broad
_BROAD_QUALITY: Final = 0.8  # broad strokes have clear edges at a fourth of the size; shadows have not
_BROAD_STEP: Final = 0.35  # of a broad stroke's contrast from pixel to pixel at its edge
_DIRECTION_ROWS: Final = 48  # rows of a line that are looked at for its colours


def locate(image: NDArray[np.uint8] | WorkingCopy, max_lines: int = MAX_LINES) -> list[Alternatives]:
    """Places with ink in a uint8 [H, W] or [H, W, 3] BGR picture, in reading order.

    max_lines: at most so many, alternatives included.
    """
    work = image if isinstance(image, WorkingCopy) else WorkingCopy(image)
    places = choose(_places(work.planes[0]), work.pixels.shape[:2], max_lines, work.is_crop)
    found = [_lines_of(place, work.pixels, work.scale) for place in places]
    if work.is_crop and len(found) > 1 and _count(found) < max_lines:
        _offer_whole(found)
    inner = [Alternatives(tuple(reading_order(lines, lambda line: line.box))) for lines in found]
    return reading_order(inner, lambda place: place.lines[0].box)


def locate_more(image: NDArray[np.uint8] | WorkingCopy, max_lines: int = MAX_LINES) -> list[Alternatives]:
    """What ``locate`` may overlook, at the cost of as much time again, as that one gives it.

    Ink that shows in the other plane, and numbers on plates and signs.
    """
    work = image if isinstance(image, WorkingCopy) else WorkingCopy(image)
    found: list[list[Line]] = []
    for plane in work.planes[1:]:
        places = choose(_places(plane), plane.shape, max_lines, work.is_crop)
        found += [_lines_of(place, work.pixels, work.scale) for place in places]
    for plate in find_plates(work.pixels):
        rows = slice(plate.top, plate.top + plate.plane.shape[0])
        columns = slice(plate.left, plate.left + plate.plane.shape[1])
        places = choose(_places(plate.plane), plate.plane.shape, max_lines - _count(found))
        found += [_lines_of(place, work.pixels[rows, columns], work.scale, (plate.left, plate.top)) for place in places]
    return [Alternatives(tuple(lines)) for lines in found]


def _lines_of(
    alternatives: Sequence[Place],
    work: NDArray[np.uint8],
    scale: NDArray[np.float32],
    origin: tuple[int, int] = (0, 0),
) -> list[Line]:
    """One place of (a part of) the working copy -> its lines in the picture's pixels."""
    lines = []
    for place in alternatives:
        direction = _direction(work, place, place.lines[0])
        for line in place.lines:
            corners = (line.corners * np.float32(place.scale) + np.array(origin, np.float32)) / scale
            lines.append(Line(Quad.of(corners.astype(np.float32)), direction, line.spans, line.score))
    return lines


def _count(places: Sequence[Sequence[Line]]) -> int:
    return sum(len(lines) for lines in places)


def _offer_whole(places: Sequence[list[Line]]) -> None:
    """All lines of a crop in one box become an alternative of the best line: a crop mostly holds one number."""
    place = max(places, key=lambda lines: max(line.score for line in lines))
    best = max(place, key=lambda line: line.score)
    left, top, right, bottom = zip(*(line.box.bounds for lines in places for line in lines), strict=True)
    box = Quad.upright(min(left), min(top), max(right), max(bottom))
    place.append(Line(box, best.direction, ((0.0, 1.0),), best.score / 2))


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
    lines = find_lines(blobs, shape)[:MAX_LINES]
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
