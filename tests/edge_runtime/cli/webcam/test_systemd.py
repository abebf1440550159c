"""Word to systemd: ready, alive."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from edge_runtime.cli.webcam.systemd import Watchdog, notify


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    if not hasattr(socket, "AF_UNIX"):
        pytest.skip("no Unix sockets here")
    address = f"/tmp/notify-{os.getpid()}.sock"  # a socket's path is short
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        yield listener
    os.unlink(address)


def received(listener: socket.socket) -> list[bytes]:
    """All that waits there."""
    listener.setblocking(False)
    messages = []
    with suppress(BlockingIOError):
        while True:
            messages.append(listener.recv(100))
    return messages


def test_without_systemd_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", "/no/such/socket")
    assert not notify("READY=1")


def test_the_watchdog_is_fed_at_a_quarter_of_its_time(listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now_s)
    monkeypatch.setenv("WATCHDOG_USEC", "8000000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    watchdog = Watchdog()
    for number in range(91):  # three seconds
        now_s = 100 + number / 30
        watchdog.feed()
    assert received(listener) == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]


def test_another_process_s_watchdog_is_not_fed(listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "1")
    monkeypatch.setenv("WATCHDOG_PID", "1")
    watchdog = Watchdog()
    watchdog.feed()
    watchdog.feed()
    assert received(listener) == [b"READY=1"]
