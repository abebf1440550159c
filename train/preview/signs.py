"""Pictures of printed numbers in colour on plates, signs and plain grounds, in plain and busy scenes.

They are no training data: ``python -m train signs`` draws a folder of them with ``labels.csv``, so that detection and
reader can be measured on coloured print, of which a photo collection seldom has enough.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from train.datasets.glyph_bank import load_glyphs
from train.synthesis.typesetting import glyph_line

from .samples import Frame, Sample, placed, write_pictures

STYLES: Final = ("serif", "sans", "mono", "condensed", "display", "stencil")
_SIZES: Final = ((480, 640), (600, 800), (768, 1024), (640, 480))
_LEAST_CONTRAST: Final = 45.0  # CIE76 difference of ink and plate in L*a*b*

Colour = NDArray[np.float32]  # blue, green, red, 0 to 255


def write_signs(folder: Path, count: int, seed: int = 0) -> None:
    """Draw ``count`` pictures as JPEG into ``folder``, with a ``labels.csv``."""
    drawn = (draw_sign(np.random.default_rng([seed, index])) for index in range(count))
    signs = (Sample(f"sign{index:03d}.jpg", label, image) for index, (image, label) in enumerate(drawn))
    write_pictures(folder, signs, quality=85)


def draw_sign(rng: np.random.Generator) -> tuple[NDArray[np.uint8], str]:
    """One picture, uint8 [H, W, 3] BGR, and the number in it."""
    height, width = _SIZES[int(rng.integers(len(_SIZES)))]
    plate, ink = _colours(rng)
    plain = rng.random() < 0.3  # nothing but the number
    frame = np.full((height, width, 3), plate, np.float32) if plain else _scene(height, width, rng)
    bank = load_glyphs()
    faces = np.concatenate([bank.faces_of(style) for style in STYLES])
    text = "".join(map(str, rng.integers(0, 10, int(rng.integers(1, 6)))))
    line = glyph_line(text, rng, bank, int(rng.choice(faces)))

    left, top, right, bottom = line.box
    tall = min(rng.uniform(0.1, 0.4) * height, 0.75 * width * (bottom - top) / (right - left))
    scale = tall / (bottom - top)
    half_width, half_height = scale * (right - left) / 2, tall / 2
    margin = tall * rng.uniform(0.2, 0.6)
    reach = np.array([half_width + margin, half_height + margin])
    slack = np.maximum(np.array([width, height]) / 2 - 1.1 * reach, 0)
    centre = np.array([width, height]) / 2 + rng.uniform(-1, 1, 2) * slack
    turn = float(np.clip(rng.normal(0, 6), -25, 25))
    if not plain:
        _plate(frame, centre, reach, turn, plate, ink, rng)
    alpha = placed(line, frame.shape, centre, tall, turn)
    frame = frame * (1 - alpha) + ink * alpha
    return _taken(frame, rng), text


def _colours(rng: np.random.Generator) -> tuple[Colour, Colour]:
    """A ground and an ink that a person tells apart with ease."""
    while True:
        pair = rng.uniform(0, 255, (2, 3)).astype(np.float32)
        for row in range(2):
            if rng.random() < 0.35:  # black, white, greys
                pair[row] = rng.choice([20, 40, 200, 235, 250])
        lab = cv2.cvtColor(pair[None] / 255, cv2.COLOR_BGR2LAB)[0]
        if np.linalg.norm(lab[0] - lab[1]) > _LEAST_CONTRAST:
            return pair[0], pair[1]


def _scene(height: int, width: int, rng: np.random.Generator) -> Frame:
    """A wall, a street, a shelf: areas of colour, edges, texture."""
    coarse = rng.uniform(40, 220, 3) + rng.normal(0, 25, (5, 7, 3))
    frame = cv2.resize(coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(int(rng.integers(0, 14))):
        centre = rng.uniform(0, 1, 2) * [width, height]
        corners = centre + rng.normal(0, rng.uniform(0.05, 0.25) * width, (int(rng.integers(3, 6)), 2))
        colour = rng.uniform(0, 255, 3).tolist()
        cv2.fillConvexPoly(frame, cv2.convexHull(corners.astype(np.int32)), colour, cv2.LINE_AA)
    for _ in range(int(rng.integers(0, 10))):
        start, stop = (rng.uniform(0, 1, (2, 2)) * [width, height]).astype(int).tolist()
        cv2.line(frame, start, stop, rng.uniform(0, 255, 3).tolist(), int(rng.integers(1, 9)), cv2.LINE_AA)
    if rng.random() < 0.5:
        grain = rng.normal(0, 1, (height, width, 1)).astype(np.float32)
        sigma = float(rng.uniform(0.6, 3))
        frame += cv2.GaussianBlur(grain, (0, 0), sigma)[..., None] * rng.uniform(5, 40) * sigma
    return cv2.GaussianBlur(frame, (0, 0), float(rng.uniform(0.5, 4)))


def _plate(
    frame: Frame,
    centre: NDArray[np.float64],
    reach: NDArray[np.float64],
    turn: float,
    colour: Colour,
    ink: Colour,
    rng: np.random.Generator,
) -> None:
    """A rectangle or a round sign under the number, often with a rim."""
    paint = colour.tolist()
    rim = ink.tolist() if rng.random() < 0.5 else rng.uniform(0, 255, 3).tolist()
    thick = max(int(reach.min() * rng.uniform(0.03, 0.12)), 1)
    if rng.random() < 0.3 and reach[0] < 1.6 * reach[1]:
        radius = int(np.hypot(*reach) * 0.95)
        place = tuple(int(value) for value in centre)
        cv2.circle(frame, place, radius, paint, -1, cv2.LINE_AA)
        if rng.random() < 0.6:
            cv2.circle(frame, place, radius, rim, thick, cv2.LINE_AA)
        return
    corners = cv2.boxPoints((centre.tolist(), (2 * reach).tolist(), -turn)).astype(np.int32)
    cv2.fillConvexPoly(frame, corners, paint, cv2.LINE_AA)
    if rng.random() < 0.6:
        cv2.polylines(frame, [corners], True, rim, thick, cv2.LINE_AA)


def _taken(frame: Frame, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Uneven light, a white balance that is a little off, a lens, a sensor."""
    height, width = frame.shape[:2]
    x, y = np.linspace(-1, 1, width)[None, :, None], np.linspace(-1, 1, height)[:, None, None]
    light = 1 + rng.normal(0, 0.12) * x + rng.normal(0, 0.12) * y
    balanced = frame * light * rng.uniform(0.85, 1.1, 3)
    soft = cv2.GaussianBlur(balanced.astype(np.float32), (0, 0), float(rng.uniform(0.5, 1.8)))
    return np.clip(soft + rng.normal(0, rng.uniform(1, 7), frame.shape), 0, 255).astype(np.uint8)
