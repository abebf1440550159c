"""Processor use and latency of live reading: ``python -m benchmarks.live_load``.

A network camera in a process of its own sends 30 JPEG frames of 640×480 a second, with the noise of a
sensor; ``DigitReader.stream`` reads them. Counted is the processor time of the reading process alone,
decoding included. ``still``: a number on a wall; ``moving``: the number moves in every frame, so that every
frame is searched.
"""

from __future__ import annotations

import json
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final

import click
import cv2
import numpy as np

from edge_runtime import DigitReader, open_frames
from tests.robustness.mjpeg_server import MjpegServer

NUMBER: Final = "4725"
NOISE: Final = 2.0  # grey levels, standard deviation
QUALITY: Final = 85
WARM_UP: Final = 30  # frames


def scene(index: int, moving: bool) -> bytes:
    """A JPEG of a printed number on a sheet of paper, in a room."""
    shift = index * 3 % 60 if moving else 0
    frame = np.full((480, 640, 3), (200, 215, 220), np.uint8)
    cv2.rectangle(frame, (120 + shift, 120), (500 + shift, 340), (250, 250, 250), cv2.FILLED)
    cv2.putText(frame, NUMBER, (170 + shift, 265), cv2.FONT_HERSHEY_DUPLEX, 3.2, (60, 30, 20), 8, cv2.LINE_AA)
    noisy = frame + np.random.default_rng(index).normal(0, NOISE, frame.shape)
    pixels = np.clip(np.round(noisy), 0, 255).astype(np.uint8)
    return bytes(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1])


def measure(moving: bool, frames: int, model: str) -> dict[str, Any]:
    """Figures of one scene; the number must be confirmed, else ``click.ClickException``."""
    reader = DigitReader(model)
    cv2.setNumThreads(1)  # as edge-digits webcam does
    with camera(moving) as url, open_frames(url) as source:
        results = reader.stream(source)
        list(islice(results, WARM_UP))
        start_s, start_cpu_s = time.monotonic(), time.process_time()
        measured = [
            (result.latency_ms, result.still, [number.text for number in result.numbers])
            for result in islice(results, frames)
        ]
        took_s, cpu_s = time.monotonic() - start_s, time.process_time() - start_cpu_s
    wrong = sum(texts != [NUMBER] for _, _, texts in measured)
    if wrong:
        raise click.ClickException(f"{wrong} of {frames} frames without the number {NUMBER}: the figures mean nothing")
    latencies_ms = np.array([latency_ms for latency_ms, _, _ in measured])
    return {
        "scene": "moving" if moving else "still",
        "frames": frames,
        "frames_per_s": round(frames / took_s, 1),
        "processor_percent_of_one_core": round(100 * cpu_s / took_s, 1),
        "latency_ms_p50": round(float(np.percentile(latencies_ms, 50)), 1),
        "latency_ms_p99": round(float(np.percentile(latencies_ms, 99)), 1),
        "frames_not_searched_again": sum(still for _, still, _ in measured),
    }


@contextmanager
def camera(moving: bool) -> Iterator[str]:
    """The URL of a camera that runs in another process."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, moving), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join(10)


def _serve(pipe: Any, moving: bool) -> None:
    with MjpegServer([scene(index, moving) for index in range(40)]) as server:
        pipe.send(server.url)
        pipe.recv()


@click.command()
@click.option("--frames", type=click.IntRange(10), default=600, show_default=True, help="Frames of each scene.")
@click.option("--model", default="auto", show_default=True, help="As for edge-digits.")
def main(frames: int, model: str) -> None:
    """Measure processor use and latency of live reading; one JSON object a line.

    \b
    Example:
      python -m benchmarks.live_load
    """
    for moving in (False, True):
        click.echo(json.dumps(measure(moving, frames, model)))


if __name__ == "__main__":
    main()
