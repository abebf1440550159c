"""``edge-digits webcam --headless``: lines for events, signals, lost cameras, what is kept, wrong usage."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.conftest import Run, one_line
from tests.robustness.mjpeg_server import MjpegServer


def lines_of(stdout: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stdout.splitlines()]


def test_headless_prints_a_line_for_every_event_and_one_at_the_end(run: Run, video: Path) -> None:
    result = run("webcam", video, "--headless", "--min-confidence", 0, "--confirm", 1)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = lines_of(result.stdout)
    assert [(line["frame"], line["event"]) for line in lines] == [(2, "appeared"), (8, "gone"), (10, "end")]
    assert lines[0]["text"] and lines[0]["text"] == lines[1]["text"] and lines[0]["box"]
    assert lines[2]["reason"] == "end of source" and lines[2]["numbers"] == []
    assert all(datetime.fromisoformat(line["time"]).tzinfo is not None for line in lines)


def test_opencv_s_threads_are_those_of_the_option_and_then_as_before(
    run: Run, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cv2, "getNumThreads", lambda: 7)
    counts: list[int] = []
    monkeypatch.setattr(cv2, "setNumThreads", counts.append)
    for options in ([], ["--threads", 2]):
        assert run("webcam", video, "--headless", *options).exit_code == 0
    assert counts == [1, 7, 2, 7]


def test_confirm_and_rules_hold_numbers_back(run: Run, video: Path) -> None:
    for options in (["--confirm", 5], ["--confirm", 1, "--length", 6], ["--confirm", 1, "--least", 1000000]):
        result = run("webcam", video, "--headless", "--min-confidence", 0, *options)
        assert [line["event"] for line in lines_of(result.stdout)] == ["end"], options


def test_a_name_that_cannot_be_recorded_is_wrong_usage_before_the_source_is_opened(run: Run, tmp_path: Path) -> None:
    for name, words in (("read.mkv", ".mp4 or .avi"), ("read", ".mp4 or .avi"), ("none/a.avi", "there is no folder")):
        result = run("webcam", tmp_path / "no-source", "--headless", "--record", tmp_path / name)
        assert result.exit_code == 2 and words in result.stderr and result.stdout == ""
    result = run("webcam", tmp_path / "a.avi", "--headless", "--record", tmp_path / "a.avi")
    assert result.exit_code == 2 and "is the source itself" in result.stderr


def test_a_video_that_exists_is_replaced_only_when_asked(run: Run, video: Path, tmp_path: Path) -> None:
    record = tmp_path / "kept.avi"
    record.write_bytes(b"mine")
    command = ("webcam", video, "--headless", "--record", record)
    result = run(*command)
    assert result.exit_code == 2 and "--overwrite" in one_line(result.stderr) and record.read_bytes() == b"mine"
    assert run(*command, "--overwrite").exit_code == 0 and record.read_bytes()[:4] == b"RIFF"


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
@pytest.mark.parametrize("kind", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_a_signal_ends_it_cleanly_with_the_last_state(tiny_path: Path, page: np.ndarray, kind: signal.Signals) -> None:
    jpeg = cv2.imencode(".jpg", page)[1].tobytes()
    with MjpegServer([jpeg]) as server:
        options = ["--headless", "--model", str(tiny_path), "--min-confidence", "0", "--confirm", "2"]
        command = [sys.executable, "-m", "edge_runtime", "webcam", server.url, *options]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            first = json.loads(process.stdout.readline())
            server.stall()  # also while it waits for a frame
            time.sleep(0.3)
            process.send_signal(kind)
            try:
                stdout, stderr = process.communicate(timeout=20)
            finally:
                process.kill()  # where it has not ended
    (last,) = lines_of(stdout)
    assert (process.returncode, stderr) == (0, "")
    assert first["event"] == "appeared" and last["event"] == "end" and last["reason"] == kind.name
    assert [number["text"] for number in last["numbers"]] == [first["text"]]


def test_a_camera_that_was_lost_and_is_back_is_told_on_stdout(run: Run, page: np.ndarray) -> None:
    with MjpegServer([cv2.imencode(".jpg", page)[1].tobytes()]) as server:
        for after_s, act in ((0.7, server.vanish), (2.0, server.play), (4.5, server.vanish)):
            threading.Timer(after_s, act).start()
        result = run("webcam", server.url, "--headless", "--give-up", 3)
    assert result.exit_code == 1 and "gave no frame for 3 s" in one_line(result.stderr)
    lines = lines_of(result.stdout)
    told = [line["event"] for line in lines if line["event"] in ("lost", "back", "end")]
    assert told == ["lost", "back", "lost", "end"]
    assert [line["source"] for line in lines if line["event"] == "lost"] == [server.url] * 2
    assert "gave no frame" in lines[-1]["reason"]
    assert all(datetime.fromisoformat(line["time"]).tzinfo is not None for line in lines)


def test_a_missing_camera_is_one_line_and_exit_1(run: Run) -> None:
    result = run("webcam", "99", "--headless")
    assert result.exit_code == 1 and "source 99" in one_line(result.stderr)
    assert [line["event"] for line in lines_of(result.stdout)] == ["end"]


def test_of_a_folder_every_uncertain_picture_is_kept_however_fast_it_is_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    for number in range(31, 37):
        page = np.full((120, 240, 3), 215, np.uint8)
        cv2.putText(page, str(number), (50, 90), cv2.FONT_HERSHEY_SIMPLEX, 2.5, (40, 40, 40), 6, cv2.LINE_AA)
        cv2.imwrite(str(tmp_path / "pages" / f"{number}.png"), page)
    kept = tmp_path / "unsure"
    keep = ("--model", "fp32", "--min-confidence", 1, "--save-uncertain", kept)
    assert run("webcam", tmp_path / "pages", "--headless", *keep).exit_code == 0
    assert len(list(kept.glob("unsure-*.jpg"))) == len(list(kept.glob("unsure-*.json"))) == 6
