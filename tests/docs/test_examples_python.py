"""The Python examples, in interpreters of their own; the Raspberry Pi's camera library is played by a stand-in."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from edge_runtime import DigitReader

EXAMPLES = Path(__file__).parents[2] / "examples" / "python"
SAMPLES = Path(__file__).parents[2] / "samples"

CAMERA = """
import os
import signal
import cv2
import numpy as np


class Picamera2:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        print("closed", flush=True)

    def create_video_configuration(self, main):
        return main

    def configure(self, configuration):
        assert configuration["format"] == "RGB888"  # blue, green, red in memory, as OpenCV has them
        self.size = configuration["size"]

    def start(self):
        self.count = 0

    def capture_array(self, stream):
        self.count += 1
        if self.count > 40:
            os.kill(os.getpid(), signal.{signal})
        frame = cv2.resize(cv2.imread({picture!r}), self.size)
        return frame if self.count < 15 else np.full_like(frame, 255)
"""


def run(*command: str | Path, stand_in: Path | None = None) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(stand_in), os.environ["PYTHONPATH"]]) if stand_in else os.environ["PYTHONPATH"]
    return subprocess.run(
        [sys.executable, *map(str, command)],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"PYTHONPATH": paths},
    )


def test_embedding_prints_what_the_reader_reads() -> None:
    picture = SAMPLES / "note.jpg"
    done = run(EXAMPLES / "embed.py", picture)
    assert done.returncode == 0, done.stderr
    expected = [[str(picture), reading.text, f"{reading.confidence:.3f}"] for reading in DigitReader().read(picture)]
    assert [line.split()[:3] for line in done.stdout.splitlines()] == expected
    assert expected


@pytest.mark.parametrize("name", ["SIGTERM", pytest.param("SIGINT", marks=pytest.mark.slow)])
def test_the_recipe_for_picamera2_tells_what_comes_and_goes_and_frees_the_camera(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = CAMERA.replace("{signal}", name).replace("{picture!r}", repr(str(SAMPLES / "note.jpg")))
    (tmp_path / "picamera2.py").write_text(camera)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(10)
        done = run(EXAMPLES / "picamera2_live.py", stand_in=tmp_path)
        assert systemd.recv(100) == b"READY=1"
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    lines.remove("closed")  # before or after the last line, by where the signal came
    *events, end = [json.loads(line) for line in lines]
    assert [(event["event"], event["text"]) for event in events] == [("appeared", "2750"), ("gone", "2750")]
    assert end["event"] == "end" and end["numbers"] == []
