"""Fault: a video that does not end, at full speed through ``DigitReader.stream``; memory and handles are watched."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from benchmarks.throughput.batch_command import resident_bytes
from edge_runtime import DigitReader, open_frames
from edge_runtime.video.base import FrameBgr
from tests.robustness.outcome import Outcome, Say, growth, open_handles
from tests.robustness.pictures import draw_page

FRAMES: Final = 100_000
QUICK_FRAMES: Final = 2_000
VIDEO_FRAMES: Final = 500  # of the file, which is opened anew at its end
NUMBERS: Final = ("2750", "31", "98604", "", "417")  # in turn; "" is an empty sheet
FRAME_HW: Final = (90, 160)
SAMPLES: Final = 200  # of memory and handles, evenly over the run
MOST_GROWTH_BYTES: Final = 1_000_000  # 40 bytes a frame
_VIDEO_FPS: Final = 30


def run(quick: bool, say: Say) -> Outcome:
    """One stream of so many frames, out of one small video that is opened again and again."""
    count = QUICK_FRAMES if quick else FRAMES
    with tempfile.TemporaryDirectory() as scratch:
        video = Path(scratch) / "numbers.avi"
        write_video(video)
        say(f"frames: {count:,} frames at full speed")
        threads = cv2.getNumThreads()
        cv2.setNumThreads(1)  # as edge-digits webcam does
        try:
            return _read(video, count)
        finally:
            cv2.setNumThreads(threads)


def write_video(path: Path) -> None:
    """Every number for as many frames as the others, with fresh noise in each; MJPG in AVI."""
    height, width = FRAME_HW
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), _VIDEO_FPS, (width, height))
    for index in range(VIDEO_FRAMES):
        text = NUMBERS[index * len(NUMBERS) // VIDEO_FRAMES]
        page = draw_page(text, FRAME_HW, index) if text else np.full((*FRAME_HW, 3), 205, np.uint8)
        writer.write(page)
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


def _read(video: Path, count: int) -> Outcome:
    memory, handles = [], []
    events = {"appeared": 0, "changed": 0, "gone": 0}
    read: set[str] = set()
    begin = time.perf_counter()
    seen = 0
    sample_every = max(1, count // SAMPLES)
    for result in DigitReader().stream(looped(video, count)):
        seen += 1
        for event in result.events:
            events[event.kind] += 1
            read.add(event.number.text)
        if result.frame % sample_every == 0:
            memory.append(resident_bytes(os.getpid()) or 0)
            handles.append(open_handles(os.getpid()) or 0)
    seconds = time.perf_counter() - begin
    grown, more_handles = growth(memory), growth(handles)
    wrong = [] if seen == count else [f"{seen} of {count} frames came"]
    wrong += [f"{text} was never confirmed" for text in NUMBERS if text and text not in read]
    wrong += [f"memory grew by {grown / 1e6:.1f} MB"] if grown is not None and grown > MOST_GROWTH_BYTES else []
    wrong += [f"{more_handles} handles more"] if more_handles else []
    measured = any(memory) and any(handles)
    counts: dict[str, Any] = {
        "frames": seen,
        "frames_per_s": round(seen / seconds),
        "videos_opened": -(-count // VIDEO_FRAMES),
        **{f"events_{kind}": number for kind, number in events.items()},
        "memory_first_mb": round(memory[0] / 1e6, 1),
        "memory_last_mb": round(memory[-1] / 1e6, 1),
        "memory_highest_mb": round(max(memory) / 1e6, 1),
        "memory_growth_mb": None if grown is None else round(grown / 1e6, 2),
        "handles_first": handles[0],
        "handles_last": handles[-1],
        "handles_highest": max(handles),
    }
    done = (
        f"A video of {VIDEO_FRAMES} frames of {FRAME_HW[1]}x{FRAME_HW[0]} pixels with numbers that come and go, opened "
        "again at its end, in one DigitReader.stream at full speed. Growth is from the third quarter of the run to the "
        "last, of medians."
    )
    return Outcome(done, counts, tuple(wrong), () if measured else ("memory and handles: the system does not tell",))
