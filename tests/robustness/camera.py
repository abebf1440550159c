"""Fault: a network camera that stalls, sends garbage, drops the line, is switched off, comes back with another size."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

from edge_runtime import DigitReader, SourceError, open_frames
from edge_runtime.video.base import FrameSource
from tests.robustness.mjpeg_server import MjpegServer
from tests.robustness.outcome import Outcome, Say, open_handles
from tests.robustness.pictures import jpeg

BACK_WITHIN_S: Final = 2.0  # after the camera is back, until its new number is confirmed
OUTAGES_S: Final = (0.5, 3.0, 8.0)
QUICK_OUTAGES_S: Final = (0.5,)
SIZES_HW: Final = ((480, 640), (240, 320), (600, 800))  # in turn
GIVE_UP_S: Final = 20.0  # for a number to be confirmed, where it takes far too long
MOST_BUSY: Final = 0.5  # processor time for time, while there is nothing to read: it must not spin
_POLL_S: Final = 0.002


FAULTS: Final[Mapping[str, Callable[[MjpegServer], None]]] = {
    "stalls": MjpegServer.stall,
    "sends garbage": MjpegServer.garbage,
    "sends halves of pictures": MjpegServer.cut,
    "drops the line": MjpegServer.vanish,
    "loses its power": MjpegServer.lose_power,
}


def run(quick: bool, say: Say) -> Outcome:
    """Every fault for several times, then another number in another size; how long until it is confirmed."""
    outages_s = QUICK_OUTAGES_S if quick else OUTAGES_S
    times_s: dict[str, list[float]] = {}
    wrong: list[str] = []
    with MjpegServer([jpeg("1000", SIZES_HW[0])]) as camera:
        handles, threads = open_handles(os.getpid()), threading.active_count()
        with open_frames(camera.url) as frames:
            watcher = Watcher(frames)
            if watcher.wait_for("1000", GIVE_UP_S) is None:
                wrong.append("the sound camera is not read")
            turn = 0
            for name, fault in FAULTS.items():
                for outage_s in outages_s:
                    turn += 1
                    say(f"camera: {name} for {outage_s:g} s")
                    took_s, busy = _once(camera, watcher, fault, outage_s, turn)
                    times_s.setdefault(name, []).append(took_s)
                    wrong += _complaints(name, outage_s, took_s, busy)
        watcher.join()
        wrong += [f"the stream ended: {watcher.error}"] if watcher.error else []
    time.sleep(0.5)  # the server's threads notice that nobody reads
    left = (open_handles(os.getpid()) or 0) - (handles or 0)
    wrong += [f"{left} handles are left open"] if handles is not None and left > 0 else []
    wrong += ["threads are left running"] if threading.active_count() > threads + 1 else []
    counts = {
        "faults": turn,
        "kinds": len(times_s),
        "most_seconds_until_confirmed": round(max(max(times) for times in times_s.values()), 2),
        "seconds_until_confirmed": {name: [round(time_s, 2) for time_s in times] for name, times in times_s.items()},
        "outages_s": list(outages_s),
    }
    done = (
        "One DigitReader.stream on an MJPEG camera that misbehaves for some time and is then well again, with another "
        "number and another frame size; the time is from its first sound picture until the new number is confirmed, "
        f"by three frames, at most {BACK_WITHIN_S:g} s."
    )
    return Outcome(done, counts, tuple(wrong))


class Watcher:
    """Reads a live source in a thread, as a device does, and knows which numbers are confirmed now."""

    def __init__(self, frames: FrameSource) -> None:
        self.error: str | None = None
        self._texts: tuple[str, ...] = ()
        self._frames = frames
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait_for(self, text: str, limit_s: float) -> float | None:
        """Seconds until the number is confirmed; None after the limit, or where the stream has ended."""
        begin_s = time.monotonic()
        while time.monotonic() - begin_s < limit_s and self._thread.is_alive():
            if text in self._texts:
                return time.monotonic() - begin_s
            time.sleep(_POLL_S)
        return None

    def join(self) -> None:
        """Wait until the thread has ended; the source must be closed."""
        self._thread.join(GIVE_UP_S)

    def _read(self) -> None:
        try:
            for result in DigitReader().stream(self._frames):
                self._texts = tuple(number.text for number in result.numbers)
        except SourceError as error:
            self.error = str(error)


def _once(
    camera: MjpegServer, watcher: Watcher, fault: Callable[[MjpegServer], None], outage_s: float, turn: int
) -> tuple[float, float]:
    """Seconds until the new number is confirmed, and processor time for time during the outage."""
    fault(camera)
    time.sleep(0.2)  # what is under way arrives
    begin_s, cpu_s = time.monotonic(), time.process_time()
    time.sleep(outage_s)
    busy = (time.process_time() - cpu_s) / (time.monotonic() - begin_s)
    number = str(1000 + 37 * turn)
    camera.play([jpeg(number, SIZES_HW[turn % len(SIZES_HW)])])
    took_s = watcher.wait_for(number, GIVE_UP_S)
    return GIVE_UP_S if took_s is None else took_s, busy


def _complaints(name: str, outage_s: float, took_s: float, busy: float) -> list[str]:
    label = f"{name} for {outage_s:g} s"
    late = [f"{label}: the new number took {took_s:.1f} s"] if took_s > BACK_WITHIN_S else []
    return late + ([f"{label}: {busy:.0%} of a processor is used while nothing comes"] if busy > MOST_BUSY else [])
