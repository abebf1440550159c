"""A network camera that can be made to misbehave: an MJPEG stream over HTTP on this machine.

with MjpegServer([jpeg]) as camera:
    frames = open_frames(camera.url)
    camera.stall()
    camera.play([another_jpeg])
"""

from __future__ import annotations

import random
import select
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from types import TracebackType
from typing import Final

_HEAD: Final = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"
_GARBAGE_BYTES: Final = 20_000
_SEND_TIMEOUT_S: Final = 1.0  # a reader that takes nothing for so long is let go


class MjpegServer(AbstractContextManager["MjpegServer"]):
    """Sends its pictures in turn to everyone who connects, until told otherwise. One connection, one thread.

    jpegs: JPEG files; frames_per_s: how many are sent in a second.
    The port stays the same for the server's whole life, also after ``vanish``.
    """

    def __init__(self, jpegs: Sequence[bytes], frames_per_s: float = 30.0) -> None:
        self.frames_per_s = frames_per_s
        self._jpegs = list(jpegs)
        self._mode = "play"  # or "stall", "garbage", "cut"
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._silent: set[socket.socket] = set()  # open, but nothing will ever be sent on them again
        self._random = random.Random(0)
        self._listener: socket.socket | None = None
        self._port = 0
        self._listen()

    @property
    def url(self) -> str:
        """Where the stream is."""
        return f"http://127.0.0.1:{self._port}/stream.mjpg"

    @property
    def connections(self) -> int:
        """How many readers are connected now."""
        with self._lock:
            return len(self._connections)

    def play(self, jpegs: Sequence[bytes] | None = None) -> None:
        """Be a good camera (again), with other pictures where they are given."""
        if jpegs is not None:
            self._jpegs = list(jpegs)
        self._mode = "play"
        if self._listener is None:
            self._listen()

    def stall(self) -> None:
        """Keep the connections, take new ones, and send nothing."""
        self._mode = "stall"

    def garbage(self) -> None:
        """Send random bytes where JPEG files should be."""
        self._mode = "garbage"

    def cut(self) -> None:
        """Send only the first half of every JPEG file."""
        self._mode = "cut"

    def drop(self) -> None:
        """Close every connection; new ones are taken."""
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def vanish(self) -> None:
        """Close every connection and the port, until ``play``."""
        self._close_listener()
        self.drop()

    def lose_power(self) -> None:
        """Close the port until ``play``; the connections are never closed, and nothing comes on them any more."""
        self._close_listener()
        with self._lock:
            self._silent |= self._connections

    def close(self) -> None:
        """End the server and all connections."""
        self.vanish()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _listen(self) -> None:
        listener = socket.create_server(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _close_listener(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
            listener.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:  # closed
                return
            with self._lock:
                if listener is not self._listener:
                    connection.close()
                    return
                self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(_SEND_TIMEOUT_S)
        try:
            connection.recv(4096)  # the request; whatever it asks for, it gets the stream
            connection.sendall(_HEAD)
            self._send_frames(connection)
        except OSError:  # the reader has gone, or it was dropped
            pass
        finally:
            with self._lock:
                self._connections.discard(connection)
                self._silent.discard(connection)
            connection.close()

    def _send_frames(self, connection: socket.socket) -> None:
        number = 0
        due = time.monotonic()
        while not _has_ended(connection):
            if connection not in self._silent:
                connection.sendall(self._part(number))
            number += 1
            due = max(due + 1 / self.frames_per_s, time.monotonic())
            time.sleep(max(0.0, due - time.monotonic()))

    def _part(self, number: int) -> bytes:
        """What is sent for one frame; empty while stalled."""
        if self._mode == "stall":
            return b""
        jpegs = self._jpegs
        content = jpegs[number % len(jpegs)]
        if self._mode == "garbage":
            content = self._random.randbytes(_GARBAGE_BYTES)
        if self._mode == "cut":
            content = content[: len(content) // 2]
        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(content)}\r\n\r\n"
        return head.encode() + content + b"\r\n"


def _has_ended(connection: socket.socket) -> bool:
    """Whether the reader has closed its end, or ``drop`` has closed ours."""
    readable, _, _ = select.select([connection], [], [], 0)
    return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
