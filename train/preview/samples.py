"""The sample pictures in ``samples/``: our own numbers in scenes like those a camera sees.

::

    python -m train samples --out samples

MNIST's test digits are not used here: the pen's own shapes write, and the typefaces print.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from train.datasets.glyph_bank import load_glyphs
from train.datasets.pen import pen_digit
from train.synthesis.typesetting import glyph_line
from train.synthesis.writing import InkLine, pen_line

FRAME: Final = (480, 640)
SEED: Final = 20

Colour = tuple[int, int, int]  # blue, green, red
Frame = NDArray[np.float32]

YELLOW_PAPER: Final[Colour] = (150, 222, 232)
WHITE_PAPER: Final[Colour] = (222, 226, 228)
BLUE_PEN: Final[Colour] = (150, 70, 40)
PENCIL: Final[Colour] = (120, 120, 122)
BLACK: Final[Colour] = (28, 26, 30)


class Ink(NamedTuple):
    """A number in a picture: its ink's middle x, y and height in pixels, turned by degrees counter-clockwise.

    style: of a typeface; written with a pen where it is empty.
    """

    text: str
    centre: tuple[int, int]
    height: int
    colour: Colour
    turn: float = 0.0
    style: str = ""


class Scene(NamedTuple):
    """A file and what is on it; paper has a grain, another ground has none; disc: of a sign on the ground."""

    file: str
    ground: Colour
    inks: tuple[Ink, ...]
    paper: bool = True
    disc: bool = False
    dark_side: bool = False


SCENES: Final = (
    Scene("note.jpg", YELLOW_PAPER, (Ink("2750", (320, 240), 120, BLUE_PEN, -4),)),
    Scene("marker.jpg", WHITE_PAPER, (Ink("84", (360, 250), 210, BLACK),), dark_side=True),
    Scene("pencil.jpg", WHITE_PAPER, (Ink("61907", (320, 230), 80, PENCIL, 17),)),
    Scene("two.jpg", YELLOW_PAPER, (Ink("308", (230, 150), 90, BLACK), Ink("4921", (390, 340), 90, BLACK))),
    Scene("seven.jpg", WHITE_PAPER, (Ink("2604173", (320, 240), 66, BLUE_PEN),)),
    Scene("display.jpg", (40, 36, 34), (Ink("1845", (320, 240), 110, (90, 90, 250), style="segment"),), paper=False),
    Scene(
        "door.jpg", (70, 120, 60), (Ink("37", (320, 240), 150, (40, 40, 190), style="sans"),), paper=False, disc=True
    ),
    Scene("empty.jpg", YELLOW_PAPER, ()),
)


@dataclass(frozen=True)
class Sample:
    """A file name, the digits in it in reading order ("" for none), and the picture uint8 [H, W, 3] BGR."""

    file: str
    label: str
    image: NDArray[np.uint8]


def write_samples(folder: Path) -> list[Sample]:
    """Draw all samples into ``folder`` as JPEG, with a ``labels.csv``."""
    samples = [draw_sample(scene, np.random.default_rng([SEED, index])) for index, scene in enumerate(SCENES)]
    write_pictures(folder, samples, quality=88)
    return samples


def write_pictures(folder: Path, pictures: Iterable[Sample], quality: int) -> None:
    """Write pictures as JPEG of a quality of 0 to 100 into ``folder``, with a ``labels.csv``."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "label"])
        for picture in pictures:
            _, data = cv2.imencode(".jpg", picture.image, [cv2.IMWRITE_JPEG_QUALITY, quality])
            (folder / picture.file).write_bytes(data.tobytes())
            rows.writerow([picture.file, picture.label])


def draw_sample(scene: Scene, rng: np.random.Generator) -> Sample:
    """One of the pictures."""
    frame = np.empty((*FRAME, 3), np.float32)
    frame[:] = scene.ground
    if scene.paper:
        frame += _grain(rng)
    if scene.disc:
        cv2.circle(frame, (320, 240), 180, (235, 235, 235), -1, cv2.LINE_AA)
    for ink in scene.inks:
        line = _line(ink, rng)
        alpha = 0.92 * placed(line, frame.shape, ink.centre, ink.height, ink.turn)
        frame[:] = frame * (1 - alpha) + np.array(ink.colour, np.float32) * alpha
    if scene.dark_side:
        frame[:, :70] = (30, 26, 24)
    return Sample(scene.file, "".join(ink.text for ink in scene.inks), _taken(frame, rng))


def _line(ink: Ink, rng: np.random.Generator) -> InkLine:
    if not ink.style:
        return pen_line(ink.text, rng, pen_digit, 1.0, tidy=True)
    bank = load_glyphs()
    return glyph_line(ink.text, rng, bank, int(rng.choice(bank.faces_of(ink.style))))


def _grain(rng: np.random.Generator) -> NDArray[np.float64]:
    height, width = FRAME
    return rng.normal(0, 2.5, (height, width, 1)) + cv2.resize(rng.normal(0, 5, (12, 16)), (width, height))[..., None]


def placed(
    line: InkLine, shape: tuple[int, ...], centre: Sequence[float] | NDArray[np.float64], height: float, turn: float
) -> NDArray[np.float32]:
    """Ink of a line in a frame of ``shape``, float32 [H, W, 1]: about its ``centre`` x, y, ``height`` pixels high,
    turned by degrees counter-clockwise.
    """
    left, top, right, bottom = line.box
    matrix = cv2.getRotationMatrix2D(((left + right) / 2, (top + bottom) / 2), turn, height / (bottom - top))
    matrix[:, 2] += np.array(centre) - [(left + right) / 2, (top + bottom) / 2]
    return np.asarray(cv2.warpAffine(line.alpha, matrix, (shape[1], shape[0]), flags=cv2.INTER_LINEAR)[..., None])


def _taken(frame: Frame, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Uneven light, a soft lens, sensor noise."""
    height, width = frame.shape[:2]
    x, y = np.linspace(-1, 1, width)[None, :, None], np.linspace(-1, 1, height)[:, None, None]
    light = 1 + rng.normal(0, 0.12) * x + rng.normal(0, 0.12) * y - rng.uniform(0.05, 0.25) * (x**2 + y**2) / 2
    soft = cv2.GaussianBlur((frame * light).astype(np.float32), (0, 0), 0.9)
    return np.clip(soft + rng.normal(0, 3, frame.shape), 0, 255).astype(np.uint8)
