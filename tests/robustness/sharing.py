"""Fault: one reader used by sixteen threads at once, and by two processes with several threads each."""

from __future__ import annotations

import multiprocessing
import random
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime import DigitReader, Reading
from tests.robustness.outcome import SHOWN, Outcome, Say
from tests.robustness.pictures import draw_page

THREADS: Final = 16
PROCESSES: Final = 2
THREADS_OF_A_PROCESS: Final = 8
PICTURES: Final = 40
ROUNDS: Final = 25  # how often every picture is read by the threads, and by each process
QUICK_ROUNDS: Final = 2
_SEED: Final = 11
_SWITCH_S: Final = 1e-5  # between threads; 5 ms otherwise, in which most readings would come to their end

Answers = list[list[Reading]]


def run(quick: bool, say: Say) -> Outcome:
    """Read alone, then shared; every answer must be the same to the last bit."""
    rounds = QUICK_ROUNDS if quick else ROUNDS
    pages = draw_pages()
    alone = [DigitReader().read(page) for page in pages]
    shared = DigitReader()  # not opened yet: the threads meet on that, too
    say(f"sharing: {THREADS} threads on one reader, {rounds} rounds of {PICTURES} pictures")
    by_threads = read_by_threads(shared, pages, THREADS, rounds)
    say(f"sharing: {PROCESSES} processes with {THREADS_OF_A_PROCESS} threads each")
    by_processes = _read_by_processes(shared, pages, rounds)
    wrong = [] if any(alone) else ["no picture gives a reading"]
    wrong += _differences("threads", by_threads, alone) + _differences("processes", by_processes, alone)
    counts = {
        "pictures": len(pages),
        "threads": THREADS,
        "readings_by_threads": len(by_threads),
        "processes": PROCESSES,
        "readings_by_processes": len(by_processes),
        "different": len(wrong),
    }
    done = (
        "Drawn pages, certain and doubtful ones, read by one reader in sixteen threads in shuffled order, then by two "
        "processes to which the reader was sent, with eight threads each; compared in all digits of every confidence "
        "and corner with what a reader gives that works alone."
    )
    return Outcome(done, counts, tuple(wrong[:SHOWN]))


def draw_pages() -> list[NDArray[np.uint8]]:
    """Clear pages, and blurred or noisy ones that need a second look; several sizes."""
    pages = []
    for index in range(PICTURES):
        page = draw_page(str(37 * (index + 1) ** 2 % 100_000), (80 + index, 120 + 3 * index), index)
        if index % 2:
            page = cv2.GaussianBlur(page, (0, 0), 0.02 * index + 1)
        pages.append(page)
    return pages


def read_by_threads(
    reader: DigitReader, pages: Sequence[NDArray[np.uint8]], threads: int, rounds: int
) -> list[tuple[int, list[Reading]]]:
    """(number of the page, its readings), every page ``rounds`` times, in shuffled order."""
    order = [index for index in range(len(pages)) for _ in range(rounds)]
    random.Random(_SEED).shuffle(order)
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_S)
    try:
        with ThreadPoolExecutor(threads) as pool:
            return list(zip(order, pool.map(lambda index: reader.read(pages[index]), order), strict=True))
    finally:
        sys.setswitchinterval(before_s)


def _read_by_processes(
    reader: DigitReader, pages: Sequence[NDArray[np.uint8]], rounds: int
) -> list[tuple[int, list[Reading]]]:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "pages.npz"  # large arguments would hide the readers' work behind their transport
        np.savez(path, *pages)
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
            jobs = [pool.submit(_read_in_process, reader, str(path), rounds) for _ in range(PROCESSES)]
            return [answer for job in jobs for answer in job.result()]


def _read_in_process(reader: DigitReader, path: str, rounds: int) -> list[tuple[int, list[Reading]]]:
    with np.load(path) as stored:
        pages = [stored[name] for name in stored.files]
    return read_by_threads(reader, pages, THREADS_OF_A_PROCESS, rounds)


def _differences(by: str, found: Sequence[tuple[int, list[Reading]]], alone: Answers) -> list[str]:
    return [f"{by}: page {index} is read otherwise" for index, readings in found if readings != alone[index]]
