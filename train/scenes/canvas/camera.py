"""What lies between a thing and its picture: light, glare, lens, sensor, JPEG, small size."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ..grounds.textures import noise
from ..letters.chance import between, happens

Pixels = NDArray[np.uint8]

_ONE: Final = 150  # what a gain map holds where the light does not change


def photographed(pixels: Pixels, rng: np.random.Generator, smallest: float) -> Pixels:
    """As a phone, a webcam or a scanner shows it.

    smallest: height in pixels of the smallest digit that must stay readable.
    """
    if happens(rng, 0.6):
        pixels = exposed(pixels, rng)
    if happens(rng, 0.7):
        pixels = lit(pixels, rng)
    if happens(rng, 0.06):
        pixels = glare(pixels, rng)
    pixels = lens(pixels, rng, smallest)
    if happens(rng, 0.05):
        pixels = moire(pixels, rng)
    return sensor(pixels, rng)


def scanned(pixels: Pixels, rng: np.random.Generator, smallest: float) -> Pixels:
    """From a file: a screen picture or a scan, at most softened and packed."""
    if happens(rng, 0.5):
        pixels = lens(pixels, rng, smallest * 0.6)
    return jpeg(pixels, rng) if happens(rng, 0.5) else pixels


def exposed(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Dark things as a camera shows them, which sets its exposure by the whole picture."""
    mean = sum(cv2.mean(pixels)[:3]) / 3
    wanted = rng.uniform(60, 130)
    return pixels if mean > wanted else cv2.convertScaleAbs(pixels, alpha=min(wanted / max(mean, 1.0), 2.5))


def lit(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Uneven light: slopes, vignette, the edge of a shadow, its colour."""
    height, width = pixels.shape[:2]
    y, x = np.mgrid[-1:1:16j, -1:1:16j].astype(np.float32)
    gain = 1 + rng.normal(0, 0.14) * x + rng.normal(0, 0.12) * y
    if happens(rng, 0.3):
        gain *= 1 - rng.uniform(0, 0.35) * (x * x + y * y) / 2
    if happens(rng, 0.25):  # a lamp's spot
        spot = np.exp(-((x - rng.uniform(-1, 1)) ** 2 + (y - rng.uniform(-1, 1)) ** 2) / rng.uniform(0.1, 1.5))
        gain = gain * (1 - 0.35 * rng.random()) + rng.uniform(0, 0.4) * spot
    tint = 1 + rng.normal(0, 0.04, 3)
    maps = np.clip(gain[..., None] * tint * _ONE * rng.uniform(0.85, 1.2), 8, 255)
    full = cv2.resize(maps.astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)
    if happens(rng, 0.14):
        shadow = _shadow((height, width), rng)
        full = cv2.multiply(full, cv2.merge([shadow, shadow, shadow]), scale=1 / 255)
    return cv2.multiply(pixels, full, scale=1 / _ONE)


def _shadow(shape: tuple[int, int], rng: np.random.Generator) -> Pixels:
    """The edge of a shadow, hard or soft, straight across the picture or of a hand; 255 is full light."""
    small = np.full((64, 64), 255, np.uint8)
    depth = rng.uniform(90, 215)
    angle = rng.uniform(0, 2 * np.pi)
    centre = np.array([32, 32]) + rng.uniform(-16, 16, 2)
    direction = np.array([np.cos(angle), np.sin(angle)])
    side = np.array([-direction[1], direction[0]])
    if rng.random() < 0.6:
        corners = [
            centre - side * 200,
            centre + side * 200,
            centre + side * 200 + direction * 200,
            centre - side * 200 + direction * 200,
        ]
    else:
        wide = rng.uniform(6, 25)
        corners = [
            centre - side * wide,
            centre + side * wide * 0.7,
            centre + side * wide * 2 + direction * 100,
            centre - side * wide * 1.5 + direction * 100,
        ]
    cv2.fillConvexPoly(small, np.round(np.array(corners)).astype(np.int32), depth, cv2.LINE_AA)
    small = cv2.GaussianBlur(small, (0, 0), between(rng, 0.5, 5))
    return cv2.resize(small, shape[::-1], interpolation=cv2.INTER_LINEAR)


def glare(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """A reflex: a soft bright spot, a bar or a window pane."""
    height, width = pixels.shape[:2]
    small = np.zeros((64, 64), np.uint8)
    centre = tuple(rng.integers(0, 64, 2).tolist())
    axes = (int(between(rng, 2, 20)), int(between(rng, 1, 9)))
    if rng.random() < 0.6:
        cv2.ellipse(small, centre, axes, rng.uniform(0, 180), 0, 360, 255, -1)
    else:
        corners = cv2.boxPoints((centre, (2 * axes[0], 2 * axes[1]), rng.uniform(0, 180)))
        cv2.fillConvexPoly(small, corners.astype(np.int32), 255)
    small = cv2.GaussianBlur(small, (0, 0), between(rng, 0.6, 6))
    spot = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    spot = cv2.convertScaleAbs(spot, alpha=rng.uniform(0.25, 0.9))
    return cv2.add(pixels, cv2.merge([spot, spot, spot]))


def lens(pixels: Pixels, rng: np.random.Generator, smallest: float) -> Pixels:
    """Out of focus, shaken, or taken small and enlarged; never so much that digits cannot be read."""
    chance = rng.random()
    sigma = between(rng, 0.3, 1.0) if chance < 0.6 else between(rng, 0.02, 0.09) * smallest
    sigma = min(sigma, 0.085 * smallest, 6.0)
    if chance > 0.92:
        return shaken(pixels, rng, smallest)
    if chance > 0.8 and smallest > 14:
        return enlarged(pixels, rng, smallest)
    return cv2.GaussianBlur(pixels, (0, 0), sigma) if sigma > 0.35 else pixels


def shaken(pixels: Pixels, rng: np.random.Generator, smallest: float) -> Pixels:
    """The camera moved along a line."""
    length = int(np.clip(smallest * rng.uniform(0.05, 0.16), 2, 15))
    kernel = np.zeros((length, length), np.float32)
    angle, middle = rng.uniform(0, np.pi), (length - 1) / 2
    reach = np.array([np.cos(angle), np.sin(angle)]) * middle
    start, stop = np.round(middle - reach).astype(int), np.round(middle + reach).astype(int)
    cv2.line(kernel, start.tolist(), stop.tolist(), 1.0, 1)
    return cv2.filter2D(pixels, -1, kernel / kernel.sum())


def enlarged(pixels: Pixels, rng: np.random.Generator, smallest: float) -> Pixels:
    """Cut from a picture of few pixels: the smallest digit had 9 to 20 of them."""
    height, width = pixels.shape[:2]
    factor = min(between(rng, 9, 22) / smallest, 0.9)
    small = cv2.resize(
        pixels, (max(int(width * factor), 8), max(int(height * factor), 8)), interpolation=cv2.INTER_AREA
    )
    if happens(rng, 0.4):
        small = jpeg(small, rng)
    how = cv2.INTER_CUBIC if happens(rng, 0.6) else cv2.INTER_LINEAR
    return cv2.resize(small, (width, height), interpolation=how)


def moire(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Waves that a screen's dots and the sensor's make together."""
    height, width = pixels.shape[:2]
    angle, period = rng.uniform(0, np.pi), between(rng, 3, 40)
    columns = np.arange(width) * (np.cos(angle) * 2 * np.pi / period)
    rows = np.arange(height) * (np.sin(angle) * 2 * np.pi / period)
    strength = _ONE * rng.uniform(0.01, 0.06)
    # cos(a + b) from two products of rows and columns: no cosine of every pixel
    wave = np.outer(np.cos(rows), np.cos(columns) * strength) - np.outer(np.sin(rows), np.sin(columns) * strength)
    gain = (wave + _ONE).astype(np.uint8)
    return cv2.multiply(pixels, cv2.merge([gain, gain, gain]), scale=1 / _ONE)


def sensor(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Noise, exposure and JPEG."""
    if happens(rng, 0.35):
        table = (np.arange(256) / 255) ** between(rng, 0.6, 1.45)
        low, high = rng.uniform(0, 30) * happens(rng, 0.4), rng.uniform(190, 275)
        pixels = cv2.LUT(pixels, np.clip(low + table * (high - low), 0, 255).astype(np.uint8))
    if happens(rng, 0.75):
        shape, sigma = pixels.shape[:2], 0.6 if happens(rng, 0.4) else 0.0
        spread = min(abs(rng.normal(0, 4.0)), 10)
        if happens(rng, 0.6):
            grain = cv2.merge([noise(shape, rng, sigma)] * 3)
        else:
            grain = cv2.merge([np.ascontiguousarray(noise(shape, rng, sigma)) for _ in range(3)])
        share = spread / 32
        pixels = cv2.addWeighted(pixels, 1.0, grain, share, -128 * share)
    return jpeg(pixels, rng) if happens(rng, 0.4) else pixels


def jpeg(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Packed and unpacked, from hardly to badly."""
    quality = int(between(rng, 18, 95))
    encoded, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8) if encoded else pixels
