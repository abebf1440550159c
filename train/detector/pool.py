"""The scenes that training draws its batches from.

Worker processes draw scenes into a pool on disk while training runs; each scene serves several times, cropped and lit
anew each time (``vary``). A pool is kept for the next run with the same seed, size and drawing code; a half-drawn one
is carried on: a chunk counts when its file of labels is there, which is written last.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.opencv import cv2
from edge_runtime.detection.characters.contract import CELL
from train.core.pool_thread import PoolThread
from train.scenes import Scene, scenes

from .targets import Labels

CHUNK: Final = 100  # scenes drawn by one task
_FIRST: Final = 2  # chunks that must be there before training starts
_TRAIN: Final = Path(__file__).parents[1]
_DRAWN_BY: Final = ("scenes", "synthesis", "datasets", "data")  # folders of code and data that decide the pixels
CACHE: Final = _TRAIN.parent / "runs" / "cache"


Draw = Callable[[int, int, int], Iterable[Scene]]
"""Scenes of a seed: how many, from which number on. A function of a module, since other processes call it."""


@dataclass(frozen=True)
class View:
    """A scene to train on: uint8 [H, W, C], its labels, and the cells to leave out, uint8 [H / 4, W / 4]."""

    pixels: NDArray[np.uint8]
    labels: Labels
    ignored: NDArray[np.uint8]


def draw_scenes(seed: int, count: int, first: int) -> Iterable[Scene]:
    """The product's scenes, 320×320."""
    return scenes(seed, count, first=first)


def drawing_code_hash() -> str:
    """SHA-256 over all that decides a scene's pixels."""
    digest = hashlib.sha256()
    for folder in _DRAWN_BY:
        for path in sorted((_TRAIN / folder).rglob("*")):
            if path.suffix in (".py", ".npz", ".npy"):
                digest.update(path.read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class PoolKey:
    """What fixes the scenes of a pool. colours: 1 for grey, 3 for BGR; side: of the square scenes in pixels."""

    seed: int
    count: int
    colours: int = 1
    side: int = 320
    source: str = ""

    def folder(self) -> Path:
        """Where the pool is kept."""
        colours = "grey" if self.colours == 1 else "bgr"
        return CACHE / f"scenes-{self.seed}-{self.count}-{colours}-{self.side}-{self.source[:10]}"


class ScenePool(PoolThread):
    """Scenes drawn in the background; use it in a ``with``. Memory: only the labels; pixels are mapped from disk."""

    def __init__(self, key: PoolKey, workers: int, draw: Draw = draw_scenes) -> None:
        super().__init__("scenes")
        self._key, self._workers, self._draw = key, max(workers, 1), draw
        self._folder = key.folder()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._chunks = -(-key.count // CHUNK)
        sizes = _sizes(key)
        for name, shape in sizes.items():
            path = self._folder / name
            if not path.exists() or path.stat().st_size != int(np.prod(shape)):
                for labels in self._folder.glob("labels-*.npz"):  # they speak of pixels that are gone
                    labels.unlink()
                with path.open("wb") as file:
                    file.truncate(int(np.prod(shape)))
        self._pixels, self._ignored = (
            np.memmap(self._folder / name, np.uint8, "r", shape=shape) for name, shape in sizes.items()
        )
        present = (int(path.stem.split("-")[1]) for path in self._folder.glob("labels-*.npz"))
        self._labels = {chunk: _read_labels(self._folder, chunk) for chunk in sorted(present)}

    @property
    def ready(self) -> int:
        """Scenes drawn so far."""
        return len(self._labels) * CHUNK

    def wait_for(self, count: int) -> None:
        """Block until so many scenes are there, or all; ``DataError`` where drawing failed."""
        self._wait_for(min(count, self._chunks * CHUNK))

    def wait_for_first(self) -> None:
        """Block until there is enough to begin with."""
        self.wait_for(_FIRST * CHUNK)

    def pick(self, rng: np.random.Generator) -> View:
        """A random scene of those that are there."""
        self._raise_if_failed()
        chunks = list(self._labels)
        return self.scene(chunks[rng.integers(len(chunks))] * CHUNK + int(rng.integers(CHUNK)))

    def scene(self, index: int) -> View:
        """A scene by its number, whose chunk must be there."""
        labels = self._labels[index // CHUNK][index % CHUNK]
        return View(self._pixels[index], labels, self._ignored[index])

    def _fill(self) -> None:
        missing = iter([chunk for chunk in range(self._chunks) if chunk not in self._labels])
        context = multiprocessing.get_context("spawn")  # a forked copy of a process with TensorFlow's threads may hang
        with ProcessPoolExecutor(self._workers, context, initializer=_be_modest) as workers:
            running: dict[Future[None], int] = {}
            while not self._stop.is_set():
                for chunk in missing:
                    running[workers.submit(_draw_chunk, self._draw, self._key, self._folder, chunk)] = chunk
                    if len(running) > self._workers:
                        break
                if not running:
                    return
                done, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                    chunk = running.pop(future)
                    self._labels = {**self._labels, chunk: _read_labels(self._folder, chunk)}
                    self._tell_grown()
            workers.shutdown(wait=False, cancel_futures=True)


def _sizes(key: PoolKey) -> dict[str, tuple[int, ...]]:
    """The shapes of the two mapped files, uint8."""
    count = -(-key.count // CHUNK) * CHUNK
    grid = key.side // CELL
    return {"pixels.bin": (count, key.side, key.side, key.colours), "ignored.bin": (count, grid, grid)}


def _be_modest() -> None:
    cv2.setNumThreads(1)
    os.nice(5)


def _draw_chunk(draw: Draw, key: PoolKey, folder: Path, chunk: int) -> None:
    """Draw one chunk into the pool's files; runs in a worker process."""
    pixels, ignored = (np.memmap(folder / name, np.uint8, "r+", shape=shape) for name, shape in _sizes(key).items())
    drawn = list(draw(key.seed, CHUNK, chunk * CHUNK))
    for index, scene in enumerate(drawn, start=chunk * CHUNK):
        picture = scene.pixels if key.colours == 3 else cv2.cvtColor(scene.pixels, cv2.COLOR_BGR2GRAY)[..., None]
        pixels[index] = picture
        ignored[index] = to_cells(scene.ignore)
    pixels.flush()
    ignored.flush()
    arrays: dict[str, Any] = {name: np.concatenate([getattr(scene, name) for scene in drawn]) for name in _LABELS}
    ends = list(accumulate(len(scene.kinds) for scene in drawn))
    unfinished = folder / f"unfinished-{chunk}.npz"
    np.savez(unfinished, ends=np.array(ends), **arrays)
    unfinished.replace(folder / f"labels-{chunk}.npz")


_LABELS: Final = ("boxes", "kinds", "following")


def _read_labels(folder: Path, chunk: int) -> list[Labels]:
    with np.load(folder / f"labels-{chunk}.npz", allow_pickle=False) as arrays:
        parts: list[Any] = [np.split(arrays[name], arrays["ends"][:-1]) for name in _LABELS]
    return [Labels(*scene) for scene in zip(*parts, strict=True)]


def to_cells(ignore: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Which cells hold a pixel that is to be ignored: uint8 [H, W] -> [H / 4, W / 4], 0 or 255."""
    rows, columns = (side // CELL for side in ignore.shape)
    return ignore.reshape(rows, CELL, columns, CELL).max(axis=(1, 3))
