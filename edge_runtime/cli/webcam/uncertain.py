"""``UncertainPictures``: a folder of the frames that the reader was not sure of, of bounded number and size."""

from __future__ import annotations

import json
import os
from collections import deque
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from edge_runtime.images.annotate import save_picture
from edge_runtime.video.base import log
from edge_runtime.video.stream import LiveResult

_NAME: Final = "unsure-*.jpg"
_SAME_AGAIN_S: Final = 30.0


class UncertainPictures:
    """Saves frames with a reading that is not accepted, as JPEG with a JSON file beside; drops the oldest.

    folder: made where it is missing; pictures of earlier runs in it count, other files are left alone.
    most_files, most_mb: bounds of the folder's pictures; a JSON file counts with its picture.
    every_s: seconds between two pictures at least; the same texts again are only saved after 30 s.
    Raises ``OSError`` when the folder cannot be made; a picture that cannot be written is lost with a warning.
    """

    def __init__(self, folder: Path, most_files: int = 500, most_mb: float = 100.0, every_s: float = 1.0) -> None:
        self._folder = folder
        self._most_files = most_files
        self._most_bytes = most_mb * 1e6
        self._every_s = every_s
        self._warned = False
        self._last: tuple[tuple[str, ...], float] = ((), float("-inf"))
        folder.mkdir(parents=True, exist_ok=True)
        self._kept = deque((path, _bytes_of(path)) for path in sorted(folder.glob(_NAME)))
        self._drop_oldest()

    def consider(self, result: LiveResult) -> Path | None:
        """Save the frame if it is due; where it was saved."""
        texts = tuple(sorted(reading.text for reading in result.readings if not reading.accepted))
        last_texts, last_s = self._last
        wait_s = max(_SAME_AGAIN_S, self._every_s) if texts == last_texts else self._every_s
        if not texts or result.unchanged or 0 <= result.time_s - last_s < wait_s:  # a clock may be set back
            return None
        self._last = texts, result.time_s
        path = self._folder / datetime.fromtimestamp(result.time_s).strftime(_NAME.replace("*", "%Y%m%d-%H%M%S-%f"))
        try:
            save_frame(path, result)
        except OSError as error:  # a full disk must not end the reading
            with suppress(OSError):  # what was begun would never be counted, nor dropped
                path.unlink(missing_ok=True)
                path.with_suffix(".json").unlink(missing_ok=True)
            if not self._warned:
                log.warning(
                    "%s: cannot be written (%s); uncertain pictures are lost until it can", path, error.strerror
                )
            self._warned = True
            return None
        self._warned = False
        self._kept.append((path, _bytes_of(path)))
        self._drop_oldest()
        return path

    def _drop_oldest(self) -> None:
        while self._kept and (
            len(self._kept) > self._most_files or sum(size for _, size in self._kept) > self._most_bytes
        ):
            path, _ = self._kept.popleft()
            path.unlink(missing_ok=True)
            path.with_suffix(".json").unlink(missing_ok=True)


def save_frame(path: Path, result: LiveResult) -> None:
    """Write the frame as a picture, and what was read as JSON beside it; raises ``OSError`` or ``ImageError``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_picture(path, result.frame_bgr)
    path.with_suffix(".json").write_text(json.dumps(result.as_dict(), indent=1) + "\n", "utf-8")


def _bytes_of(path: Path) -> int:
    """Bytes of a picture and its JSON file; 0 for what has gone meanwhile."""
    return sum(os.path.getsize(item) for item in (path, path.with_suffix(".json")) if item.exists())
