"""A video that does not end, at full speed through ``DigitReader.stream``: memory and handles stay flat."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.throughput.batch_command import resident_bytes
from edge_runtime import DigitReader, open_frames
from edge_runtime.video.base import FrameBgr
from tests.robustness import LONG
from tests.robustness.faults.pictures import draw_page
from tests.robustness.faults.processes import growth, open_handles

FRAMES = 100_000 if LONG else 2_000
VIDEO_FRAMES = 500  # of the file, which is opened anew at its end
NUMBERS = ("2750", "31", "98604", "", "417")  # in turn; "" is an empty sheet
FRAME_HW = (90, 160)
SAMPLES = 200  # of memory and handles, evenly over the run
MOST_GROWTH_BYTES = 1_000_000 if LONG else 4_000_000  # 40 bytes a frame; what a start keeps is more in a short run


@pytest.mark.slow
def test_memory_and_handles_stay_flat_over_an_endless_video(tmp_path: Path) -> None:
    video = tmp_path / "numbers.avi"
    write_video(video)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)  # as edge-digits webcam does
    memory, handles, read, seen = [], [], set(), 0
    try:
        for result in DigitReader().stream(looped(video, FRAMES)):
            seen += 1
            read |= {event.number.text for event in result.events}
            if result.frame % (FRAMES // SAMPLES) == 0:
                memory.append(resident_bytes(os.getpid()) or 0)
                handles.append(open_handles())
    finally:
        cv2.setNumThreads(threads)
    print(f"{seen:,} frames, memory {memory[0] / 1e6:.1f} to {memory[-1] / 1e6:.1f} MB, {handles[-1]} handles")
    assert seen == FRAMES
    assert read >= set(NUMBERS) - {""}
    assert growth(memory) < MOST_GROWTH_BYTES
    assert growth(handles) == 0


def write_video(path: Path) -> None:
    """Every number for as many frames as the others, with fresh noise in each; MJPG in AVI."""
    height, width = FRAME_HW
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (width, height))
    for index in range(VIDEO_FRAMES):
        text = NUMBERS[index * len(NUMBERS) // VIDEO_FRAMES]
        writer.write(draw_page(text, FRAME_HW, index) if text else np.full((*FRAME_HW, 3), 205, np.uint8))
    writer.release()


def looped(video: Path, count: int) -> Iterator[FrameBgr]:
    """``count`` frames of a video that begins anew at its end."""
    given = 0
    while given < count:
        with open_frames(video) as frames:
            for frame in frames:
                yield frame
                given += 1
                if given == count:
                    return
