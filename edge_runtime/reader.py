"""``DigitReader``: picture -> readings. Locate, make strips, run the network once, decode, choose."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.errors import ModelError
from edge_runtime.core.geometry import reading_order
from edge_runtime.detection.locate import Line, locate, locate_more
from edge_runtime.detection.working import WorkingCopy
from edge_runtime.images.load import MAX_MEGAPIXELS, ImageSource, load_picture
from edge_runtime.recognition.contract import CLASSES, SLOTS, STRIP_HEIGHT, STRIP_WIDTH, ModelSpec
from edge_runtime.recognition.decode import Box, Reading, average, decode, join
from edge_runtime.recognition.judgement import doubted, is_bars, without_stains
from edge_runtime.recognition.model import AUTO, DigitModel, Provider, check_strips
from edge_runtime.recognition.model_files import SECOND_LOOK
from edge_runtime.recognition.segment import Part, cut_at, middle_gap, split_spans
from edge_runtime.recognition.strip import as_strip, fit, line_ink, other_views
from edge_runtime.recognition.suppression import drop_overlapping

if TYPE_CHECKING:
    from edge_runtime.video.rules import Plausible
    from edge_runtime.video.sources import Source
    from edge_runtime.video.stream import LiveResult

MAX_LINES: Final = 64  # a page of numbers; fewer save no time where there are none
BUSY: Final = 3  # places of a picture from which on it is also searched for plates
_WHOLE_STRIP: Final = (
    (0.0, 0.0),
    (STRIP_WIDTH - 1.0, 0.0),
    (STRIP_WIDTH - 1.0, STRIP_HEIGHT - 1.0),
    (0.0, STRIP_HEIGHT - 1.0),
)
LOOK_AGAIN: Final = 0.98  # confidence below which a strip is looked at again; at 0.99 no picture was read better
FEW_PLACES: Final = 4  # strips of a picture that are all looked at again where they are in doubt
HOPELESS: Final = 0.1  # confidence below which one of more strips is not: it mostly is a piece of the ground
SAME: Final = "same"  # a second look by the model that took the first
CROWDED_ASPECT: Final = 3.2  # width / height; five digits that touch are about this wide, six are wider


@dataclass(frozen=True)
class _Guess:
    """One way to cut a line: whole, or in parts from left to right.

    overfull: the line has more blobs than the network has slots.
    """

    line: Line
    parts: tuple[Part, ...]
    overfull: bool = False

    @property
    def width(self) -> float:
        """Pixels of the picture."""
        return float(np.linalg.norm(self.line.corners[1] - self.line.corners[0]))


class DigitReader:
    """Reads every number in a picture. Thread-safe and picklable.

    model, threads, providers, session_options: as for ``DigitModel``; a ``DigitModel`` is taken as it is.
    second_look: the model that strips in doubt are also shown to; ``"auto"`` (default) for the larger one of the
        package where ``model`` is from the package, too, and else for none but ``model`` itself; ``"same"`` for none;
        or as ``model``.
    min_confidence: readings from this confidence on are accepted, 0 (all) to 1; default: the model's own, and 0.99 for
        a single digit in a busy picture; a 0 that is wider than high is then not accepted either.
    max_megapixels: files that claim more pixels are refused before they are decoded.
    max_lines: at most this many places of a picture are looked at, in each of two passes.
    """

    def __init__(
        self,
        model: DigitModel | str | os.PathLike[str] | None = None,
        *,
        second_look: DigitModel | str | os.PathLike[str] = AUTO,
        min_confidence: float | None = None,
        threads: int | None = None,
        providers: Sequence[Provider] | None = None,
        session_options: Mapping[str, Any] | None = None,
        max_megapixels: float = MAX_MEGAPIXELS,
        max_lines: int = MAX_LINES,
    ) -> None:
        if min_confidence is not None and not 0 <= min_confidence <= 1:
            raise ModelError(f"min_confidence is {min_confidence!r}, expected 0 (accept everything) to 1")
        if not isinstance(model, DigitModel):
            model = DigitModel(model, threads=threads, providers=providers, session_options=session_options)
        self.model = model
        self.second_look = _second_model(second_look, model)
        self.min_confidence = min_confidence
        self.max_megapixels = max_megapixels
        self.max_lines = max_lines

    @property
    def spec(self) -> ModelSpec:
        """What the model file says of itself."""
        return self.model.spec

    @property
    def threshold(self) -> float:
        """The confidence from which on a reading is accepted; the default asks for more in busy pictures."""
        return self.spec.reject_threshold if self.min_confidence is None else self.min_confidence

    def read(self, image: ImageSource) -> list[Reading]:
        """Every number in the picture, in reading order; an empty list when there is none.

        image: path, bytes of a picture file, or uint8 array [H, W] grey, [H, W, 3] BGR, [H, W, 4] BGRA.
        Readings below the threshold are in the list too, with ``accepted`` False; but a weak one beside a
        number that is read well is taken for a stain and left out.
        Boxes are in the pixels of the picture as it is shown (EXIF orientation applied).
        A picture that is a strip already (``as_strip``) is read as it is; nothing is sought in it.
        Raises ``ImageError``, ``ModelError`` or ``DependencyError``.
        """
        picture = load_picture(image, max_megapixels=self.max_megapixels)
        strip = as_strip(picture.pixels)
        if strip is not None:
            (reading,) = self.read_strips(strip[None])
            return [replace(reading, box=_WHOLE_STRIP)] if reading.text else []
        trusted = self.spec.reject_threshold  # what is read does not depend on what the caller accepts
        work = WorkingCopy(picture.pixels)
        lines = locate(work, max_lines=self.max_lines)
        busy = _is_busy(lines)
        readings = self._read_lines(picture.pixels, lines, trusted)
        if busy or not any(reading.confidence >= trusted and not is_bars(reading) for reading in readings):
            readings += self._read_lines(picture.pixels, locate_more(work, self.max_lines), trusted)
            readings = reading_order(readings, lambda reading: np.array(reading.box, np.float32))
        kept = without_stains(drop_overlapping(readings, trusted), trusted)
        if self.min_confidence is None:
            kept = [doubted(reading, busy) for reading in kept]
        return [_scaled(reading, picture.scale) for reading in kept]

    def read_strips(self, strips: NDArray[np.uint8]) -> list[Reading]:
        """One reading for each strip, in order; a strip without a number gives an empty text.

        A strip in doubt is shown to the second model, too, where there is one.

        strips: uint8 [N, 28, 140] or [N, 28, 140, 1], ink bright on a dark ground.
        Raises ``ImageError`` for another dtype or shape.
        """
        strips = check_strips(strips)
        first = self.model.probabilities(strips)
        readings = decode(first, self.threshold)
        doubtful = _doubtful(readings)
        if doubtful and self.second_look is not self.model:
            second = self.second_look.probabilities(strips[doubtful])
            both = average(np.stack([first[doubtful], second], axis=1))
            _replace(readings, doubtful, decode(both, self.threshold))
        return readings

    def stream(
        self,
        frames: Source,
        *,
        confirm: int = 3,
        gone_after: int | None = None,
        plausible: Plausible | None = None,
        skip_still: bool | None = None,
    ) -> Iterator[LiveResult]:
        """Read frame after frame: a ``LiveResult`` for each, with the numbers that are confirmed and what changed.

        frames: what ``open_frames`` gives, which stays open, or anything that it takes, which is closed at the end.
        confirm, gone_after, plausible: as for ``Tracker``.
        skip_still: do not search a frame that shows no motion (``motion.py``); default: for live sources only.
        Raises ``SourceError`` as ``open_frames`` does, and ``ValueError`` for counts below 1.
        """
        from edge_runtime.video.stream import stream
        from edge_runtime.video.tracker import Tracker

        return stream(self, frames, Tracker(confirm, gone_after, plausible), skip_still=skip_still)

    def _read_lines(self, pixels: NDArray[np.uint8], lines: Sequence[Line], trusted: float) -> list[Reading]:
        """The best reading of each group of lines."""
        pairs = self._answer(pixels, [guess for line in lines for guess in _first_guesses(line)])
        crowded = [again for guess, answer in pairs for again in _second_look(guess, answer)]
        longer = [pair for pair in self._answer(pixels, crowded) if len(pair[1].text) > SLOTS]
        return _choose(pairs + longer, trusted)

    def _answer(self, pixels: NDArray[np.uint8], guesses: Sequence[_Guess]) -> list[tuple[_Guess, Reading]]:
        """Each guess with its reading, which has a box; all strips in one batch."""
        if not guesses:
            return []
        inks = [line_ink(pixels, part.corners, guess.line.direction) for guess in guesses for part in guess.parts]
        readings = iter(self._look(inks))
        return [(guess, self._combine(guess, [next(readings) for _ in guess.parts])) for guess in guesses]

    def _look(self, inks: Sequence[NDArray[np.float32]]) -> list[Reading]:
        """What each line says; where one look leaves a doubt, the mean of several, by both models."""
        strips = np.stack([fit(ink) for ink in inks])
        first = self.model.probabilities(strips)
        readings = decode(first, self.threshold)
        doubtful = _doubtful(readings)
        if len(readings) > FEW_PLACES:
            doubtful = [row for row in doubtful if readings[row].text and readings[row].confidence >= HOPELESS]
        if doubtful:
            views = np.concatenate([other_views(inks[row]) for row in doubtful])
            looks = [first[doubtful][:, None], self._views_by(self.model, views, len(doubtful))]
            if self.second_look is not self.model:
                looks.append(self.second_look.probabilities(strips[doubtful])[:, None])
                looks.append(self._views_by(self.second_look, views, len(doubtful)))
            mean = average(np.concatenate(looks, axis=1))
            _replace(readings, doubtful, decode(mean, self.threshold))
        return readings

    @staticmethod
    def _views_by(model: DigitModel, views: NDArray[np.uint8], count: int) -> NDArray[np.float32]:
        """Probabilities [count, V, 5, 11] of V views of each of so many strips."""
        return model.probabilities(views).reshape(count, -1, SLOTS, CLASSES)

    def _combine(self, guess: _Guess, readings: Sequence[Reading]) -> Reading:
        inked = [part for part, reading in zip(guess.parts, readings, strict=True) if reading.text] or guess.parts
        corners = cut_at(guess.line.corners, inked[0].start, inked[-1].stop)
        whole = readings[0] if len(readings) == 1 else join(readings, self.threshold)
        return replace(whole, box=_box(corners))


def _doubtful(readings: Sequence[Reading]) -> list[int]:
    """Those that need a second look, by their places in the list."""
    return [row for row, reading in enumerate(readings) if reading.confidence < LOOK_AGAIN]


def _replace(readings: list[Reading], rows: Sequence[int], better: Sequence[Reading]) -> None:
    for row, reading in zip(rows, better, strict=True):
        readings[row] = reading


def _second_model(choice: DigitModel | str | os.PathLike[str], first: DigitModel) -> DigitModel:
    if isinstance(choice, DigitModel):
        return choice
    if choice == AUTO:
        choice = SECOND_LOOK if first.bundled else SAME
    if choice == SAME:
        return first
    return DigitModel(choice, threads=first.threads, providers=first.providers, session_options=first.session_options)


def _first_guesses(line: Line) -> list[_Guess]:
    """The line whole; where it has more blobs than the network has slots, also in parts."""
    guesses = [_Guess(line, (Part(line.corners, 0.0, 1.0),))]
    parts = split_spans(line.spans)
    if len(parts) > 1:
        guesses.append(_Guess(line, tuple(Part.of(line.corners, part) for part in parts), overfull=True))
    return guesses


def _second_look(guess: _Guess, answer: Reading) -> list[_Guess]:
    """A long line that fills all slots may hold more digits than it has blobs (they touch): halve it.

    The halves count when they hold more digits than a strip, and win when they are more confident than the whole.
    """
    corners = guess.line.corners
    height = np.linalg.norm(corners[3] - corners[0])
    if len(guess.parts) > 1 or len(answer.text) < SLOTS or guess.width < CROWDED_ASPECT * height:
        return []
    halves = middle_gap(guess.line.spans)
    if not halves:
        return []
    overfull = len(guess.line.spans) > SLOTS >= max(len(half) for half in halves)
    return [_Guess(guess.line, tuple(Part.of(corners, half) for half in halves), overfull)]


def _choose(pairs: Sequence[tuple[_Guess, Reading]], trusted: float) -> list[Reading]:
    """The best answer of each group that is not blank, in the order of the groups' first lines."""
    groups: dict[int, list[tuple[_Guess, Reading]]] = {}
    for guess, answer in pairs:
        groups.setdefault(guess.line.group, []).append((guess, answer))
    chosen = [_best_of(group, trusted) for group in groups.values()]
    return [answer for answer in chosen if answer.text]


def _best_of(pairs: Sequence[tuple[_Guess, Reading]], trusted: float) -> Reading:
    """The answer of most worth; blank only where all are.

    Worth is confidence, and how much of the place's width is explained: a piece of a number is easily read with
    confidence. But a trusted number of more than five digits from a line of more than five blobs goes first: the
    whole line in one strip cannot but cut it.
    """
    widest = max(max(guess.width for guess, _ in pairs), 1e-6)

    def worth(pair: tuple[_Guess, Reading]) -> tuple[bool, bool, float]:
        guess, answer = pair
        too_long_for_a_strip = guess.overfull and answer.confidence >= trusted and len(answer.text) > SLOTS
        return bool(answer.text), too_long_for_a_strip, answer.confidence * (guess.width / widest) ** 2

    return max(pairs, key=worth)[1]


def _is_busy(lines: Sequence[Line]) -> bool:
    """So many places that what is read may be a piece of a number on a plate."""
    return len({line.group for line in lines}) >= BUSY


def _box(corners: NDArray[np.float32]) -> Box:
    top_left, top_right, bottom_right, bottom_left = ((float(x), float(y)) for x, y in corners)
    return top_left, top_right, bottom_right, bottom_left


def _scaled(reading: Reading, scale: float) -> Reading:
    if scale == 1.0 or reading.box is None:
        return reading
    corners = (np.array(reading.box, np.float32) + 0.5) * scale - 0.5  # pixel centres are at whole numbers
    return replace(reading, box=_box(corners))
