"""The sample pictures in ``samples/``: our own numbers in scenes like those a camera sees.

::

    python -m train samples --out samples

MNIST's test digits are not used here: the pen's own shapes write, and the typefaces print.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

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


@dataclass(frozen=True)
class Sample:
    """A file name, the digits in it in reading order ("" for none), and the picture uint8 [480, 640, 3] BGR."""

    file: str
    label: str
    image: NDArray[np.uint8]


def write_samples(folder: Path) -> list[Sample]:
    """Draw all samples into ``folder`` as JPEG, with a ``labels.csv``."""
    folder.mkdir(parents=True, exist_ok=True)
    samples = [make(np.random.default_rng([SEED, index])) for index, make in enumerate(_SCENES)]
    for sample in samples:
        _, data = cv2.imencode(".jpg", sample.image, [cv2.IMWRITE_JPEG_QUALITY, 88])
        (folder / sample.file).write_bytes(data.tobytes())
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "label"])
        rows.writerows([sample.file, sample.label] for sample in samples)
    return samples


def _yellow_note(rng: np.random.Generator) -> Sample:
    frame = _paper(YELLOW_PAPER, rng)
    _put(frame, _written("2750", rng), (320, 240), 120, BLUE_PEN, turn=-4)
    return Sample("note.jpg", "2750", _taken(frame, rng))


def _marker_beside_dark(rng: np.random.Generator) -> Sample:
    frame = _paper(WHITE_PAPER, rng)
    _put(frame, _written("84", rng), (360, 250), 210, BLACK)
    frame[:, :70] = (30, 26, 24)
    return Sample("marker.jpg", "84", _taken(frame, rng))


def _pencil_tilted(rng: np.random.Generator) -> Sample:
    frame = _paper(WHITE_PAPER, rng)
    _put(frame, _written("61907", rng), (320, 230), 80, PENCIL, turn=17)
    return Sample("pencil.jpg", "61907", _taken(frame, rng))


def _two_numbers(rng: np.random.Generator) -> Sample:
    frame = _paper(YELLOW_PAPER, rng)
    _put(frame, _written("308", rng), (230, 150), 90, BLACK)
    _put(frame, _written("4921", rng), (390, 340), 90, BLACK)
    return Sample("two.jpg", "3084921", _taken(frame, rng))


def _phone_number(rng: np.random.Generator) -> Sample:
    frame = _paper(WHITE_PAPER, rng)
    _put(frame, _written("2604173", rng), (320, 240), 66, BLUE_PEN)
    return Sample("seven.jpg", "2604173", _taken(frame, rng))


def _display(rng: np.random.Generator) -> Sample:
    frame = np.empty((*FRAME, 3), np.float32)
    frame[:] = (40, 36, 34)
    _put(frame, _printed("1845", "segment", rng), (320, 240), 110, (90, 90, 250))
    return Sample("display.jpg", "1845", _taken(frame, rng))


def _door(rng: np.random.Generator) -> Sample:
    frame = np.empty((*FRAME, 3), np.float32)
    frame[:] = (70, 120, 60)
    cv2.circle(frame, (320, 240), 180, (235, 235, 235), -1, cv2.LINE_AA)
    _put(frame, _printed("37", "sans", rng), (320, 240), 150, (40, 40, 190))
    return Sample("door.jpg", "37", _taken(frame, rng))


def _empty_paper(rng: np.random.Generator) -> Sample:
    return Sample("empty.jpg", "", _taken(_paper(YELLOW_PAPER, rng), rng))


_SCENES: Final[tuple[Callable[[np.random.Generator], Sample], ...]] = (
    _yellow_note,
    _marker_beside_dark,
    _pencil_tilted,
    _two_numbers,
    _phone_number,
    _display,
    _door,
    _empty_paper,
)


def _written(text: str, rng: np.random.Generator) -> InkLine:
    return pen_line(text, rng, pen_digit, 1.0, tidy=True)


def _printed(text: str, style: str, rng: np.random.Generator) -> InkLine:
    bank = load_glyphs()
    return glyph_line(text, rng, bank, int(rng.choice(bank.faces_of(style))))


def _paper(colour: Colour, rng: np.random.Generator) -> Frame:
    height, width = FRAME
    grain = rng.normal(0, 2.5, (height, width, 1)) + cv2.resize(rng.normal(0, 5, (12, 16)), (width, height))[..., None]
    return (np.array(colour, np.float32) + grain).astype(np.float32)


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


def _put(frame: Frame, line: InkLine, centre: tuple[int, int], height: int, ink: Colour, turn: float = 0.0) -> None:
    """Write the line into the frame: its ink ``height`` pixels high, turned by degrees counter-clockwise."""
    alpha = placed(line, frame.shape, centre, height, turn)
    frame[:] = frame * (1 - 0.92 * alpha) + np.array(ink, np.float32) * (0.92 * alpha)


def _taken(frame: Frame, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Uneven light, a soft lens, sensor noise."""
    height, width = frame.shape[:2]
    x, y = np.linspace(-1, 1, width)[None, :, None], np.linspace(-1, 1, height)[:, None, None]
    light = 1 + rng.normal(0, 0.12) * x + rng.normal(0, 0.12) * y - rng.uniform(0.05, 0.25) * (x**2 + y**2) / 2
    soft = cv2.GaussianBlur((frame * light).astype(np.float32), (0, 0), 0.9)
    return np.clip(soft + rng.normal(0, 3, frame.shape), 0, 255).astype(np.uint8)
