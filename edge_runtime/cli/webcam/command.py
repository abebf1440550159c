"""``edge-digits webcam``."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

import edge_runtime
from edge_runtime.cli.shared.options import make_reader, reader_options
from edge_runtime.cli.shared.output import refuse_existing
from edge_runtime.cli.shared.signals import CleanEnd, StoppedEarly
from edge_runtime.video.rules import Plausible

from .events import EventLines
from .options import Keep, keep_options, plausible_options
from .systemd import Watchdog, notify

if TYPE_CHECKING:
    from edge_runtime.video.base import FrameSource
    from edge_runtime.video.stream import LiveResult

    Use = Callable[[LiveResult], object]


@click.command()
@click.argument("source", metavar="[SOURCE]", default="0")
@click.option("--headless", is_flag=True, help="No window: print a JSON line for every event.")
@click.option(
    "--confirm",
    metavar="N",
    type=click.IntRange(1, 1000),
    default=3,
    show_default=True,
    help="Frames that must agree before a number counts.",
)
@click.option(
    "--give-up",
    "give_up_s",
    metavar="SECONDS",
    type=click.FloatRange(0, min_open=True),
    help="End with an error when a live source gave no frame for so long; default: wait for ever.",
)
@plausible_options
@keep_options
@reader_options
def webcam(
    source: str,
    headless: bool,
    confirm: int,
    give_up_s: float | None,
    plausible: Plausible,
    keep: Keep,
    model: str | None,
    threads: int | None,
    min_confidence: float | None,
) -> None:
    """Read numbers live from a camera, a video or a stream.

    SOURCE is a camera's number (default 0), a device, the URL of a stream, a GStreamer pipeline, a
    video file, or a folder or glob of pictures. A camera or stream that is lost is opened again.

    Keys in the window: q quits, s saves the frame and what was read, space pauses, d shows what the
    network sees. With --headless, a JSON line is printed whenever a number appeared, changed or is
    gone, when a camera or stream is lost or back, and one at the end with the numbers in view. Ctrl-C
    and SIGTERM end it cleanly.

    \b
    Examples:
      edge-digits webcam
      edge-digits webcam /dev/video2 --confirm 5
      edge-digits webcam rtsp://192.168.1.20/live --headless
      edge-digits webcam 0 --headless --length 5 --never-decreasing --largest-step 20
      edge-digits webcam video.mp4 --headless --record read.mp4
    """  # noqa: D301 click reads the control character
    reader = make_reader(model, threads, min_confidence)
    _check_record(keep, source)
    if not headless:
        from .window import check_window

        check_window()
    with CleanEnd() as end, ExitStack() as stack:
        _limit_threads(threads or 1, stack)
        lines = stack.enter_context(EventLines(end)) if headless else None
        try:
            frames = stack.enter_context(edge_runtime.open_frames(source, give_up_s=give_up_s))
            end.frames = frames
        except StoppedEarly:
            return
        uses = [*_keepers(frames, keep, stack), _feeder(stack)]
        if lines is not None:
            lines.watch(frames)
            uses.insert(0, lines.write)
        results = reader.stream(frames, confirm=confirm, plausible=plausible, traced=not headless)
        if not headless:
            from .window import Window

            results = Window(frames, keep.save_dir).results(results)
        for result in results:
            for use in uses:
                use(result)


def _check_record(keep: Keep, source: str) -> None:
    """Before the camera is opened: what cannot be recorded is wrong usage."""
    if keep.record is None:
        return
    from .recording import check_name

    try:
        check_name(keep.record)
    except edge_runtime.OutputError as error:
        raise click.BadParameter(str(error), param_hint="--record") from error
    if os.path.realpath(keep.record) == os.path.realpath(source):
        raise click.BadParameter(f"{keep.record}: is the source itself; give another name", param_hint="--record")
    if not keep.overwrite:
        refuse_existing(keep.record)


def _limit_threads(count: int, stack: ExitStack) -> None:
    """OpenCV's threads, too: between frames they wait busily, which costs more than they save at this size."""
    from edge_runtime.core.opencv import cv2

    stack.callback(cv2.setNumThreads, cv2.getNumThreads())
    cv2.setNumThreads(count)


def _keepers(frames: FrameSource, keep: Keep, stack: ExitStack) -> list[Use]:
    """What writes results to disk; files are completed when ``stack`` ends."""
    uses: list[Use] = []
    if keep.uncertain is not None:
        from .uncertain import UncertainPictures

        every_s = 1.0 if frames.live else 0.0  # a file is read faster than its time runs
        uses.append(UncertainPictures(keep.uncertain, keep.uncertain_files, keep.uncertain_mb, every_s).consider)
    if keep.record is not None:
        from .recording import Recording

        uses.append(stack.enter_context(Recording(keep.record, frames)).add)
    return uses


def _feeder(stack: ExitStack) -> Use:
    """Tells systemd, where it listens, that frames are read; and that we end, when ``stack`` does."""
    watchdog = Watchdog()
    stack.callback(notify, "STOPPING=1")
    return lambda _: watchdog.feed()
