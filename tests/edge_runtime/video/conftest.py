"""Shared fixtures: a camera that is played."""

from __future__ import annotations

import cv2
import pytest

from tests.edge_runtime.video.fake_camera import FakeCamera


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> type[FakeCamera]:
    """What OpenCV opens instead of a camera or stream; set its class attributes to make it fail."""
    kind = type("Camera", (FakeCamera,), {"made": []})
    monkeypatch.setattr(cv2, "VideoCapture", kind)
    return kind
