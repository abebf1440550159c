"""Folders of pictures to measure on: a few dozen are drawn, then repeated under distinct names up to any number."""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.recognition.contract import decode_classes

METHOD: Final = (
    "The pictures of a folder are a few dozen distinct ones, repeated under distinct names (hard links where the file "
    "system has them), so that after the first of them the files come from memory and no disk is measured. Of "
    "12-megapixel pictures a folder has a twentieth as many as of the others."
)
_SEED: Final = 61_004
_FRAME_QUALITY: Final = 88  # JPEG, as our samples
_PHOTO_QUALITY: Final = 90
_PHOTO_HW: Final = (3000, 4000)  # 12 megapixels, a telephone's
_PHOTO_NOISE: Final = 5.0  # grey levels; a sensor's noise, which decides the size of such a file

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


def make_folders(kind: Kind, counts: Sequence[int], home: Path) -> list[Folder]:
    """Folders of one kind below ``home``, which is made; of so many files each where ``share`` is 1."""
    drawn = home / kind.name
    drawn.mkdir(parents=True)
    sources, truths = [], []
    for index, (content, truth) in enumerate(kind.draw(kind.distinct)):
        sources.append(drawn / f"{index:03d}{kind.suffix}")
        sources[-1].write_bytes(content)
        truths.append(truth)
    folders = []
    for count in counts:
        path = home / f"{kind.name}-{count}"
        path.mkdir()
        files = repeat_files(sources, max(1, round(count * kind.share)), path)
        folders.append(Folder(kind, path, tuple(map(str, files)), tuple(truths[: len(files)])))
    return folders


def repeat_files(sources: Sequence[Path], count: int, folder: Path) -> list[Path]:
    """Fill a folder with ``count`` files, the sources in turn, under numbers of six digits."""
    files = []
    for index, source in enumerate(itertools.islice(itertools.cycle(sources), count)):
        files.append(folder / f"{index:06d}{source.suffix}")
        try:
            os.link(source, files[-1])
        except OSError:  # a file system without hard links, or too many of one file
            shutil.copyfile(source, files[-1])
    return files


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


def _encoded(suffix: str, pixels: NDArray[np.uint8], *settings: int) -> bytes:
    content: bytes = cv2.imencode(suffix, pixels, settings)[1].tobytes()
    return content
