"""Sources of frames that wait for their reader: folders, globs, videos, iterables."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import ImageError, SourceError, open_frames
from tests.edge_runtime.video.conftest import FakeCamera


def write_pictures(folder: Path, *names: str) -> None:
    for level, name in enumerate(names, start=1):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(cv2.imencode(".png", np.full((4, 6), level * 10, np.uint8))[1].tobytes())


def test_a_folder_or_glob_gives_its_pictures_in_natural_order_and_warns_of_the_rest(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_pictures(tmp_path, "frame1.png", "frame2.png", "frame10.png", "later/frame3.png")
    (tmp_path / "frame2.txt").write_text("no picture", "utf-8")
    for source, levels in ((tmp_path, [10, 20, 30, 40]), (str(tmp_path / "frame*.png"), [10, 20, 30])):
        with open_frames(source) as frames:
            shown = list(frames)
        assert [int(frame[0, 0, 0]) for frame in shown] == levels
        assert all(frame.shape == (4, 6, 3) for frame in shown) and not frames.live
    assert "frame2.txt" in caplog.text


def test_every_frame_of_a_video_comes_once_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "video.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (64, 48))
    for level in range(0, 250, 25):
        writer.write(np.full((48, 64, 3), level, np.uint8))
    writer.release()
    with open_frames(path) as frames:
        levels = [int(round(float(frame.mean()) / 25)) for frame in frames]
    assert levels == list(range(10))
    assert list(frames) == []  # closed


@pytest.mark.parametrize("source", ["no/such/video.mp4", "", "-1", "nonsense"])
def test_a_source_that_is_not_there_is_named(source: str) -> None:
    with pytest.raises(SourceError, match=f"source {source}"):
        open_frames(source)


def test_what_gives_no_frame_at_all_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for source in (tmp_path, str(tmp_path / "none*.png")):
        with open_frames(source) as frames, pytest.raises(SourceError, match="no picture"):
            next(iter(frames))
    monkeypatch.setattr(cv2, "VideoCapture", type("Video", (FakeCamera,), {"made": [], "count": 0}))
    path = tmp_path / "video.mp4"
    path.touch()
    with open_frames(path) as frames, pytest.raises(SourceError, match=r"video\.mp4: no frame of it can be decoded"):
        next(iter(frames))


def test_stop_ends_files_too(tmp_path: Path) -> None:
    write_pictures(tmp_path, *(f"{number}.png" for number in range(5)))
    shown = 0
    with open_frames(tmp_path) as frames:
        for _ in frames:
            shown += 1
            frames.stop()
    assert shown == 1


def test_any_iterable_of_frames_is_a_source() -> None:
    grey, colour = np.zeros((4, 6), np.uint8), np.zeros((4, 6, 4), np.uint8)
    with open_frames(frame for frame in (grey, None, colour)) as frames:
        assert [frame.shape for frame in frames] == [(4, 6, 3), (4, 6, 3)] and not frames.live
    with open_frames(np.zeros((2, 4, 6, 3), np.uint8)) as frames:
        assert len(list(frames)) == 2


def test_a_single_frame_what_is_no_frame_and_what_cannot_be_iterated_are_refused() -> None:
    with open_frames([np.zeros((4, 6, 2), np.uint8)]) as frames, pytest.raises(ImageError, match="frame "):
        list(frames)
    with pytest.raises(SourceError, match="one single frame"):
        open_frames(np.zeros((4, 6, 3), np.uint8))
    with pytest.raises(SourceError, match="source is a float"):
        open_frames(1.5)  # type: ignore[arg-type]
