"""The strips that training draws its batches from.

Drawing a wild strip costs more than training on it once, so strips are drawn by worker processes into a pool
on disk while training runs, and each serves several times, shifted and shaded a little differently each time.
A pool is kept for the next run of the same recipe, seed and size; a half-drawn one is carried on.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.recognition.contract import SLOTS, STRIP_HEIGHT, STRIP_WIDTH
from train.core.pool_thread import PoolThread
from train.core.run_folder import write_json

from .strips import CHUNK, StripSource, iter_chunks

CACHE: Final = Path(__file__).parents[2] / "runs" / "cache"
_FIRST: Final = 20  # chunks that must be there before training starts
_SHIFT_X: Final = 3
_SHIFT_Y: Final = 1


@dataclass(frozen=True)
class PoolKey:
    """What fixes the strips of a pool."""

    recipe: str
    seed: int
    count: int
    mnist: str | None = None
    glyphs: str | None = None
    source: str = ""  # a hash of the code that draws; strips of another code are not taken for these

    def folder(self) -> Path:
        """Where the pool is kept."""
        name = f"{self.recipe}-{self.seed}-{self.count}"
        if self.source:
            name += f"-{self.source[:10]}"
        for data in (self.mnist, self.glyphs):
            name += f"-{_identity(Path(data))}" if data is not None else ""
        return CACHE / name


class StripPool(PoolThread):
    """Training strips of one recipe and seed, drawn in the background; use it in a ``with``."""

    def __init__(self, key: PoolKey, workers: int) -> None:
        super().__init__("strips")
        self._key = key
        self._workers = max(workers, 1)
        self._chunks = -(-key.count // CHUNK)
        folder = key.folder()
        folder.mkdir(parents=True, exist_ok=True)
        shape = (self._chunks * CHUNK, STRIP_HEIGHT, STRIP_WIDTH)
        self._progress = folder / "progress.json"
        self._strips, strips_kept = _open_array(folder / "strips.npy", shape)
        self._labels, labels_kept = _open_array(folder / "labels.npy", (shape[0], SLOTS))
        if not (strips_kept and labels_kept):  # what the progress counts is not there any more
            self._progress.unlink(missing_ok=True)
        self._ready_chunks = self._read_progress()

    @property
    def ready(self) -> int:
        """Strips drawn so far."""
        return self._ready_chunks * CHUNK

    def wait_for_first(self) -> None:
        """Block until there is enough to begin with; ``DataError`` where drawing failed."""
        self._wait_for(min(_FIRST, self._chunks) * CHUNK)

    def batch(self, size: int, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Random strips uint8 [size, 28, 140, 1] and their classes uint8 [size, 5].

        Wild strips are varied a little each time; the notebook's recipe stays as published.
        """
        self._raise_if_failed()
        chosen = np.sort(rng.integers(0, self.ready, size))  # sorted: the pool may be larger than memory
        strips = self._strips[chosen]
        strips = vary(strips, rng) if self._key.recipe == "wild" else strips[..., None]
        return strips, self._labels[chosen]

    def _fill(self) -> None:
        key, first = self._key, self._ready_chunks
        if first == self._chunks:
            return
        source = StripSource(key.recipe, "train", key.seed, key.mnist, key.glyphs)
        chunks = iter_chunks(source, self._chunks * CHUNK, workers=self._workers, first=first)
        for index, (strips, labels) in enumerate(chunks, start=first):
            place = slice(index * CHUNK, (index + 1) * CHUNK)
            self._strips[place], self._labels[place] = strips, labels
            self._write_progress(index + 1)
            if self._stop.is_set():
                break

    def _read_progress(self) -> int:
        try:
            return min(int(json.loads(self._progress.read_text())["chunks"]), self._chunks)
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def _write_progress(self, chunks: int) -> None:
        write_json(self._progress, {"chunks": chunks, "of": self._chunks})
        self._ready_chunks = chunks
        self._tell_grown()


def vary(strips: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Shift a batch by a few pixels and change each strip's brightness; [N, 28, 140] -> [N, 28, 140, 1]."""
    dy, dx = int(rng.integers(-_SHIFT_Y, _SHIFT_Y + 1)), int(rng.integers(-_SHIFT_X, _SHIFT_X + 1))
    shifted = np.zeros_like(strips)
    height, width = strips.shape[1:]
    shifted[:, max(dy, 0) : height + min(dy, 0), max(dx, 0) : width + min(dx, 0)] = strips[
        :, max(-dy, 0) : height + min(-dy, 0), max(-dx, 0) : width + min(-dx, 0)
    ]
    gains = rng.choice(len(_GAINS), len(strips))
    return np.take_along_axis(_GAINS[gains], shifted.reshape(len(strips), -1), axis=1).reshape(*strips.shape, 1)


def _gain_tables() -> NDArray[np.uint8]:
    """Sixteen curves from faint to saturated, as look-up tables uint8 [16, 256]."""
    levels = np.arange(256, dtype=np.float32) / 255
    curves = [
        np.clip(levels**gamma * gain, 0, 1) for gamma in (0.75, 1.0, 1.0, 1.35) for gain in (0.75, 0.95, 1.0, 1.25)
    ]
    return (np.stack(curves) * 255).astype(np.uint8)


_GAINS: Final = _gain_tables()


def _open_array(path: Path, shape: tuple[int, ...]) -> tuple[NDArray[np.uint8], bool]:
    """The array in a file, and whether it was there already; a damaged one is made anew."""
    if path.exists():
        try:
            present = np.load(path, mmap_mode="r", allow_pickle=False)  # r+ would lengthen a cut file with zeros
            if present.shape == shape and present.dtype == np.uint8:
                return np.lib.format.open_memmap(path, mode="r+"), True
        except (OSError, ValueError):
            pass
        path.unlink()
    return np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape), False


def _identity(data: Path) -> str:
    """Tells one file, or folder of files, from another and from an earlier state of itself."""
    files = sorted(data.iterdir()) if data.is_dir() else [data]
    stats = [(file.resolve(), file.stat()) for file in files if file.is_file()]
    state = [(str(file), stat.st_size, stat.st_mtime_ns) for file, stat in stats]
    return hashlib.sha256(repr(state).encode()).hexdigest()[:10]
