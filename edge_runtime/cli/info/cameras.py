"""The cameras that the system knows, without opening them: a camera that another program uses is one, too."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_KNOWN: Final = Path("/sys/class/video4linux")
_DEVICES: Final = Path("/dev")


@dataclass(frozen=True)
class Camera:
    """device: as ``open_frames`` takes it. name: the maker's. usable: whether this user may open it."""

    device: str
    name: str
    usable: bool

    def __str__(self) -> str:
        denied = "" if self.usable else ", may not be opened: add the user to the group video"
        return f"{self.device} ({self.name}{denied})"


def find_cameras(known: Path = _KNOWN, devices: Path = _DEVICES) -> list[Camera] | None:
    """In the order of their numbers; None where the system does not tell (all but Linux)."""
    if not known.parent.is_dir():
        return None
    nodes = sorted(known.glob("video*"), key=lambda node: (len(node.name), node.name))
    return [_camera(node, devices) for node in nodes if _text(node / "index") in ("", "0")]


def _camera(node: Path, devices: Path) -> Camera:
    device = devices / node.name
    return Camera(str(device), _text(node / "name") or "no name", os.access(device, os.R_OK | os.W_OK))


def _text(path: Path) -> str:
    """One line of a file of the system's; cameras have further nodes, for data about their frames, with an index."""
    try:
        return path.read_text("utf-8", errors="replace").strip()
    except OSError:
        return ""
