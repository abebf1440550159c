"""Sources of frames that wait for their reader: folders, globs, videos, iterables."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import ImageError, SourceError, open_frames
from tests.edge_runtime.video.fake_camera import FakeCamera


def write_pictures(folder: Path, *names: str) -> None:
    for level, name in enumerate(names, start=1):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(cv2.imencode(".png", np.full((4, 6), level * 10, np.uint8))[1].tobytes())


def test_a_folder_gives_its_pictures_in_natural_order(tmp_path: Path) -> None:
    write_pictures(tmp_path, "frame1.png", "frame2.png", "frame10.png", "later/frame3.png")
    with open_frames(tmp_path) as frames:
        shown = list(frames)
    assert [int(frame[0, 0, 0]) for frame in shown] == [10, 20, 30, 40]
    assert all(frame.shape == (4, 6, 3) for frame in shown)
    assert not frames.live


def test_what_is_no_picture_in_a_folder_is_passed_over_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_pictures(tmp_path, "1.png", "3.png")
    (tmp_path / "2.txt").write_text("no picture", "utf-8")
    with open_frames(str(tmp_path)) as frames:
        assert len(list(frames)) == 2
    assert "2.txt" in caplog.text


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


def test_a_file_that_is_no_video_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("no video", "utf-8")
    with pytest.raises(SourceError, match=r"notes\.mp4.*convert"):
        open_frames(path)


def test_what_gives_no_frame_at_all_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_frames(tmp_path) as frames, pytest.raises(SourceError, match="no picture here"):
        next(iter(frames))
    monkeypatch.setattr(cv2, "VideoCapture", type("Video", (FakeCamera,), {"made": [], "count": 0}))
    path = tmp_path / "video.mp4"
    path.touch()
    with open_frames(path) as frames, pytest.raises(SourceError, match=r"video\.mp4: no frame of it can be decoded"):
        next(iter(frames))


def test_a_glob_gives_its_pictures_in_natural_order(tmp_path: Path) -> None:
    write_pictures(tmp_path, "frame2.png", "frame10.png", "other1.png")
    with open_frames(str(tmp_path / "frame*.png")) as frames:
        assert [int(frame[0, 0, 0]) for frame in frames] == [10, 20]
    with (
        open_frames(str(tmp_path / "none*.png")) as frames,
        pytest.raises(SourceError, match=r"none\*\.png: no picture"),
    ):
        list(frames)


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


@pytest.mark.parametrize(
    "frame", ["text", np.zeros((4, 6, 3)), np.zeros((4, 6, 2), np.uint8), np.zeros((0, 6, 3), np.uint8)]
)
def test_what_is_no_frame_is_refused(frame: object) -> None:
    with open_frames([frame]) as frames, pytest.raises(ImageError, match="frame "):  # type: ignore[list-item]
        list(frames)


def test_a_single_frame_and_what_cannot_be_iterated_are_refused() -> None:
    with pytest.raises(SourceError, match="one single frame"):
        open_frames(np.zeros((4, 6, 3), np.uint8))
    with pytest.raises(SourceError, match="source is a float"):
        open_frames(1.5)  # type: ignore[arg-type]
