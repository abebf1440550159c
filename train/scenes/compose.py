"""How things make a picture: alone and close, several in a scene, a picture of several, a picture with a margin."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from .canvas.bend import arched, rolled
from .canvas.camera import photographed, scanned
from .canvas.drawing import Drawing, settled
from .canvas.wish import Wish
from .grounds.colours import colour
from .grounds.photos import photo
from .grounds.textures import material
from .kinds.table import TABLE, pick_kind
from .letters.chance import between, happens, pick

_LOWEST: Final = 7.5  # pixels of a digit
_BENT: Final = 0.2  # share of tilted pictures of things that are not flat
_FILLED: Final = 0.45  # share of close pictures that the number fills
_SMALL_SCENE: Final = 90  # pixels; parts of a mosaic are not smaller

Size = tuple[int, int]


def composed(rng: np.random.Generator, size: Size, kind: str | None = None) -> Drawing:
    """One picture of (height, width); its kind, or any."""
    chance = rng.random()
    if kind is None and chance < 0.16 and min(size) >= 2 * _SMALL_SCENE:
        return _mosaic(rng, size)
    if chance < 0.24 and min(size) >= 1.5 * _SMALL_SCENE:
        return _with_margin(rng, size, kind)
    name = kind or pick_kind(rng)
    if not TABLE[name].whole and chance > 0.68:
        return _several(rng, size, name)
    return _close(rng, size, name)


def _height(rng: np.random.Generator, size: Size) -> float:
    """Pixels of a digit: often as large as fits, else from as small as can be read on, evenly by logarithm."""
    filled = _FILLED if max(size) < 1.3 * min(size) else 2 * _FILLED  # strips are cut close
    return 0.9 * min(size) if happens(rng, filled) else between(rng, _LOWEST, 0.9 * min(size))


def _taken(drawing: Drawing, rng: np.random.Generator, screen: bool) -> Drawing:
    """The picture of it."""
    boxes = drawing.characters.boxes
    smallest = float(boxes[:, 2].min()) if len(boxes) else 30.0
    take = scanned if screen or happens(rng, 0.1) else photographed
    drawing.pixels = np.ascontiguousarray(take(drawing.pixels, rng, smallest))
    return drawing


def _close(rng: np.random.Generator, size: Size, name: str) -> Drawing:
    """One thing whose ground fills the picture, straight or turned."""
    kind = TABLE[name]
    tall, wide = size
    turn = _turn(rng)
    if kind.empty or (turn == 0 and happens(rng, 0.6)):
        return _taken(kind.draw(rng, Wish(_height(rng, size), wide, tall)), rng, kind.screen)
    spread = abs(np.cos(turn)) + abs(np.sin(turn))
    if kind.whole:
        wish = Wish(_height(rng, size), int(wide * spread), int(tall * spread))
    else:  # what is read stays inside however the picture is turned
        margin = (spread - 1 / spread) / 2
        wish = Wish(
            _height(rng, size), int(wide / spread), int(tall / spread), around=(int(wide * margin), int(tall * margin))
        )
    drawn = kind.draw(rng, wish)
    if not kind.screen and happens(rng, _BENT):
        drawn = pick(rng, (arched, rolled))(drawn, rng)
    picture = Drawing(np.empty((tall, wide, 3), np.uint8))
    picture.warp_in(drawn, _view(rng, drawn, size, turn), cv2.BORDER_REPLICATE)
    return _taken(picture, rng, kind.screen)


def _turn(rng: np.random.Generator) -> float:
    """Radians: mostly upright, a share turned a little, a share anyhow."""
    chance = rng.random()
    if chance < 0.5:
        return 0.0
    if chance < 0.85:
        return float(rng.normal(0, 0.14))
    if chance < 0.92:
        return float(rng.integers(1, 4) * np.pi / 2 + rng.normal(0, 0.04))
    return float(rng.uniform(0, 2 * np.pi))


def _view(rng: np.random.Generator, drawn: Drawing, size: Size, turn: float, scale: float = 1.0) -> NDArray[np.float64]:
    """The homography [3, 3] that turns a drawing about its middle, tilts it and brings it to the picture's middle."""
    cos, sin = np.cos(turn) * scale, np.sin(turn) * scale
    to_origin = np.array([[1, 0, -drawn.width / 2], [0, 1, -drawn.height / 2], [0, 0, 1]])
    rotate = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    tilt = np.eye(3)
    if happens(rng, 0.6):
        tilt[2, :2] = rng.normal(0, 0.12, 2) / max(drawn.width, drawn.height)
        tilt[0, 1] = rng.normal(0, 0.05)
    to_middle = np.array([[1, 0, size[1] / 2], [0, 1, size[0] / 2], [0, 0, 1]])
    return to_middle @ tilt @ rotate @ to_origin


def _several(rng: np.random.Generator, size: Size, first: str) -> Drawing:
    """Things in a scene, none over another."""
    tall, wide = size
    ground = photo(size, rng) if happens(rng, 0.75) else material(size, colour(rng, 20, 250), rng)
    picture = Drawing(ground)
    height = between(rng, 1.3 * _LOWEST, 0.5 * min(size))
    taken: list[NDArray[np.float64]] = []
    for index in range(1 + int(rng.geometric(0.55)) if happens(rng, 0.6) else 1):
        name = first if index == 0 or happens(rng, 0.4) else pick_kind(rng, things=True)
        wish = Wish(height * between(rng, 0.7, 1.5) if index else height, int(wide * 0.9), int(tall * 0.9), fill=False)
        thing = TABLE[name].draw(rng, wish)
        _place(rng, picture, thing, taken)
    return _taken(picture, rng, False)


def _place(rng: np.random.Generator, picture: Drawing, thing: Drawing, taken: list[NDArray[np.float64]]) -> None:
    """Find a free place for a thing, and lay it there with a soft shadow now and then."""
    size = (picture.height, picture.width)
    turn = _turn(rng)
    for _ in range(6):
        matrix = _view(rng, thing, size, turn)
        shift = rng.uniform(-0.5, 0.5, 2) * np.maximum(
            np.array([picture.width - thing.width, picture.height - thing.height]), 0
        )
        matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]], [0, 0, 1]]) @ matrix
        corners = np.array([[[0, 0], [thing.width, 0], [thing.width, thing.height], [0, thing.height]]], np.float64)
        reach = cv2.perspectiveTransform(corners, matrix)[0]
        box = np.concatenate([reach.min(axis=0), reach.max(axis=0)])
        if all(box[0] > other[2] or other[0] > box[2] or box[1] > other[3] or other[1] > box[3] for other in taken):
            taken.append(box)
            if happens(rng, 0.3):
                _shadow(rng, picture, reach)
            picture.warp_in(thing, matrix)
            return


def _shadow(rng: np.random.Generator, picture: Drawing, corners: NDArray[np.float64]) -> None:
    """What a thing throws on the ground around it."""
    mask = np.zeros((picture.height // 4, picture.width // 4), np.uint8)
    step = rng.normal(0, 0.03, 2) * picture.width
    cv2.fillConvexPoly(mask, ((corners + step) / 4).astype(np.int32), int(rng.uniform(60, 200)))
    mask = cv2.resize(cv2.GaussianBlur(mask, (0, 0), between(rng, 0.5, 3)), (picture.width, picture.height))
    picture.stain(mask, 0, 0, np.zeros(3, np.float32))


def _mosaic(rng: np.random.Generator, size: Size) -> Drawing:
    """Two to four pictures side by side, each with its own light and camera."""
    tall, wide = size
    rows = [0, int(tall * rng.uniform(0.3, 0.7)), tall] if happens(rng, 0.8) else [0, tall]
    columns = [0, int(wide * rng.uniform(0.3, 0.7)), wide] if happens(rng, 0.2) or len(rows) == 2 else [0, wide]
    picture = Drawing(np.empty((tall, wide, 3), np.uint8))
    for top, bottom in pairwise(rows):
        for left, right in pairwise(columns):
            part = _close(rng, (bottom - top, right - left), pick_kind(rng))
            picture.paste(_bounded(part), left, top)
    return picture


def _with_margin(rng: np.random.Generator, size: Size, kind: str | None) -> Drawing:
    """A wide or tall picture, the rest of the square empty, as a small picture is filled up to the network's size."""
    tall, wide = size
    if happens(rng, 0.7):
        part = (int(tall * rng.uniform(0.25, 0.8)), wide)
    else:
        part = (tall, int(wide * rng.uniform(0.35, 0.8)))
    drawn = _close(rng, part, kind or pick_kind(rng))
    shade = np.full(3, pick(rng, (0.0, 114.0, 128.0, 255.0, rng.uniform(0, 255))), np.float32)
    picture = Drawing(np.empty((tall, wide, 3), np.uint8))
    picture.pixels[:] = shade.astype(np.uint8)
    picture.paste(_bounded(drawn), 0, 0)
    return picture


def _bounded(part: Drawing) -> Drawing:
    """A part whose cut characters are ignored already, since its border will no longer be the picture's."""
    characters, mask = settled(part)
    polygons = []
    if mask.any():
        found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for contour in found:
            x, y, wide, tall = cv2.boundingRect(contour)
            polygons.append(np.array([[[x, y], [x + wide, y], [x + wide, y + tall], [x, y + tall]]], np.float32))
    return Drawing(part.pixels, [characters], polygons)
