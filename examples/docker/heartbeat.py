"""The container's healthcheck: edge-digits with a stand-in for systemd's watchdog.

heartbeat.py run ARGUMENTS ...   edge-digits ARGUMENTS, noting when it last said that frames are read
heartbeat.py check [SECONDS]     exit 0 when it said so within the last 60 (or these) seconds, else 1

EDGE_DIGITS_HEARTBEAT: folder of the notes, which a read-only container must be able to write (/dev/shm/edge-digits).
EDGE_DIGITS_WATCHDOG_S: it speaks four times in so many seconds (20).
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Final

FOLDER: Final = Path(
    os.environ.get("EDGE_DIGITS_HEARTBEAT", "/dev/shm/edge-digits")
)  # writable in a read-only container
BEAT: Final = FOLDER / "beat"
WATCHDOG_S: Final = float(os.environ.get("EDGE_DIGITS_WATCHDOG_S", 20))
FRESH_S: Final = 60.0


def run(arguments: list[str]) -> None:
    """Run the command line in this process, so that signals and the exit code are its own."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    BEAT.unlink(missing_ok=True)
    address = FOLDER / "notify"
    address.unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    server.bind(str(address))
    os.environ |= {
        "NOTIFY_SOCKET": str(address),
        "WATCHDOG_PID": str(os.getpid()),
        "WATCHDOG_USEC": str(round(WATCHDOG_S * 1e6)),
    }
    threading.Thread(target=_note_beats, args=(server,), daemon=True).start()
    from edge_runtime.cli.main import main

    main(arguments, prog_name="edge-digits")


def check(fresh_s: float) -> int:
    """0 when the last beat is younger than this."""
    try:
        age_s = time.monotonic() - BEAT.stat().st_mtime
    except FileNotFoundError:
        print("no frame was read yet")
        return 1
    print(f"last sign of life {age_s:.0f} s ago")
    return 0 if age_s < fresh_s else 1


def _note_beats(server: socket.socket) -> None:
    while True:
        lines = server.recv(4096).split(b"\n")
        if b"WATCHDOG=1" in lines or b"READY=1" in lines:
            BEAT.touch()
            now_s = time.monotonic()  # the machine's clock jumps: small boards have none that runs while they are off
            os.utime(BEAT, (now_s, now_s))


def main() -> int:
    """See the head of this file."""
    match sys.argv[1:]:
        case ["run", *arguments]:
            run(arguments)
            return 0
        case ["check", *seconds]:
            return check(float(seconds[0]) if seconds else FRESH_S)
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
