"""The wild recipe: numbers as people write and print them, as the runtime's strip maker shows them.

What is drawn, and how often, is in ``SHARES``; how it is written in ``writing`` and ``typesetting``; how it is
photographed and cut in ``camera``, ``backgrounds`` and ``detector_crop``. About a quarter is the notebook's kind of
strip (digits stretched over the whole width), so that one network serves both.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.recognition.contract import SLOTS, STRIP_HEIGHT, STRIP_WIDTH
from train.datasets.glyph_bank import LETTERS, GlyphBank, load_glyphs
from train.datasets.mnist import SIZE, Digits, Split
from train.datasets.tablet import tablet_source

from .camera import cut_strip, false_detection, photograph
from .detector_crop import beside, found_strip
from .typesetting import glyph_line, mnist_line
from .writing import InkLine, pen_line, scribble, stroke_source

SHARES: Final = {"stretched": 0.24, "pen": 0.38, "mnist": 0.03, "type": 0.22, "negative": 0.13}
PEN_SHAPES: Final = 0.35  # share of pen-written lines in the shapes that MNIST lacks, drawn by ``pen``
TABLET_SHAPES: Final = 0.3  # the same as people wrote them on a tablet
BENT: Final = 0.6  # share of the stretched strips whose digits are bent, as no two of a writer are the same
OWN_FACES: Final = 0.5  # share of the printed strips in the faces of the user's own bank, where there is one
FOUND: Final = 0.1  # share of the strips that are not stretched that detection cuts; it takes a third of the time
LENGTHS: Final = (0.15, 0.21, 0.22, 0.22, 0.2)  # of 1 to 5 digits

_WRITTEN: Final = ("handwriting", "script", "school")
_DISPLAYS: Final = ("segment", "counter", "pixel")
_BEND_EVERY: Final = 7  # pixels between the places that move on their own
_HELD_OUT_FACE: Final = 10  # every tenth face validates and never trains
# A word of these alone could be read as a number by anybody.
_DIGIT_LIKE: Final = frozenset("OoDQIliJSsZzBbgqGTtyAaUu")
# No slash: a slanting 1 looks the same, above all at the end of a number.
_MARKS_BETWEEN: Final = ".,-:·'"
_MARKS_AFTER: Final = ".,-=·'"


class WildRecipe:
    """Draws labelled strips; everything it needs is loaded once.

    own_faces: a bank of faces of the user's, which serve in every split.
    """

    def __init__(self, digits: Digits, split: Split, own_faces: GlyphBank | None = None) -> None:
        self._digits = digits
        self._by_class = [np.flatnonzero(digits.labels == digit) for digit in range(10)]
        self._strokes = stroke_source(digits)
        self._tablet = tablet_source(split)
        self._bank = load_glyphs()
        self._own_faces = own_faces
        self._written = _faces(self._bank, split, _WRITTEN, inside=True)
        self._displays = _faces(self._bank, split, _DISPLAYS, inside=True)
        self._printed = _faces(self._bank, split, (*_WRITTEN, *_DISPLAYS), inside=False)
        letters = set(self._bank.faces_with(LETTERS).tolist())
        self._lettered = [np.array([i for i in faces if int(i) in letters]) for faces in (self._written, self._printed)]
        self._kinds = (self._stretched, self._pen, self._mnist, self._type, self._negative)

    def draw(self, rng: np.random.Generator) -> tuple[NDArray[np.uint8], str]:
        """One strip, uint8 [28, 140], and its digits ("" where there is no number)."""
        kind = self._kinds[int(rng.choice(len(self._kinds), p=list(SHARES.values())))]
        return kind(rng)

    def _stretched(self, rng: np.random.Generator) -> tuple[NDArray[np.uint8], str]:
        length = int(rng.integers(3, SLOTS + 1)) if rng.random() < 0.9 else int(rng.integers(1, 3))
        chosen = rng.integers(0, len(self._digits), length)
        turned = [_turn(self._digits.images[index], rng) for index in chosen]
        joined = np.hstack(turned)
        if rng.random() < BENT:
            joined = _bent(joined, rng)
        strip = cv2.resize(joined, (STRIP_WIDTH, STRIP_HEIGHT), interpolation=cv2.INTER_LINEAR)
        strip = cv2.normalize(strip, strip, 0, 255, cv2.NORM_MINMAX)
        return strip, "".join(str(self._digits.labels[index]) for index in chosen)

    def _pen(self, rng: np.random.Generator) -> tuple[NDArray[np.uint8], str]:
        text = _number(rng)
        strokes = self._tablet if rng.random() < TABLET_SHAPES / (1 - PEN_SHAPES) else self._strokes
        line = pen_line(_with_marks(text, rng), rng, strokes, PEN_SHAPES)
        return self._strip(line, rng), text

    def _mnist(self, rng: np.random.Generator) -> tuple[NDArray[np.uint8], str]:
        text = _number(rng)
        return self._strip(mnist_line(text, rng, self._digits, self._by_class), rng), text

    def _type(self, rng: np.random.Generator) -> tuple[NDArray[np.uint8], str]:
        text = _number(rng)
        kind = rng.random()
        faces = self._written if kind < 0.44 else self._printed if kind < 0.75 else self._displays
        bank = self._bank
        if kind > 0.88:  # a counter, of any face that may stand on drums
            faces = self._displays if rng.random() < 0.5 else self._printed
        if self._own_faces is not None and rng.random() < OWN_FACES:
            bank, faces = self._own_faces, np.arange(len(self._own_faces))
        if kind > 0.88:
            line = glyph_line(text, rng, bank, int(rng.choice(faces)), apart=True)
            return self._strip(line, rng, windows=1.0), text
        line = glyph_line(_with_marks(text, rng), rng, bank, int(rng.choice(faces)))
        return self._strip(line, rng, framed=0.25 if kind > 0.75 else 0.03), text

    def _negative(self, rng: np.random.Generator) -> tuple[NDArray[np.uint8], str]:
        kind = rng.random()
        if kind < 0.3:
            picture = false_detection(rng)
            cut = found_strip(picture, rng, number=False) if rng.random() < FOUND else cut_strip(picture, rng)
            return cut, ""
        if kind < 0.76:
            faces = self._lettered[0] if rng.random() < 0.7 else self._lettered[1]
            line = glyph_line(_word(rng), rng, self._bank, int(rng.choice(faces)))
        elif kind < 0.87:
            line = scribble(rng)
        elif kind < 0.94:  # specks and dashes that detection takes for a line
            line = pen_line(".-=·"[int(rng.integers(4))], rng, self._strokes, 0.0)
        else:  # nothing at all: the ground's own noise is stretched until it shows
            size = (int(rng.integers(40, 90)), int(rng.integers(60, 300)))
            box = (20.0, 15.0, size[1] - 20.0, size[0] - 15.0)
            line = InkLine(np.zeros(size, np.float32), box)
        return self._strip(line, rng, number=False), ""

    def _strip(
        self,
        line: InkLine,
        rng: np.random.Generator,
        *,
        number: bool = True,
        windows: float = 0.02,
        framed: float = 0.03,
    ) -> NDArray[np.uint8]:
        """The line photographed and cut out, now and then by the runtime's own detection from a fuller picture."""
        if rng.random() < 0.08:
            line = _squeezed(line, float(rng.uniform(0.6, 1.6)))
        found = rng.random() < FOUND
        if found and number and rng.random() < 0.4:
            face = int(rng.choice(self._lettered[int(rng.integers(2))]))
            line = beside(line, glyph_line(_word(rng), rng, self._bank, face), rng)
            windows = framed = 0.0  # they would go around the neighbour, too
        picture = photograph(line, rng, clean=rng.random() < 0.2, windows=windows, framed=framed)
        return found_strip(picture, rng, number=number) if found else cut_strip(picture, rng)


def _faces(bank: GlyphBank, split: Split, styles: tuple[str, ...], *, inside: bool) -> NDArray[np.intp]:
    held_out = split != "train"
    return np.array(
        [
            index
            for index, face in enumerate(bank.faces)
            if (face.style in styles) == inside and (index % _HELD_OUT_FACE == 0) == held_out
        ],
        np.intp,
    )


def _squeezed(line: InkLine, factor: float) -> InkLine:
    alpha = cv2.resize(line.alpha, None, fx=factor, fy=1, interpolation=cv2.INTER_LINEAR)
    left, top, right, bottom = line.box
    return InkLine(alpha, (left * factor, top, right * factor, bottom))


def _number(rng: np.random.Generator) -> str:
    length = int(rng.choice(SLOTS, p=LENGTHS)) + 1
    digits = rng.integers(0, 10, length)
    if rng.random() < 0.1:  # round numbers, as on cheques and price tags
        digits[int(rng.integers(0, length)) :] = 0
    return "".join(map(str, digits))


def _with_marks(text: str, rng: np.random.Generator) -> str:
    """Separators as people put them: thousands and decimals, after the number, now and then before it."""
    chance = rng.random()
    if len(text) > 1 and chance < 0.27:
        place = len(text) - 3 if len(text) > 3 and rng.random() < 0.7 else int(rng.integers(1, len(text)))
        mark = "." if rng.random() < 0.5 else _MARKS_BETWEEN[int(rng.integers(len(_MARKS_BETWEEN)))]
        text = text[:place] + mark + text[place:]
    if rng.random() < 0.15:
        count = 1 if rng.random() < 0.7 else 2
        text += "".join(_MARKS_AFTER[int(rng.integers(len(_MARKS_AFTER)))] for _ in range(count))
    if rng.random() < 0.03:
        text = "-=.·"[int(rng.integers(4))] + text
    return text


def _word(rng: np.random.Generator) -> str:
    while True:
        length = int(np.clip(rng.geometric(0.22), 1, 12))
        letters = "".join(LETTERS[int(index)] for index in rng.integers(0, len(LETTERS), length))
        case = rng.random()
        word = letters.lower() if case < 0.6 else letters.capitalize() if case < 0.8 else letters.upper()
        unlike = sum(letter not in _DIGIT_LIKE for letter in word)
        if unlike * 3 >= len(word):
            return word


def _bent(joined: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Elastic distortion (Simard, Steinkraus and Platt, ICDAR 2003): every place is moved by up to a few pixels."""
    height, width = joined.shape
    strength = rng.uniform(0.2, 1.1)  # pixels, standard deviation
    moves = rng.normal(0, strength, (2, height // _BEND_EVERY + 1, width // _BEND_EVERY + 1)).astype(np.float32)
    dx, dy = (cv2.resize(move, (width, height), interpolation=cv2.INTER_CUBIC) for move in moves)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return cv2.remap(joined, x + dx, y + dy, cv2.INTER_LINEAR)


def _turn(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The notebook's rotation by OpenCV instead of SciPy's splines: twenty times faster, hardly different."""
    angle = float(rng.integers(-15, 15))
    radians = np.deg2rad(abs(angle))
    frame = int(round(SIZE * (np.cos(radians) + np.sin(radians))))
    matrix = cv2.getRotationMatrix2D(((SIZE - 1) / 2, (SIZE - 1) / 2), angle, 1.0)
    matrix[:, 2] += (frame - SIZE) / 2
    turned = cv2.warpAffine(image, matrix, (frame, frame), flags=cv2.INTER_CUBIC)
    return cv2.resize(turned, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
