"""Crops of photographs and surfaces without a character in them: the background bank.

``train/data/backgrounds.npz`` holds the crops as JPEG, ``train/data/background_sources.csv`` the list of pictures they
are cut from, ``train/data/BACKGROUNDS.md`` who made them and under which licence.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from train.core.errors import DataError

VERSION: Final = 1
SIDE: Final = 320  # pixels of a crop
DATA: Final = Path(__file__).parents[2] / "data"
DEFAULT: Final = DATA / "backgrounds.npz"
_KEPT: Final = 400  # decoded crops held in memory, 0.3 MB each


@dataclass(frozen=True, eq=False)
class BackgroundBank:
    """jpegs: uint8 [bytes], all files one after another; ends: int64 [N]; sources: name of the picture of each crop."""

    jpegs: NDArray[np.uint8]
    ends: NDArray[np.int64]
    sources: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ends)

    def crop(self, index: int) -> NDArray[np.uint8]:
        """One crop, uint8 [320, 320, 3] BGR; read-only."""
        start = int(self.ends[index - 1]) if index else 0
        pixels = cv2.imdecode(self.jpegs[start : int(self.ends[index])], cv2.IMREAD_COLOR)
        if pixels is None:
            raise DataError(f"background bank: crop {index} is no JPEG; restore {DEFAULT} from the repository")
        pixels.setflags(write=False)
        return np.asarray(pixels, np.uint8)


def load_backgrounds(path: Path = DEFAULT) -> BackgroundBank:
    """Read a bank; raise ``DataError`` where the file is missing, damaged or of another version."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            about = json.loads(archive["about"].tobytes())
            bank = BackgroundBank(archive["jpegs"], archive["ends"].astype(np.int64), tuple(about["sources"]))
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path}: no background bank, or damaged ({error}); restore it from the repository") from None
    if about["version"] != VERSION or len(bank.sources) != len(bank) or bank.ends[-1] != len(bank.jpegs):
        raise DataError(f"{path}: not a background bank of version {VERSION}; restore it from the repository")
    return bank


def save_backgrounds(jpegs: list[NDArray[np.uint8]], sources: list[str], path: Path) -> None:
    """Write a bank so that ``load_backgrounds`` gives it back."""
    about = np.frombuffer(json.dumps({"version": VERSION, "sources": sources}).encode(), np.uint8)
    np.savez(path, about=about, jpegs=np.concatenate(jpegs), ends=np.cumsum([len(jpeg) for jpeg in jpegs]))


@lru_cache(maxsize=1)
def shared_bank() -> BackgroundBank:
    """The repository's bank, read once."""
    return load_backgrounds()


@lru_cache(maxsize=_KEPT)
def shared_crop(index: int) -> NDArray[np.uint8]:
    """A crop of the repository's bank, decoded once; read-only."""
    return shared_bank().crop(index)
