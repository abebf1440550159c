"""Folders of pictures to measure on: a few dozen are drawn, then repeated under distinct names up to any number."""

from __future__ import annotations

import csv
import hashlib
import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.core.options import Say
from edge_runtime.recognition.contract import decode_classes

METHOD: Final = (
    "The pictures of a folder are a few dozen distinct ones, repeated under distinct names (hard links where the file "
    "system has them), so that after the first of them the files come from memory and no disk is measured. Of "
    "12-megapixel pictures a folder has a twentieth as many as of the others."
)
_VERSION: Final = 1  # of the drawn pictures; raised when they change, so that old folders are not taken for these
_SEED: Final = 61_004
_FRAME_QUALITY: Final = 88  # JPEG, as our samples
_PHOTO_QUALITY: Final = 90
_PHOTO_HW: Final = (3000, 4000)  # 12 megapixels, a telephone's
_PHOTO_NOISE: Final = 5.0  # grey levels; a sensor's noise, which decides the size of such a file
_LABELS_FILE: Final = "labels.csv"

Drawn = tuple[bytes, str]  # a file's content and the digits in the picture


@dataclass(frozen=True)
class Kind:
    """One kind of picture.

    share: of the pictures asked for, how many a folder of this kind gets, 0 to 1; distinct: pictures drawn;
    draw: gives that many.
    """

    name: str
    title: str
    suffix: str
    distinct: int
    share: float
    draw: Callable[[int], Iterator[Drawn]]

    def files_of(self, count: int) -> int:
        """How many files a folder of this kind has where ``count`` are asked for; one at least."""
        return max(1, round(count * self.share))


@dataclass(frozen=True)
class Folder:
    """files: natural order; truths: the digits in each of the first files, one for each distinct picture."""

    kind: Kind
    path: Path
    files: tuple[str, ...]
    truths: tuple[str, ...]

    @property
    def distinct(self) -> tuple[str, ...]:
        """One file of each distinct picture, as far as the folder has them; they pair with ``truths``."""
        return self.files[: len(self.truths)]

    def facts(self) -> dict[str, Any]:
        """JSON-safe, without names of the machine."""
        contents = [Path(path).read_bytes() for path in self.distinct]
        return {
            "kind": self.kind.name,
            "format": self.kind.title,
            "files": len(self.files),
            "distinct": len(contents),
            "median_bytes": int(median(len(content) for content in contents)),
            "sha256": hashlib.sha256(b"".join(contents)).hexdigest(),
        }


def make_folder(kind: Kind, count: int, cache: Path, say: Say) -> Folder:
    """A folder of ``count`` files of one kind, made on first use and found in ``cache`` afterwards."""
    home = cache / f"{kind.name}-{kind.distinct}-v{_VERSION}"
    drawn = home / "drawn"
    if not drawn.is_dir():
        say(f"{kind.name}: drawing {kind.distinct} pictures, {kind.title}")
        _build(drawn, lambda building: _draw(kind, building))
    with (drawn / _LABELS_FILE).open(newline="", encoding="utf-8") as file:
        labels = {row["file"]: row["label"] for row in csv.DictReader(file)}
    folder = home / str(count)
    if not folder.is_dir():
        say(f"{kind.name}: a folder of {count:,} files")
        _build(folder, lambda building: repeat_files([drawn / name for name in labels], count, building))
    files = tuple(sorted(str(path) for path in folder.iterdir()))
    return Folder(kind, folder, files, tuple(labels.values())[:count])


def draw_strips(count: int) -> Iterator[Drawn]:
    """Strips of validation digits as 140×28 PNG, notebook recipe: what the notebook's network was made for."""
    from train.synthesis.strips import make_strips

    strips, labels = make_strips("notebook", "validation", count, _SEED)
    for strip, classes in zip(strips, labels, strict=True):
        yield _encoded(".png", strip), decode_classes(classes.tolist())


def draw_frames(count: int) -> Iterator[Drawn]:
    """640×480 JPEG: our samples, then coloured print on plates, signs and plain grounds."""
    for image, label in itertools.islice(_scenes(), count):
        yield _encoded(".jpg", image, cv2.IMWRITE_JPEG_QUALITY, _FRAME_QUALITY), label


def draw_photos(count: int) -> Iterator[Drawn]:
    """The same scenes as a telephone takes them: 4000×3000 JPEG with the sensor's noise."""
    height, width = _PHOTO_HW
    for index, (image, label) in enumerate(itertools.islice(_scenes(), count)):
        random = np.random.default_rng([_SEED, index])
        photo = cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)
        photo += _PHOTO_NOISE * random.standard_normal(photo.shape, np.float32)
        pixels = np.clip(photo, 0, 255).astype(np.uint8)
        yield _encoded(".jpg", pixels, cv2.IMWRITE_JPEG_QUALITY, _PHOTO_QUALITY), label


STRIPS: Final = Kind("strips", "140x28 PNG", ".png", distinct=48, share=1, draw=draw_strips)
FRAMES: Final = Kind("frames", "640x480 JPEG", ".jpg", distinct=32, share=1, draw=draw_frames)
PHOTOS: Final = Kind("photos", "4000x3000 JPEG", ".jpg", distinct=12, share=0.05, draw=draw_photos)
KINDS: Final = (STRIPS, FRAMES, PHOTOS)


def _scenes() -> Iterator[tuple[NDArray[np.uint8], str]]:
    """Endless pictures uint8 [480, 640, 3] BGR, and the digits in them."""
    from train.preview.samples import FRAME, write_samples
    from train.preview.signs import draw_sign

    with TemporaryDirectory() as folder:
        samples = write_samples(Path(folder))
    yield from ((sample.image, sample.label) for sample in samples)
    for index in itertools.count():
        image, label = draw_sign(np.random.default_rng([_SEED, index]))
        if image.shape[:2] == FRAME:  # signs come in several sizes
            yield image, label


def _build(folder: Path, fill: Callable[[Path], None]) -> None:
    """Fill a folder under another name first: one that was interrupted is not taken for a whole one."""
    building = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    fill(building)
    building.rename(folder)


def _draw(kind: Kind, folder: Path) -> None:
    with (folder / _LABELS_FILE).open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "label"])
        for index, (content, label) in enumerate(kind.draw(kind.distinct)):
            name = f"{index:03d}{kind.suffix}"
            (folder / name).write_bytes(content)
            rows.writerow([name, label])


def repeat_files(sources: list[Path], count: int, folder: Path) -> None:
    """Fill a folder with ``count`` files, the sources in turn, under numbers of six digits."""
    for index, source in enumerate(itertools.islice(itertools.cycle(sources), count)):
        target = folder / f"{index:06d}{source.suffix}"
        try:
            os.link(source, target)
        except OSError:  # a file system without hard links, or too many of one file
            shutil.copyfile(source, target)


def _encoded(suffix: str, pixels: NDArray[np.uint8], *settings: int) -> bytes:
    content: bytes = cv2.imencode(suffix, pixels, settings)[1].tobytes()
    return content
