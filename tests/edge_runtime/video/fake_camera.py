"""A stand-in for ``cv2.VideoCapture``."""

from __future__ import annotations

import threading
import time

import numpy as np


class FakeCamera:
    """Plays numbered frames every ``interval_s`` and then fails, as an unplugged camera does."""

    made: list[FakeCamera]
    count = 10**9
    interval_s = 0.001
    opens = True
    agrees_to_mjpg = True

    def __init__(self, *arguments: object) -> None:
        self.arguments = arguments
        self.number = 0
        self.released = threading.Event()
        self.settings: dict[int, float] = {}
        self.made.append(self)

    def isOpened(self) -> bool:  # noqa: N802 OpenCV's name
        return self.opens and not self.released.is_set()

    def read(self) -> tuple[bool, np.ndarray | None]:
        time.sleep(self.interval_s)
        self.number += 1
        if self.number > self.count:
            return False, None
        return True, np.full((4, 6, 3), self.number % 256, np.uint8)

    def set(self, key: int, value: float) -> bool:
        self.settings[key] = value
        return True  # as OpenCV says even of what it ignores

    def get(self, key: int) -> float:
        return self.settings.get(key, 0) if self.agrees_to_mjpg else 0

    def release(self) -> None:
        self.released.set()
