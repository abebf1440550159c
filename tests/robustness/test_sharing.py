"""One reader used by sixteen threads at once, and by two processes with several threads each."""

from __future__ import annotations

import multiprocessing
import random
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import DigitReader, Reading
from tests.robustness import LONG
from tests.robustness.faults.pictures import draw_page

THREADS = 16
PROCESSES = 2
THREADS_OF_A_PROCESS = 8
PICTURES = 40 if LONG else 16
ROUNDS = 25 if LONG else 2  # how often every picture is read by the threads, and by each process

Pages = Sequence[np.ndarray]
Found = list[tuple[int, list[Reading]]]


@pytest.mark.slow
def test_a_shared_reader_answers_as_one_that_works_alone(tmp_path: Path) -> None:
    """To the last bit of every confidence and corner; the readers are first opened while they are shared."""
    pages = draw_pages()
    alone = [DigitReader().read(page) for page in pages]
    assert all(alone[::2]), "the clear pages give no reading"
    assert_as_alone(read_by_threads(DigitReader(), pages, THREADS), alone)
    stored = tmp_path / "pages.npz"  # large arguments would hide the readers' work behind their transport
    np.savez(stored, *pages)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        shared = DigitReader()
        jobs = [pool.submit(read_in_process, shared, str(stored)) for _ in range(PROCESSES)]
        for job in jobs:
            assert_as_alone(job.result(), alone)


def assert_as_alone(found: Found, alone: Sequence[list[Reading]]) -> None:
    assert len(found) == ROUNDS * len(alone)
    assert not [index for index, readings in found if readings != alone[index]]


def draw_pages() -> list[np.ndarray]:
    """Clear pages, and blurred ones that are doubtful; several sizes."""
    pages = []
    for index in range(PICTURES):
        page = draw_page(str(37 * (index + 1) ** 2 % 100_000), (80 + index, 120 + 3 * index), index)
        pages.append(cv2.GaussianBlur(page, (0, 0), 0.02 * index + 1) if index % 2 else page)
    return pages


def read_by_threads(reader: DigitReader, pages: Pages, threads: int) -> Found:
    """(number of the page, its readings), every page ``ROUNDS`` times, in shuffled order."""
    order = [index for index in range(len(pages)) for _ in range(ROUNDS)]
    random.Random(11).shuffle(order)
    with frequent_switches(), ThreadPoolExecutor(threads) as pool:
        return list(zip(order, pool.map(lambda index: reader.read(pages[index]), order), strict=True))


def read_in_process(reader: DigitReader, path: str) -> Found:
    with np.load(path) as stored:
        pages = [stored[name] for name in stored.files]
    return read_by_threads(reader, pages, THREADS_OF_A_PROCESS)


@contextmanager
def frequent_switches() -> Iterator[None]:
    """Between threads; with the usual 5 ms most readings would come to their end undisturbed."""
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        yield
    finally:
        sys.setswitchinterval(before_s)
