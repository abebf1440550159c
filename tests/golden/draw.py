"""Draws the golden pictures from one seed with the training data's own pens, typefaces, grounds and cameras.

Only steady pictures are kept: no confidence close to the threshold, and read alike after noise of two grey levels at
most. Others would flip between versions of OpenCV, which says nothing of the code. Where a number is shown, something
must be read, right or wrong.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from typing import Final

import cv2
import numpy as np

from edge_runtime import DigitReader
from train.datasets.glyph_bank import LETTERS, load_glyphs
from train.datasets.pen import pen_digit
from train.preview.samples import placed
from train.preview.signs import STYLES, draw_sign
from train.synthesis.backgrounds import field, light, mottle
from train.synthesis.camera import false_detection, photograph
from train.synthesis.typesetting import glyph_line
from train.synthesis.writing import InkLine, pen_line, scribble

from .record import OTHER_OPENCV, PICTURES, READERS, Tolerance, alike, read

SEED: Final = 2026
COUNT: Final = 200
ATTEMPTS: Final = 60  # at a steady picture
NOISE: Final = 2  # grey levels
LOOKS: Final = 5  # at a picture with noise
HALF: Final = Tolerance(OTHER_OPENCV.confidence / 2, OTHER_OPENCV.pixels // 2)
_WRITTEN: Final = ("handwriting", "script", "school")
_NOT_LIKE_DIGITS: Final = "CEFHKMNPRVWXcdefhkmnprvwx"  # letters of which no word is a number to anybody

Image = np.ndarray
Rng = np.random.Generator


def draw_pictures() -> None:
    """Write ``pictures/KIND/NN.jpg``, every tenth as a grey PNG; what was there before goes."""
    if PICTURES.exists():
        shutil.rmtree(PICTURES)
    readers = [DigitReader(**choice) for choice in READERS.values()]
    for index in range(COUNT):
        number, place = divmod(index, len(_KINDS))
        kind = list(_KINDS)[place]
        suffix = ".png" if number % 10 == 0 else ".jpg"
        for attempt in range(ATTEMPTS):
            rng = np.random.default_rng([SEED, index, attempt])
            data = _encoded(_KINDS[kind](rng), suffix)
            if all(_is_steady(reader, data, rng, kind not in _WITHOUT_NUMBER) for reader in readers):
                break
        else:
            raise RuntimeError(f"{kind} {number}: none of {ATTEMPTS} pictures is steady")
        path = PICTURES / kind / f"{number:02d}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.tobytes())
        print(f"{path.relative_to(PICTURES)}: attempt {attempt + 1}", flush=True)


def _encoded(image: Image, suffix: str) -> Image:
    if suffix == ".png" and image.ndim == 3:
        image = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    sides = (160, 240) if suffix == ".png" else (160, 480)  # noise takes much room in a PNG
    scale = min(max(1.0, sides[0] / min(image.shape[:2])), sides[1] / max(image.shape[:2]))
    if scale != 1.0:
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=way)
    return np.asarray(cv2.imencode(suffix, image, [cv2.IMWRITE_JPEG_QUALITY, 85] if suffix == ".jpg" else [])[1])


def _is_steady(reader: DigitReader, data: Image, rng: Rng, shows_number: bool) -> bool:
    image = np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED))
    before = read(reader, image)
    close = any(abs(reading["confidence"] - reader.threshold) < 2 * OTHER_OPENCV.confidence for reading in before)
    if close or (shows_number and not before):
        return False
    noises = (rng.integers(-NOISE, NOISE + 1, image.shape) for _ in range(LOOKS))
    noisy = (np.clip(image + noise, 0, 255).astype(np.uint8) for noise in noises)
    return all(alike(before, read(reader, other), HALF) for other in noisy)


def _paper(rng: Rng) -> Image:
    """One or two numbers in handwriting."""
    lines = [_written(_number(rng), rng) for _ in range(int(rng.integers(1, 3)))]
    return _scanned(lines[0], rng) if rng.random() < 0.4 else _sheet(lines, rng)


def _display(rng: Rng) -> Image:
    """Seven segments: in grey behind a window, or glowing in colour, or dark on a green or grey ground."""
    line = _printed(_number(rng), ("segment",), rng)
    if rng.random() < 0.3:
        return _scanned(line, rng, framed=1.0)
    glows = rng.random() < 0.6
    ground = rng.uniform(15, 60, 3) if glows else rng.uniform(130, 200) * rng.uniform(0.8, 1, 3)
    ink = rng.permutation([rng.uniform(180, 255), rng.uniform(40, 220), 40]) if glows else rng.uniform(10, 50, 3)
    frame = np.full((240, 360, 3), rng.uniform(20, 220, 3), np.float32)
    cv2.rectangle(frame, (30, 50), (330, 190), ground.tolist(), -1)
    return _taken(_inked(frame, line, (180, 120), 64, float(rng.normal(0, 3)), ink), rng)


def _counter(rng: Rng) -> Image:
    """Drums behind a window each."""
    line = _printed(_number(rng, 4, 7), ("counter", "sans", "condensed"), rng, apart=True)
    return _scanned(line, rng, windows=1.0)


def _plate(rng: Rng) -> Image:
    """A number on a sign or a plain ground, in a scene."""
    return draw_sign(rng)[0]


def _page(rng: Rng) -> Image:
    """Four to fifteen numbers, written or printed, now and then a word among them."""
    lines = []
    hand = rng.random() < 0.5
    for _ in range(int(rng.integers(4, 16))):
        if rng.random() < 0.12:
            lines.append(_word(rng))
        else:
            lines.append(_written(_number(rng), rng) if hand else _printed(_number(rng), STYLES, rng))
    return _sheet(lines, rng, columns=3 if len(lines) > 6 else 2)


def _words(rng: Rng) -> Image:
    """One to four words."""
    lines = [_word(rng) for _ in range(int(rng.integers(1, 5)))]
    return _scanned(lines[0], rng) if rng.random() < 0.3 else _sheet(lines, rng)


def _nothing(rng: Rng) -> Image:
    """Blank paper, scribbles, edges and blobs."""
    kind = rng.random()
    if kind < 0.3:
        return _scanned(InkLine(np.zeros((50, 120), np.float32), (10.0, 10.0, 110.0, 40.0)), rng)
    if kind < 0.55:
        return _scanned(scribble(rng), rng)
    return _tinted(cv2.resize(false_detection(rng).image, (320, 240), interpolation=cv2.INTER_CUBIC), rng)


_KINDS: Final[dict[str, Callable[[Rng], Image]]] = {
    "paper": _paper,
    "display": _display,
    "counter": _counter,
    "plate": _plate,
    "page": _page,
    "words": _words,
    "nothing": _nothing,
}
_WITHOUT_NUMBER: Final = ("words", "nothing")


def _number(rng: Rng, shortest: int = 1, longest: int = 6) -> str:
    return "".join(map(str, rng.integers(0, 10, int(rng.integers(shortest, longest + 1)))))


def _written(text: str, rng: Rng) -> InkLine:
    if rng.random() < 0.5:
        return _printed(text, _WRITTEN, rng)
    return pen_line(text, rng, pen_digit, 1.0, tidy=rng.random() < 0.6)


def _printed(text: str, styles: Sequence[str], rng: Rng, *, apart: bool = False) -> InkLine:
    bank = load_glyphs()
    faces = np.intersect1d(bank.faces_of(*styles), bank.faces_with(text))
    return glyph_line(text, rng, bank, int(rng.choice(faces)), apart=apart)


def _word(rng: Rng) -> InkLine:
    letters = [letter for letter in LETTERS if letter in _NOT_LIKE_DIGITS]
    return _printed("".join(rng.choice(letters, int(rng.integers(2, 9)))), (*_WRITTEN, *STYLES[:3]), rng)


def _scanned(line: InkLine, rng: Rng, *, windows: float = 0.0, framed: float = 0.0) -> Image:
    """One line photographed as a training strip is, with more ground around it."""
    left, top, right, bottom = line.box
    unit = int(bottom - top)
    rows = int((right - left + unit) * rng.uniform(0.4, 0.8))
    above, beside = max(rows - unit, unit) // 2, int(unit * rng.uniform(0.2, 1.5))
    alpha = np.pad(line.alpha, ((above, above), (beside, beside)))
    line = InkLine(alpha, (left + beside, top + above, right + beside, bottom + above))
    return _tinted(photograph(line, rng, windows=windows, framed=framed).image, rng)


def _sheet(lines: Sequence[InkLine], rng: Rng, columns: int = 1) -> Image:
    """Lines in rows and columns on paper."""
    height, width = (240, 320) if len(lines) < 5 else (360, 480)
    shape = (height, width) if rng.random() < 0.7 else (width, height)
    frame = np.full((*shape, 3), rng.uniform(150, 245) * rng.uniform(0.75, 1, 3), np.float32)
    frame *= mottle(shape, rng)[..., None]
    ink, turn = rng.uniform(10, 110, 3), float(rng.normal(0, 6 if columns == 1 else 2))
    rows = -(-len(lines) // columns)
    cell = np.array([shape[1] / columns, shape[0] / rows])
    for index, line in enumerate(lines):
        left, top, right, bottom = line.box
        tall = min(rng.uniform(0.3, 0.5) * cell[1], 0.7 * cell[0] * (bottom - top) / (right - left), 80)
        centre = cell * (np.array([index % columns, index // columns]) + 0.5 + rng.uniform(-0.06, 0.06, 2))
        frame = _inked(frame, line, centre, tall, turn, ink)
    return _taken(frame, rng)


def _inked(frame: Image, line: InkLine, centre: Sequence[float] | Image, tall: float, turn: float, ink: Image) -> Image:
    left, top, right, bottom = line.box
    tall = min(tall, 0.8 * frame.shape[1] * (bottom - top) / (right - left))
    alpha = 0.93 * placed(line, frame.shape, centre, tall, turn)
    return frame * (1 - alpha) + ink.astype(np.float32) * alpha


def _taken(frame: Image, rng: Rng) -> Image:
    """Uneven light, a soft lens, a sensor."""
    lit = frame * light(frame.shape[:2], rng)[..., None]
    soft = cv2.GaussianBlur(lit.astype(np.float32), (0, 0), float(rng.uniform(0.5, 1.2)))
    return np.clip(soft + rng.normal(0, rng.uniform(0.5, 4), frame.shape), 0, 255).astype(np.uint8)


def _tinted(grey: Image, rng: Rng) -> Image:
    """Half of the pictures stay grey; the others get a colour that changes slowly over the picture."""
    if rng.random() < 0.5:
        return grey
    tint = rng.uniform(0.6, 1, 3) + 0.08 * np.stack([field(grey.shape, 2, rng) for _ in range(3)], axis=2)
    return np.clip(grey[..., None] * tint, 0, 255).astype(np.uint8)
