"""A folder of pictures with names that a table may stumble over."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path, page_png: bytes) -> Path:
    root = tmp_path / "pictures"
    for name in ("1.png", "2.png", "10.png", "b/1.png", "b/new\nline.png", '"quoted",.png', "ünï.png"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(page_png)
    (root / "b" / os.fsdecode(b"\xff2.png")).write_bytes(page_png)
    (root / "broken.jpg").write_bytes(b"no picture")
    return root
