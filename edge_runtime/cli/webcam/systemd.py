"""Notifies systemd (``Type=notify``) that we are ready, alive or stopping; does nothing without it."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress


def notify(message: str) -> bool:
    """Send one message of sd_notify(3), as ``READY=1``; whether somebody listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
        out.sendto(message.encode(), "\0" + address[1:] if address.startswith("@") else address)
        return True
    return False


class Watchdog:
    """Feeds systemd's watchdog (``WatchdogSec=``) for as long as ``feed`` is called, at a quarter of its time."""

    def __init__(self) -> None:
        pid = os.environ.get("WATCHDOG_PID", "")
        ours = not pid or pid == str(os.getpid())
        usec = os.environ.get("WATCHDOG_USEC", "") if ours else ""
        self._every_s = int(usec) / 1e6 / 4 if usec.isdigit() and int(usec) else None
        self._fed_s: float | None = None

    def feed(self) -> None:
        """A frame was read. The first one also says that we are ready."""
        now_s = time.monotonic()
        if self._fed_s is None:
            notify("READY=1")
        elif self._every_s is None or now_s - self._fed_s < self._every_s:
            return
        if self._every_s is not None:
            notify("WATCHDOG=1")
        self._fed_s = now_s
