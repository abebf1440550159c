"""Contact sheets: drawn scenes, their labels, real pictures beside them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from .letters.characters import KINDS, LETTER, MARK, POINT, Characters
from .scene import Scene

_SUFFIXES: Final = {".png", ".jpg", ".jpeg", ".webp", ".bmp"}
_PINK: Final = (255, 0, 255)
_RED: Final = (0, 0, 255)
_STARTS: Final = (0, POINT, MARK, LETTER)
_SHADES: Final = ((0, 200, 0), (255, 128, 0), (0, 128, 255), (200, 200, 0))  # digits, points and dashes, marks, letters


def labelled(scene: Scene, scale: int = 2) -> NDArray[np.uint8]:
    """The scene enlarged, with boxes, kinds, links, and the ignored part hatched in red."""
    pixels = cv2.resize(scene.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)
    mask = cv2.resize(scene.ignore, pixels.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0
    pixels[mask] = pixels[mask] // 2 + np.array([0, 0, 120], np.uint8)
    corners = np.round(Characters(scene.boxes, scene.kinds, scene.following).corners() * scale).astype(np.int32)
    centres = np.round(scene.boxes[:, :2] * scale).astype(int).tolist()
    for index, (corner, kind) in enumerate(zip(corners, scene.kinds.tolist(), strict=True)):
        shade = _SHADES[bisect_right(_STARTS, kind) - 1]
        cv2.polylines(pixels, [corner], True, shade, 1, cv2.LINE_AA)
        cv2.line(pixels, corner[0].tolist(), corner[1].tolist(), _RED, 1)
        name = KINDS[kind] if kind < MARK else "M" if kind == MARK else "a"
        cv2.putText(pixels, name, corner[3].tolist(), cv2.FONT_HERSHEY_SIMPLEX, 0.4, shade, 1, cv2.LINE_AA)
        after = int(scene.following[index])
        if after >= 0:
            cv2.arrowedLine(pixels, centres[index], centres[after], _PINK, 1, cv2.LINE_AA, tipLength=0.15)
    return pixels


def grid(pictures: Sequence[NDArray[np.uint8]], columns: int, side: int) -> NDArray[np.uint8]:
    """Pictures in rows, each fitted into a square of ``side`` pixels."""
    cells = []
    for picture in pictures:
        factor = side / max(picture.shape[:2])
        how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
        small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=how)[:side, :side]
        cell = np.full((side, side, 3), 40, np.uint8)
        cell[: small.shape[0], : small.shape[1]] = small
        cells.append(cv2.copyMakeBorder(cell, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=(0, 0, 0)))
    while len(cells) % columns:
        cells.append(np.zeros_like(cells[0]))
    return np.vstack([np.hstack(cells[start : start + columns]) for start in range(0, len(cells), columns)])


def pictures_of(folder: Path, count: int, seed: int) -> list[NDArray[np.uint8]]:
    """Random pictures of a folder and the folders in it."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)
    order = np.random.default_rng(seed).permutation(len(files))[:count]
    found = [cv2.imread(str(files[index]), cv2.IMREAD_COLOR) for index in order]
    return [picture for picture in found if picture is not None]
