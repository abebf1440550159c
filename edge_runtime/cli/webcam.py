"""``edge-digits webcam``."""

from __future__ import annotations

import json
import os
import sys
import time
from collections import deque
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

import edge_runtime

from .options import make_reader, reader_options

if TYPE_CHECKING:
    from edge_runtime.frames import FrameBgr, FrameSource

WINDOW: Final = "edge-digits"
_NO_WINDOW: Final = (
    "this OpenCV has no windows: use --headless, or on a machine with a display run "
    "pip uninstall opencv-python-headless, then pip install opencv-python"
)


@click.command()
@click.argument("source", metavar="[SOURCE]", default="0")
@click.option("--headless", is_flag=True, help="No window: print a JSON line whenever the reading changes.")
@click.option(
    "--save-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=".",
    show_default=True,
    help="Folder for the frames that the key s saves.",
)
@reader_options
def webcam(
    source: str,
    headless: bool,
    save_dir: Path,
    model: str | None,
    threads: int | None,
    min_confidence: float | None,
) -> None:
    """Read numbers live from a camera, a video or a stream.

    SOURCE is a camera's number (default 0), a device, a video file, a folder of pictures or the URL
    of a stream. Keys in the window: q quits, s saves the frame.

    \b
    Examples:
      edge-digits webcam
      edge-digits webcam /dev/video2
      edge-digits webcam rtsp://192.168.1.20/live --headless
    """  # noqa: D301 click reads the control character
    reader = make_reader(model, threads, min_confidence)
    if not headless:
        _check_window()
    with edge_runtime.open_frames(source) as frames:
        if headless:
            _print_changes(frames, reader)
        else:
            _show(frames, reader, save_dir)


def _print_changes(frames: FrameSource, reader: edge_runtime.DigitReader) -> None:
    shown = ""
    for number, frame in enumerate(frames):
        start = time.perf_counter()
        row = edge_runtime.Row.of(frames.name, reader.read(frame), (time.perf_counter() - start) * 1e3)
        if row.text != shown:
            shown = row.text
            values = {"time": datetime.now().astimezone().isoformat(), "frame": number, **row.as_dict()}
            click.echo(json.dumps(values, ensure_ascii=False))


def _show(frames: FrameSource, reader: edge_runtime.DigitReader, save_dir: Path) -> None:
    from edge_runtime.opencv import cv2

    stamps: deque[float] = deque(maxlen=31)
    try:
        for frame in frames:
            if not stamps:
                cv2.resizeWindow(WINDOW, frame.shape[1], frame.shape[0])
            readings = reader.read(frame)
            stamps.append(time.perf_counter())
            note = f"{_frames_per_second(stamps):.0f} fps   q quit   s save"
            cv2.imshow(WINDOW, edge_runtime.draw_readings(frame, readings, note=note))
            key = cv2.waitKey(1) & 0xFF
            if key == ord("s"):
                _save(frame, save_dir)
            if key == ord("q") or cv2.getWindowProperty(WINDOW, cv2.WND_PROP_VISIBLE) < 1:
                return
    finally:
        cv2.destroyAllWindows()


def _frames_per_second(stamps: deque[float]) -> float:
    """Intervals, not frames, divided by the time that they took; 0 for a single frame."""
    return (len(stamps) - 1) / (stamps[-1] - stamps[0]) if len(stamps) > 1 else 0.0


def _save(frame: FrameBgr, save_dir: Path) -> None:
    from edge_runtime.draw import save_picture

    save_dir.mkdir(parents=True, exist_ok=True)
    path = save_dir / datetime.now().strftime("edge-digits-%Y%m%d-%H%M%S-%f.png")
    save_picture(path, frame)
    click.echo(f"saved {path}", err=True)


def _check_window() -> None:
    """Raise ``DependencyError`` where no window can be opened."""
    from edge_runtime.opencv import cv2

    # Without a display OpenCV's Qt does not raise but ends the process, so this is asked first.
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise edge_runtime.DependencyError("no display (DISPLAY is not set): use --headless")
    try:
        cv2.namedWindow(WINDOW, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
    except (cv2.error, AttributeError) as error:
        raise edge_runtime.DependencyError(_NO_WINDOW) from error
