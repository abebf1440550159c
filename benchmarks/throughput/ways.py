"""Ways to go through a folder, timed in turns: a short block of pictures each, in an order drawn anew each turn.

What a way keeps going is kept going between its blocks (worker processes, an open model), so that a block
measures pictures and not starts.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.core.turns import Clock, orders
from edge_runtime import DigitReader, ImageError, Row, load_picture, read_files
from edge_runtime.recognition.decode import decode

READING: Final = "read_files"
DECODING: Final = "decoding alone"
KERAS_LOOP: Final = "Keras predict in a loop"
OUR_LOOP: Final = "read_strips in a loop"
FEWEST_TURNS: Final = 5
BLOCK_SECONDS: Final = 0.5
FEWEST_PICTURES: Final = 8  # in a block
STEADY_RATIO: Final = 0.8  # slow blocks (p10) over the median; below, a figure is not to be trusted
METHOD: Final = (
    f"{READING}: edge_runtime.read_files with 1 worker (this process) or one worker process for each processor. "
    f"{DECODING}: edge_runtime.load_picture on the same files with as many processes, nothing done with the pixels. "
    f"OpenCV has one thread in each process. Processes are started and pictures are gone through before anything is "
    f"timed. Then turns: in each, every way, in an order drawn anew, goes through a block of pictures of about "
    f"{BLOCK_SECONDS:g} s (less where little time is given), carrying on in the folder where it stopped. Pictures "
    f"that were handed to workers before a block began are not counted in it. Rates are medians over blocks with "
    f"p10 and p90, ratios are of blocks of the same turn."
)
_MOST_PICTURES: Final = 100_000  # in a block
_CHUNKS_PER_WORKER: Final = 4  # decoding hands out its block in so many parts, so that no process waits long at its end


class Way(Protocol):
    """One way to go through the files, over and over."""

    name: str
    workers: int

    def block(self, count: int) -> float:
        """Go through the next ``count`` pictures; the seconds that they took."""
        ...

    def close(self) -> None:
        """End its processes."""
        ...


class Reading:
    """The product: ``read_files``, asked for rows one after the other without end."""

    def __init__(self, files: Sequence[str], reader: DigitReader, workers: int) -> None:
        self.name = READING
        self.workers = workers
        self._handed_out = 0
        self._rows = self._read(files, reader)
        self._received = 0

    def block(self, count: int) -> float:
        """What was read ahead while others had their turn comes first, uncounted."""
        self._receive(self._in_flight)
        begin = time.perf_counter()
        self._receive(count)
        seconds = time.perf_counter() - begin
        time.sleep(self._in_flight * seconds / count)  # the workers finish before the next one's turn
        return seconds

    def close(self) -> None:
        """End the workers."""
        self._rows.close()

    @property
    def _in_flight(self) -> int:
        return self._handed_out - self._received

    def _receive(self, count: int) -> None:
        for _ in range(count):
            row = next(self._rows)
            if row.error:
                raise ImageError(f"{row.error}; remove the folder of pictures, it is made again")
            self._received += 1

    def _read(self, files: Sequence[str], reader: DigitReader) -> Generator[Row, None, None]:
        yield from read_files(self._counted(files), reader, self.workers)

    def _counted(self, files: Sequence[str]) -> Iterator[str]:
        for path in cycle(files):
            self._handed_out += 1
            yield path


class Decoding:
    """The files' bytes to pixels, and no more."""

    def __init__(self, files: Sequence[str], workers: int) -> None:
        self.name = DECODING
        self.workers = workers
        self._files = cycle(files)
        self._pool = None
        if workers > 1:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(workers, mp_context=context, initializer=cv2.setNumThreads, initargs=(1,))

    def block(self, count: int) -> float:
        """All of the block is handed out at once, in a few parts for each process."""
        files = list(islice(self._files, count))
        begin = time.perf_counter()
        if self._pool is None:
            decode_files(files)
        else:
            parts = min(self.workers * _CHUNKS_PER_WORKER, count)
            list(self._pool.map(decode_files, [files[part::parts] for part in range(parts)]))
        return time.perf_counter() - begin

    def close(self) -> None:
        """End the workers."""
        if self._pool is not None:
            self._pool.shutdown()


class StripLoop:
    """What one writes for a folder of strips in a notebook: for each file its pixels, and one call of a network."""

    def __init__(self, name: str, files: Sequence[str], answer: Callable[[NDArray[np.uint8]], str]) -> None:
        """answer: strips uint8 [1, 28, 140, 1] to the digits in it."""
        self.name = name
        self.workers = 1
        self._files = cycle(files)
        self._answer = answer

    def block(self, count: int) -> float:
        """One after the other, in this process."""
        begin = time.perf_counter()
        for path in islice(self._files, count):
            self.read(path)
        return time.perf_counter() - begin

    def read(self, path: str) -> str:
        """The digits in the picture of one strip."""
        strip: Any = cv2.imread(path, cv2.IMREAD_GRAYSCALE)
        return self._answer(strip[None, ..., None])

    def close(self) -> None:
        """It has no processes."""


def keras_predict(run: Path) -> Callable[[NDArray[np.uint8]], str]:
    """Keras ``predict`` with the network of a run folder, which must be there; for ``StripLoop``."""
    from train.model.network import load

    model = load(run)
    return lambda strips: decode(np.stack(model.predict(strips, verbose=0), axis=1))[0].text


def read_strips(reader: DigitReader) -> Callable[[NDArray[np.uint8]], str]:
    """Our network on the strip as it is, nothing located; for ``StripLoop``."""
    return lambda strips: reader.read_strips(strips)[0].text


def decode_files(files: Sequence[str]) -> None:
    """Decode all; raises ``ImageError`` for one that cannot be."""
    for path in files:
        load_picture(path)


def rates_in_turns(ways: Sequence[Way], seconds: float, *, clock: Clock = time.perf_counter) -> list[list[float]]:
    """Pictures per second of each way in each turn, in about so many seconds in all (starts not counted)."""
    block_seconds = min(BLOCK_SECONDS, seconds / (FEWEST_TURNS * len(ways)))
    sizes = [block_size(way, block_seconds) for way in ways]
    rates: list[list[float]] = [[] for _ in ways]
    end = clock() + seconds
    for turn, order in enumerate(orders(len(ways))):
        if turn >= FEWEST_TURNS and clock() >= end:
            break
        for index in order:
            rates[index].append(sizes[index] / ways[index].block(sizes[index]))
    return rates


def block_size(way: Way, seconds: float) -> int:
    """How many pictures the way goes through in about so many seconds; all that it starts is started then."""
    count = FEWEST_PICTURES * way.workers
    way.block(count)
    while (took := way.block(count)) < seconds / 2 and count < _MOST_PICTURES:
        count *= 2
    return max(FEWEST_PICTURES * way.workers, round(count * seconds / took))


def ratios(rates: Sequence[float], others: Sequence[float]) -> dict[str, Any]:
    """How often the others' rate is in ours, turn by turn."""
    return spread([rate / other for rate, other in zip(rates, others, strict=True)])


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Median, p10 and p90 of figures, one from each turn and at least one in all; JSON-safe, four digits that count."""
    figures = zip(("median", "p10", "p90"), np.percentile(values, [50, 10, 90]), strict=True)
    return {"turns": len(values), **{name: float(f"{value:.4g}") for name, value in figures}}
