"""A network camera that misbehaves and comes back, and how much processor live reading takes."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import DigitReader, SourceError, open_frames
from edge_runtime.video.base import FrameSource
from tests.robustness import LONG
from tests.robustness.faults.pictures import jpeg
from tests.robustness.faults.processes import edge_digits, open_handles
from tests.robustness.mjpeg_server import MjpegServer

BACK_WITHIN_S = 2.0 if LONG else 4.0  # until the new number is confirmed; longer while other tests run beside it
OUTAGES_S = (0.5, 3.0, 8.0) if LONG else (0.5,)
SIZES_HW = ((480, 640), (240, 320), (600, 800))  # in turn
GIVE_UP_S = 30.0  # for a number to be confirmed, where it takes far too long
MOST_BUSY = 0.5  # processor time for time, while there is nothing to read: it must not spin
FAULTS: dict[str, Callable[[MjpegServer], None]] = {
    "stalls": MjpegServer.stall,
    "sends garbage": MjpegServer.garbage,
    "sends halves of pictures": MjpegServer.cut,
    "drops the line": MjpegServer.vanish,
    "loses its power": MjpegServer.lose_power,
}

NUMBER = "4725"
FRAMES_PER_S = 30
SECONDS = 30.0 if LONG else 3.0
MOST_PROCESSOR = 0.2 if LONG else 0.6  # of one processor; more over so few seconds, while other tests run beside it
LEAST_FRAMES = 0.95 if LONG else 0.5  # of those that the camera sends in the measured time


class Watcher:
    """Reads a live source in a thread, as a device does, and knows which numbers are confirmed now."""

    def __init__(self, frames: FrameSource) -> None:
        self.error: str | None = None
        self._texts: tuple[str, ...] = ()
        self._frames = frames
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def wait_for(self, text: str) -> float:
        """Seconds until the number is confirmed; infinite where it is not, or where the stream has ended."""
        begin_s = time.monotonic()
        while time.monotonic() - begin_s < GIVE_UP_S and self.thread.is_alive():
            if text in self._texts:
                return time.monotonic() - begin_s
            time.sleep(0.002)
        return float("inf")

    def _read(self) -> None:
        try:
            for result in DigitReader().stream(self._frames):
                self._texts = tuple(number.text for number in result.numbers)
        except SourceError as error:
            self.error = str(error)


@pytest.mark.slow
def test_a_camera_that_comes_back_is_read_again() -> None:
    """After every fault another number in another size; nothing spins meanwhile, and nothing stays open."""
    with MjpegServer([jpeg("1000", SIZES_HW[0])]) as camera:
        handles, threads = open_handles(), threading.active_count()
        with open_frames(camera.url) as frames:
            watcher = Watcher(frames)
            assert watcher.wait_for("1000") < GIVE_UP_S, "the sound camera is not read"
            for turn, (name, outage_s) in enumerate([(name, s) for name in FAULTS for s in OUTAGES_S], start=1):
                FAULTS[name](camera)
                time.sleep(0.2)  # what is under way arrives
                begin_s, begin_cpu_s = time.monotonic(), time.process_time()
                time.sleep(outage_s)
                busy = (time.process_time() - begin_cpu_s) / (time.monotonic() - begin_s)
                number = str(1000 + 37 * turn)
                camera.play([jpeg(number, SIZES_HW[turn % len(SIZES_HW)])])
                back_s = watcher.wait_for(number)
                print(f"{name} for {outage_s:g} s: back after {back_s:.2f} s, {busy:.0%} of a processor meanwhile")
                assert back_s < BACK_WITHIN_S, f"{name} for {outage_s:g} s"
                assert busy < MOST_BUSY, f"{name} for {outage_s:g} s"
        watcher.thread.join(GIVE_UP_S)
        assert watcher.error is None
        time.sleep(0.5)  # the server's threads notice that nobody reads
        assert open_handles() <= handles and threading.active_count() <= threads + 1


# Processor use


def scene(index: int, moving: bool) -> bytes:
    """A JPEG of a printed number on a sheet of paper in a room, with a sensor's noise."""
    shift = index * 3 % 60 if moving else 0
    frame = np.full((480, 640, 3), (200, 215, 220), np.uint8)
    cv2.rectangle(frame, (120 + shift, 120), (500 + shift, 340), (250, 250, 250), cv2.FILLED)
    cv2.putText(frame, NUMBER, (170 + shift, 265), cv2.FONT_HERSHEY_DUPLEX, 3.2, (60, 30, 20), 8, cv2.LINE_AA)
    noisy = frame + np.random.default_rng(index).normal(0, 2, frame.shape)
    pixels = np.clip(np.round(noisy), 0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()


def serve(pipe: Connection, moving: bool) -> None:
    """A camera in a process of its own, until something is sent to it."""
    with MjpegServer([scene(index, moving) for index in range(40)], FRAMES_PER_S) as server:
        pipe.send(server.url)
        pipe.recv()


@contextmanager
def camera_elsewhere(moving: bool) -> Iterator[str]:
    """The URL of a camera whose work is not counted here."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, moving), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join(10)


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used, its own and the system's for it."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def on_one_processor() -> None:
    """For the child, before it begins."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system does not bind processes to a processor")
@pytest.mark.parametrize("moving", [False, True], ids=["still", "moving"])
def test_live_reading_leaves_the_processor_to_others(moving: bool) -> None:
    """``edge-digits webcam --headless`` on 30 frames of 640×480 a second, decoding included, on one processor."""
    with camera_elsewhere(moving) as url, tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        command = edge_digits("webcam", url, "--headless")
        child = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL, preexec_fn=on_one_processor)
        try:
            end_s = time.monotonic() + GIVE_UP_S
            while os.fstat(output.fileno()).st_size == 0 and time.monotonic() < end_s:  # the number is confirmed
                time.sleep(0.02)
            time.sleep(1 if not LONG else 2)
            begin_s, begin_cpu_s = time.monotonic(), cpu_seconds(child.pid)
            time.sleep(SECONDS)
            share = (cpu_seconds(child.pid) - begin_cpu_s) / (time.monotonic() - begin_s)
            child.send_signal(signal.SIGTERM)
            child.wait(20)
        finally:
            child.kill()
            child.wait()
        output.seek(0)
        events = [json.loads(line) for line in output]
    frames = events[-1]["frame"]
    print(
        f"{'moving' if moving else 'still'}: {share:.1%} of a processor, {frames} frames in {SECONDS:g} s and the start"
    )
    assert NUMBER in {number["text"] for event in events for number in event.get("numbers", [event])}
    assert frames >= LEAST_FRAMES * FRAMES_PER_S * SECONDS
    assert share <= MOST_PROCESSOR
