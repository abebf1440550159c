"""A line of ink -> a picture of it: paper, print, rulings, light, lens, sensor, JPEG; then the strip.

The strip is cut by the runtime's own ``edge_runtime.recognition.strip`` from a box that misses the ink by as much as
the runtime's detection does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.recognition.strip import make_strip

from .backgrounds import Box, behind_windows, field, light, mottle, rules, security_print
from .writing import InkLine

_DARK_ON_LIGHT: Final = np.array([-1.0], np.float32)
_LIGHT_ON_DARK: Final = np.array([1.0], np.float32)


@dataclass(frozen=True)
class Picture:
    """image: uint8 [H, W]; box: left, top, right, bottom of the ink, pixels; bright: ink brighter than ground."""

    image: NDArray[np.uint8]
    box: Box
    bright: bool


def photograph(
    line: InkLine, rng: np.random.Generator, *, clean: bool = False, windows: float = 0.04, framed: float = 0.03
) -> Picture:
    """Ink on a ground, lit, and taken by a camera or scanner.

    clean: an even ground and a good camera, as in a scan on white.
    windows, framed: probability of a window for each digit (a counter), of one window around all and of a frame
        (a display).
    """
    alpha, box = _at_camera_scale(line, rng)
    unit = box[3] - box[1]
    ground = np.full(alpha.shape, 1.0, np.float32)
    level, contrast = rng.uniform(90, 255), rng.uniform(0.3, 0.97)
    if rng.random() < 0.15:
        contrast *= 0.5
    if not clean:
        if rng.random() < 0.5:
            ground *= mottle(alpha.shape, rng)
        if rng.random() < 0.28:
            ground *= 1 - 0.65 * contrast * security_print(alpha.shape, unit, rng)
        if rng.random() < windows:
            ground, box = behind_windows(ground, alpha, box, rng, apart=True)
        elif rng.random() < framed:
            ground, box = behind_windows(ground, alpha, box, rng, apart=False)
        alpha = np.maximum(alpha, rules(alpha.shape, box, rng, framed))
    alpha = _uneven_ink(alpha, rng)
    image = level * ground * (1 - contrast * alpha)
    if not clean:
        image *= light(alpha.shape, rng)
    image = _lens(image, unit, rng)
    image += (
        rng.normal(0, 1, image.shape).astype(np.float32)
        * abs(rng.normal(0, 2.0 if clean else 4.0))
        * min(contrast * 2, 1)
    )
    bright = rng.random() < 0.12
    pixels = np.clip(255 - image if bright else image, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        quality = int(rng.integers(25, 92))
        encoded, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
        pixels = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8) if encoded else pixels
    return Picture(pixels, box, bright)


def _uneven_ink(alpha: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Now and then a pen that runs dry, and a pencil or a dry pen that shows the paper's grain."""
    if rng.random() < 0.15:  # or the pen was pressed less for some digits
        places = np.linspace(0, alpha.shape[1], int(rng.integers(3, 7)))
        strength = np.interp(np.arange(alpha.shape[1]), places, rng.uniform(0.35, 1, len(places)))
        alpha = alpha * strength.astype(np.float32)
    if rng.random() < 0.25:
        alpha = alpha * np.clip(1.1 - rng.uniform(0, 0.5) * rng.random(alpha.shape, np.float32), 0, 1)
    return alpha


def false_detection(rng: np.random.Generator) -> Picture:
    """What detection finds where there is no number: edges, wedges, blobs, shadows, texture.

    Bars run through the whole picture, and so beyond the box: one that ends inside it would be a 1.
    """
    height, width = int(rng.integers(30, 80)), int(rng.integers(40, 260))
    shape = (height, width)
    image = 128 + field(shape, int(rng.integers(2, 9)), rng) * rng.uniform(5, 90)
    x, y = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    for _ in range(int(rng.integers(0, 4))):
        angle, soft = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 12)
        reach = (x - rng.uniform(0, width)) * np.cos(angle) + (y - rng.uniform(0, height)) * np.sin(angle)
        step = np.clip(reach / soft, 0, 1)
        if rng.random() < 0.35:  # a bar instead of an edge
            step = step * (reach < soft + rng.uniform(1, 9))
        image = image + step * rng.normal(0, 70)
    spots = rng.random() < 0.2  # many small blobs: leaves, lamps, stars
    for _ in range(int(rng.integers(5, 25) if spots else rng.integers(0, 4))):
        blob = np.zeros(shape, np.float32)
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        axes = (int(rng.integers(1, 6)), int(rng.integers(1, 6))) if spots else tuple(map(int, rng.integers(3, 30, 2)))
        cv2.ellipse(blob, centre, axes, float(rng.uniform(0, 180)), 0, 360, 1.0, -1)
        image = image + cv2.GaussianBlur(blob, (0, 0), float(rng.uniform(0.5, 4))) * rng.normal(0, 60)
    if rng.random() < 0.5:
        grain = rng.normal(0, 1, shape).astype(np.float32)
        image = image + cv2.GaussianBlur(grain, (0, 0), float(rng.uniform(0.3, 2))) * rng.uniform(2, 60)
    image = _lens(image.astype(np.float32), 30, rng) + rng.normal(0, 2, shape)
    inset = rng.uniform(4, 9)
    box = (inset, inset, width - inset, height - inset)
    return Picture(np.clip(image, 0, 255).astype(np.uint8), box, bool(rng.random() < 0.5))


def cut_strip(picture: Picture, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The strip of a picture, from a box as detection gives it: off by a little, sometimes by more."""
    left, top, right, bottom = picture.box
    height = max(bottom - top, 2.0)
    error = rng.normal(0, 0.025, 4) * height
    if rng.random() < 0.22:
        error += rng.uniform(0, 0.25, 4) * height
    left, top, right, bottom = left - error[0], top - error[1], right + error[2], bottom + error[3]
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    turn = rng.normal(0, 0.03)
    centre = corners.mean(axis=0)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]], np.float32)
    corners = (corners - centre) @ matrix.T + centre
    return make_strip(picture.image, corners.astype(np.float32), _LIGHT_ON_DARK if picture.bright else _DARK_ON_LIGHT)


def _at_camera_scale(line: InkLine, rng: np.random.Generator) -> tuple[NDArray[np.float32], Box]:
    """The line as large as a camera sees it: a number 15 to 64 pixels high."""
    height = line.box[3] - line.box[1]
    scale = min(float(np.exp(rng.uniform(np.log(15), np.log(64)))) / max(height, 1), 1.6)
    size = (max(int(line.alpha.shape[1] * scale), 8), max(int(line.alpha.shape[0] * scale), 8))
    flag = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    alpha = cv2.resize(line.alpha, size, interpolation=flag)
    fx, fy = size[0] / line.alpha.shape[1], size[1] / line.alpha.shape[0]
    left, top, right, bottom = line.box
    return alpha, (left * fx, top * fy, right * fx, bottom * fy)


def _lens(image: NDArray[np.float32], unit: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Defocus, and now and then a shaken camera."""
    sigma = abs(rng.normal(0, 0.022)) * unit
    if sigma > 0.35:
        image = cv2.GaussianBlur(image, (0, 0), min(sigma, 6.0))
    if rng.random() < 0.06:
        length = max(int(unit * rng.uniform(0.04, 0.1)), 2)
        kernel = np.zeros((length, length), np.float32)
        angle = rng.uniform(0, np.pi)
        middle = (length - 1) / 2
        reach = np.array([np.cos(angle), np.sin(angle)]) * middle
        start, stop = np.round(middle - reach).astype(int), np.round(middle + reach).astype(int)
        cv2.line(kernel, start.tolist(), stop.tolist(), 1.0, 1)
        image = cv2.filter2D(image, -1, kernel / kernel.sum())
    return image
