"""A line of ink -> a picture of it: paper, print, rulings, light, lens, sensor, JPEG; then the strip.

The strip is cut by the runtime's own ``edge_runtime.strip`` from a box that misses the ink by as much as the
runtime's locator does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.strip import make_strip

from .lines import InkLine

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, pixels."""

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
    windows, framed: probability of a window for each digit (a counter), of a frame around all (a display).
    """
    alpha, box = _at_camera_scale(line, rng)
    unit = box[3] - box[1]
    ground = np.full(alpha.shape, 1.0, np.float32)
    level, contrast = rng.uniform(90, 255), rng.uniform(0.3, 0.97)
    if rng.random() < 0.15:
        contrast *= 0.5
    if not clean:
        if rng.random() < 0.5:
            ground *= _mottle(alpha.shape, rng)
        if rng.random() < 0.28:
            ground *= 1 - 0.65 * contrast * _print(alpha.shape, unit, rng)
        if rng.random() < windows:
            ground, box = _windows(ground, alpha, box, rng)
        alpha = np.maximum(alpha, _rules(alpha.shape, box, rng, framed))
    if rng.random() < 0.15:  # a pen that runs dry, or pressed less for some digits
        places = np.linspace(0, alpha.shape[1], int(rng.integers(3, 7)))
        alpha = alpha * np.interp(np.arange(alpha.shape[1]), places, rng.uniform(0.35, 1, len(places))).astype(
            np.float32
        )
    if rng.random() < 0.25:  # dry pen, pencil: the paper's grain shows in the stroke
        alpha = alpha * np.clip(1.1 - rng.uniform(0, 0.5) * rng.random(alpha.shape, np.float32), 0, 1)
    image = level * ground * (1 - contrast * alpha)
    if not clean:
        image *= _light(alpha.shape, rng)
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


def junk(rng: np.random.Generator) -> Picture:
    """What a locator brings home when there is no number: edges, wedges, blobs, shadows, texture.

    Bars run through the whole picture, and so beyond the box: one that ends inside it would be a 1.
    """
    height, width = int(rng.integers(30, 80)), int(rng.integers(40, 260))
    shape = (height, width)
    image = 128 + _field(shape, int(rng.integers(2, 9)), rng) * rng.uniform(5, 90)
    x, y = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    for _ in range(int(rng.integers(0, 4))):
        angle, soft = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 12)
        reach = (x - rng.uniform(0, width)) * np.cos(angle) + (y - rng.uniform(0, height)) * np.sin(angle)
        step = np.clip(reach / soft, 0, 1)
        if rng.random() < 0.35:  # a bar instead of an edge
            step = step * (reach < soft + rng.uniform(1, 9))
        image = image + step * rng.normal(0, 70)
    for _ in range(int(rng.integers(0, 4))):
        blob = np.zeros(shape, np.float32)
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        axes = (int(rng.integers(3, 30)), int(rng.integers(3, 30)))
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
    """The strip of a picture, from a box as the locator gives it: off by a little, sometimes by more."""
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


def _field(shape: tuple[int, ...], cells: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Smooth noise of about ``cells`` bumps over the height, -1 to 1."""
    rows = max(2, cells)
    columns = max(2, int(cells * shape[1] / shape[0]))
    coarse = rng.uniform(-1, 1, (rows, columns)).astype(np.float32)
    return cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)


def _mottle(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """Paper fibres, stains, show-through: noise of two sizes."""
    fine = _field(shape, int(rng.integers(6, 30)), rng) * rng.uniform(0, 0.07)
    broad = _field(shape, 4, rng) * rng.uniform(0, 0.1)
    return 1 + fine + broad


def _print(shape: tuple[int, ...], unit: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Security grounds: fine lines that wave, cross or are dotted; amount of ink per pixel."""
    height, width = shape
    x, y = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    amount = np.zeros(shape, np.float32)
    for _ in range(int(rng.integers(1, 3))):
        period = unit * rng.uniform(0.07, 0.3)
        angle = rng.choice([0, rng.uniform(-0.4, 0.4), rng.uniform(0, np.pi)])
        across = x * np.sin(angle) + y * np.cos(angle)
        along = x * np.cos(angle) - y * np.sin(angle)
        wave = rng.uniform(0, 0.35) * unit * np.sin(along / (unit * rng.uniform(0.2, 1.6)) + rng.uniform(0, 6))
        sharp = rng.uniform(0.3, 0.9)
        lines = np.clip((np.cos((across + wave) * (2 * np.pi / period)) - sharp) / (1 - sharp), 0, 1)
        if rng.random() < 0.2:
            lines *= np.cos(along * (2 * np.pi / (unit * rng.uniform(0.08, 0.2)))) > 0
        amount = np.maximum(amount, lines * rng.uniform(0.1, 0.65))
    return amount


def _windows(
    ground: NDArray[np.float32], alpha: NDArray[np.float32], box: Box, rng: np.random.Generator
) -> tuple[NDArray[np.float32], Box]:
    """A mechanical counter: every digit on a drum in a window of its own, shaded towards its edges.

    Also the box as the locator may see it: with the windows.
    """
    columns = alpha.max(axis=0) > 0.3
    edges = np.flatnonzero(np.diff(np.concatenate([[0], columns.view(np.int8), [0]])))
    rows = np.flatnonzero(alpha.max(axis=1) > 0.3)
    if not len(rows):
        return ground, box
    height = rows[-1] - rows[0]
    margin_y, margin_x = int(height * rng.uniform(0.08, 0.4)), int(height * rng.uniform(0.08, 0.25))
    top, bottom = max(rows[0] - margin_y, 0), min(rows[-1] + margin_y, len(ground))
    ground = ground * rng.uniform(0.5, 1.0)
    if rng.random() < 0.3:  # the edge of what comes next
        ground[:, min(edges[-1] + 2 * margin_x, ground.shape[1] - 1) :] *= rng.uniform(0.1, 0.7)
    inside, roundness = rng.uniform(0.5, 1.0), rng.uniform(2.5, 12)
    shade_x, shade_y, steep = rng.uniform(0, 0.6), rng.uniform(0, 0.8), rng.uniform(1, 5)
    edge, rim = max(int(height * rng.uniform(0.02, 0.16)), 1), rng.uniform(0.1, 0.8)
    sides = rng.random(4) < 0.5
    y = np.linspace(-1, 1, bottom - top, dtype=np.float32)[:, None]
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        left, right = max(start - margin_x, 0), min(stop + margin_x, ground.shape[1])
        window = ground[top:bottom, left:right]
        x = np.linspace(-1, 1, right - left, dtype=np.float32)[None, :]
        drum = inside * (1 - shade_x * np.abs(x) ** steep) * (1 - shade_y * np.abs(y) ** steep)
        for dark, side in zip(sides, (drum[:, :edge], drum[:, -edge:], drum[:edge], drum[-edge:]), strict=True):
            if dark:
                side *= rim
        np.copyto(window, drum, where=np.abs(x) ** roundness + np.abs(y) ** roundness < 1)
    if rng.random() < 0.6:
        box = (float(edges[0] - margin_x), float(top), float(edges[-1] + margin_x), float(bottom))
    return ground, box


def _rules(shape: tuple[int, ...], box: Box, rng: np.random.Generator, framed: float) -> NDArray[np.float32]:
    """Ruled and squared paper, underlines, frames, and bits of neighbours at the sides, as ink 0 to 1."""
    ink = np.zeros(shape, np.float32)
    unit = box[3] - box[1]
    thick = max(int(round(unit * rng.uniform(0.02, 0.07))), 1)
    left, top, right, bottom = (int(round(value)) for value in box)
    kind = rng.random()
    strength = float(rng.uniform(0.25, 1.0))
    if kind < 0.13:  # underline, sometimes touching, sometimes a line above as well
        y = bottom + int(unit * rng.uniform(-0.06, 0.18))
        slope = int(rng.normal(0, 0.04) * unit)
        cv2.line(ink, (int(left - unit * 0.4), y), (int(right + unit * 0.4), y + slope), strength, thick)
        if rng.random() < 0.3:
            y = top - int(unit * rng.uniform(-0.03, 0.15))
            cv2.line(ink, (0, y), (shape[1], y + slope), strength, thick)
    elif kind < 0.17:
        step = max(int(unit * rng.uniform(0.25, 1.1)), 5)
        for y in range(int(rng.integers(step)), shape[0], step):
            cv2.line(ink, (0, y), (shape[1], y), strength * 0.5, 1)
        if rng.random() < 0.5:
            for x in range(int(rng.integers(step)), shape[1], step):
                cv2.line(ink, (x, 0), (x, shape[0]), strength * 0.5, 1)
    elif kind < 0.17 + framed:  # a frame, often with sides out of the picture
        margin = int(unit * rng.uniform(0.03, 0.3))
        corners = [(left - margin, top - margin), (right + margin, top - margin)]
        corners += [(right + margin, bottom + margin), (left - margin, bottom + margin)]
        for start, stop in zip(corners, corners[1:] + corners[:1], strict=True):
            if rng.random() < 0.8:
                cv2.line(ink, start, stop, strength, thick)
    elif kind < 0.21 + framed:
        margin = int(unit * rng.uniform(0.12, 0.3))
        x = right + margin if rng.random() < 0.5 else left - margin
        cv2.line(ink, (x, top - 3), (x + int(rng.normal(0, 3)), bottom + 3), strength, thick * 2)
    return ink


def _light(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """Uneven light: a slope, a lamp's spot, the edge of a shadow."""
    height, width = shape
    x, y = np.linspace(-1, 1, width, dtype=np.float32)[None, :], np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    light = 1 + rng.normal(0, 0.12) * x + rng.normal(0, 0.08) * y
    if rng.random() < 0.12:
        angle, place, soft = rng.uniform(0, np.pi), rng.uniform(-0.8, 0.8), rng.uniform(0.02, 0.4)
        side = (x * np.cos(angle) + y * np.sin(angle) - place) / soft
        light = light * (1 - rng.uniform(0.1, 0.5) * np.clip(side, 0, 1))
    return np.maximum(light, 0.15)


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
