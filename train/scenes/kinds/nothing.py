"""Pictures without a character: photographs, surfaces, lines, rings, tiles, doodles, dice, lamps."""

from __future__ import annotations

import cv2
import numpy as np

from train.scenes.canvas.drawing import Drawing
from train.scenes.canvas.wish import Wish
from train.scenes.grounds.colours import colour, pair, paper, pen_ink
from train.scenes.grounds.photos import photo
from train.scenes.grounds.textures import gradient, material
from train.scenes.letters.chance import between, happens


def photograph(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Of anything."""
    return Drawing(photo((wish.tall, wish.width), rng))


def bare(rng: np.random.Generator, wish: Wish) -> Drawing:
    """A sheet, a wall, a front without anything."""
    shape = (wish.tall, wish.width)
    if happens(rng, 0.2):
        return Drawing(gradient(shape, colour(rng), colour(rng), rng))
    return Drawing(material(shape, paper(rng) if happens(rng, 0.5) else colour(rng, 20, 255), rng))


def shapes(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Lines, boxes, rings, crosses, bars and blobs as large as characters are; rings alone may look like zeros.

    What could pass for a digit (an upright bar, a ring) is ignored, the rest teaches.
    """
    drawing = bare(rng, wish)
    size = min(wish.height, min(wish.width, wish.tall) / 3)
    for _ in range(int(between(rng, 3, 25))):
        shade = colour(rng).tolist()
        centre = (rng.uniform(0, 1, 2) * [wish.width, wish.tall]).astype(int).tolist()
        reach = (size * between(rng, 0.3, 3), size * between(rng, 0.1, 2))
        thick = max(int(size * between(rng, 0.02, 0.2)), 1)
        kind = rng.random()
        if kind < 0.35:
            stop = (np.array(centre) + rng.normal(0, 1, 2) * size * between(rng, 0.5, 8)).astype(int).tolist()
            cv2.line(drawing.pixels, centre, stop, shade, thick, cv2.LINE_AA)
        elif kind < 0.7:
            box = cv2.boxPoints((centre, reach, 0.0 if happens(rng, 0.7) else rng.uniform(0, 90))).astype(np.int32)
            if happens(rng, 0.4):
                cv2.fillConvexPoly(drawing.pixels, box, shade, cv2.LINE_AA)
            else:
                cv2.polylines(drawing.pixels, [box], True, shade, thick, cv2.LINE_AA)
        elif kind < 0.85:
            axes = (max(int(reach[0]), 1), max(int(reach[0] * rng.uniform(0.9, 1.1)), 1))
            cv2.ellipse(drawing.pixels, centre, axes, 0, 0, 360, shade, -1 if happens(rng, 0.5) else thick, cv2.LINE_AA)
        else:
            points = (np.array(centre) + rng.normal(0, 1, (int(rng.integers(3, 8)), 2)) * size).astype(np.int32)
            cv2.fillPoly(drawing.pixels, [points], shade, cv2.LINE_AA)
    return drawing


def doodle(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Curls, hatching and strokes of a pen that are no character."""
    ground = paper(rng)
    drawing = Drawing(material((wish.tall, wish.width), ground, rng))
    ink = pen_ink(rng, ground).tolist()
    thick = max(int(wish.height * between(rng, 0.02, 0.12)), 1)
    for _ in range(int(rng.integers(1, 6))):
        steps = rng.normal(0, 1, (int(rng.integers(6, 40)), 2)) * wish.height * rng.uniform(0.2, 1.0)
        points = np.cumsum(steps, axis=0) * 0.5 + rng.uniform(0, 1, 2) * [wish.width, wish.tall]
        along = np.linspace(0, len(points) - 1, len(points) * 8)
        smooth = np.stack([np.interp(along, np.arange(len(points)), points[:, axis]) for axis in (0, 1)], axis=1)
        smooth = cv2.blur(smooth.astype(np.float32), (1, 9), borderType=cv2.BORDER_REPLICATE)
        cv2.polylines(drawing.pixels, [smooth.astype(np.int32)], False, ink, thick, cv2.LINE_AA)
    return drawing


def dice(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Dice, dominoes and lamps: round dots in order."""
    ground, ink = pair(rng)
    drawing = Drawing(
        photo((wish.tall, wish.width), rng)
        if happens(rng, 0.5)
        else material((wish.tall, wish.width), colour(rng), rng)
    )
    side = min(wish.height * 1.5, wish.width * 0.8, wish.tall * 0.8)
    spots = ((0.25, 0.25), (0.75, 0.75), (0.25, 0.75), (0.75, 0.25), (0.5, 0.5), (0.25, 0.5), (0.75, 0.5))
    for _ in range(int(rng.integers(1, 4))):
        matrix = cv2.getRotationMatrix2D((side / 2, side / 2), rng.uniform(0, 360), 1.0)
        matrix[:, 2] += rng.uniform(-0.1, 0.9, 2) * [wish.width - side / 2, wish.tall - side / 2]
        corners = np.array([[[0, 0]], [[side, 0]], [[side, side]], [[0, side]]], np.float64)
        cv2.fillConvexPoly(
            drawing.pixels, cv2.transform(corners, matrix).astype(np.int32), ground.tolist(), cv2.LINE_AA
        )
        for index in rng.permutation(7)[: int(rng.integers(1, 7))]:
            place = cv2.transform(np.array([[np.array(spots[index]) * side]]), matrix)[0, 0].astype(int).tolist()
            cv2.circle(drawing.pixels, place, max(int(side * 0.09), 1), ink.tolist(), -1, cv2.LINE_AA)
    return drawing


def tiles(rng: np.random.Generator, wish: Wish) -> Drawing:
    """Bricks, keys, windows, screens: boxes in order, without writing."""
    drawing = bare(rng, wish)
    wide, tall = wish.height * between(rng, 0.6, 3), wish.height * between(rng, 0.6, 2)
    gap = max(int(min(wide, tall) * rng.uniform(0.02, 0.4)), 1)
    shade, rim = colour(rng), colour(rng)
    offset = rng.uniform(0, 1) if happens(rng, 0.4) else 0.0
    filled, thick = happens(rng, 0.6), max(int(gap * 0.4), 1)
    if happens(rng, 0.12):  # a chessboard
        side = max(int(tall), 2)
        board = (np.indices((wish.tall, wish.width)) // side).sum(axis=0) % 2
        return Drawing(np.where(board[..., None] > 0, shade, rim).astype(np.uint8))
    for row, y in enumerate(np.arange(rng.uniform(-tall, 0), wish.tall, tall + gap)):
        for x in np.arange(-wide + (row % 2) * offset * wide, wish.width, wide + gap):
            corners = (int(x), int(y)), (int(x + wide), int(y + tall))
            if filled:
                cv2.rectangle(drawing.pixels, *corners, np.clip(shade * rng.uniform(0.85, 1.15), 0, 255).tolist(), -1)
            else:
                cv2.rectangle(drawing.pixels, *corners, rim.tolist(), thick)
    return drawing
