"""Read numbers live from the ribbon-cable camera of a Raspberry Pi: a JSON line whenever one comes, changes or goes,
and one at the end with those in view.

    sudo apt install --no-install-recommends python3-picamera2
    python3 -m venv --system-site-packages ~/edge-digits      # so that the system's picamera2 is seen
    ~/edge-digits/bin/python picamera2_live.py

See docs/devices.md for the versions that fit together. Any other camera with a Python library is read the same way:
a generator of its frames takes the place of ``camera_frames``.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from picamera2 import Picamera2

from edge_runtime import DigitReader, Number
from edge_runtime.cli.webcam.systemd import Watchdog

SIZE = (640, 480)  # a number is read at 24 pixels in height: more picture only costs time


def camera_frames() -> Iterator[NDArray[np.uint8]]:
    """The newest frame, again and again, uint8 [480, 640, 3] BGR; the camera is freed at the end."""
    with Picamera2() as camera:
        # This format's name is read from the back: in memory it is B, G, R.
        camera.configure(camera.create_video_configuration(main={"size": SIZE, "format": "RGB888"}))
        camera.start()
        while True:
            yield camera.capture_array("main")


def main() -> None:
    """Read until SIGTERM or Ctrl-C."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    reader = DigitReader()
    watchdog = Watchdog()  # for the service in examples/systemd; elsewhere it does nothing
    # skip_unchanged: a frame that shows nothing new is not searched again, which saves most of the work of a meter.
    numbers: tuple[Number, ...] = ()
    try:
        for result in reader.stream(camera_frames(), confirm=3, skip_unchanged=True):
            watchdog.feed()
            numbers = result.numbers
            for event in result.events:
                print(json.dumps({"time_s": round(result.time_s, 3), **event.as_dict()}), flush=True)
    finally:
        end = {"time_s": round(time.time(), 3), "event": "end", "numbers": [number.as_dict() for number in numbers]}
        print(json.dumps(end), flush=True)


if __name__ == "__main__":
    main()
