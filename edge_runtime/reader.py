"""``DigitReader``: picture -> readings. Load, detect, recognize, suppress, judge."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.geometry import reading_order
from edge_runtime.core.trace import Trace, timed
from edge_runtime.core.types import Quad, Reading
from edge_runtime.detection.locate import MAX_LINES, locate, locate_more
from edge_runtime.detection.working import WorkingCopy
from edge_runtime.images.load import MAX_MEGAPIXELS, ImageSource, load_picture
from edge_runtime.images.readings import Readings
from edge_runtime.recognition.contract import STRIP_HEIGHT, STRIP_WIDTH, ModelSpec
from edge_runtime.recognition.judgement import CROWDED_PLACES, AcceptancePolicy, check_min_confidence
from edge_runtime.recognition.model import AUTO, DigitModel, Provider
from edge_runtime.recognition.model_files import SECOND_LOOK
from edge_runtime.recognition.recognizer import Recognizer
from edge_runtime.recognition.strip import as_strip
from edge_runtime.recognition.suppression import drop_overlapping, drop_weak, only_ones

if TYPE_CHECKING:
    from edge_runtime.video.rules import Plausible
    from edge_runtime.video.sources import Source
    from edge_runtime.video.stream import LiveResult

NONE: Final = "none"  # no larger model
_WHOLE_STRIP: Final = Quad.upright(0.0, 0.0, STRIP_WIDTH - 1.0, STRIP_HEIGHT - 1.0)


class DigitReader:
    """Reads every number in a picture. Thread-safe and picklable.

    model, threads, providers, session_options: as for ``DigitModel``; a ``DigitModel`` is taken as it is.
    second_look: the larger model that strips are also shown to where ``model`` is unsure; ``"auto"`` (default) for the
        one of the package where ``model`` is from the package, too, and else for none; ``"none"`` for none; or as
        ``model``.
    min_confidence: accepts readings from this confidence on, 0 (all) to 1; None (default): from the model's own
        threshold on.
    chance_rules: whether two rules also apply against what looks like a digit by chance: in a picture of three places
        or more a single digit is accepted only from 0.99 on, and a 0 more than 1.2 times as wide as high never. None
        (default): they apply where no ``min_confidence`` is given.
    max_megapixels: files that claim more pixels are refused before they are decoded.
    max_lines: at most this many lines of a picture are read, in each of two searches.
    Raises ``OptionError`` for a ``min_confidence`` or ``threads`` out of range.
    """

    def __init__(
        self,
        model: DigitModel | str | os.PathLike[str] | None = None,
        *,
        second_look: DigitModel | str | os.PathLike[str] = AUTO,
        min_confidence: float | None = None,
        chance_rules: bool | None = None,
        threads: int | None = None,
        providers: Sequence[Provider] | None = None,
        session_options: Mapping[str, Any] | None = None,
        max_megapixels: float = MAX_MEGAPIXELS,
        max_lines: int = MAX_LINES,
    ) -> None:
        self.min_confidence = check_min_confidence(min_confidence)
        self.chance_rules = chance_rules
        if not isinstance(model, DigitModel):
            model = DigitModel(model, threads=threads, providers=providers, session_options=session_options)
        self.model = model
        self.second_look = _larger_model(second_look, model)
        self.max_megapixels = max_megapixels
        self.max_lines = max_lines
        self._recognizer = Recognizer(self.model, self.second_look)

    @property
    def spec(self) -> ModelSpec:
        """What the model file says of itself."""
        return self.model.spec

    @property
    def policy(self) -> AcceptancePolicy:
        """What decides which readings are accepted."""
        return AcceptancePolicy.of_model(self.spec, self.min_confidence, self.chance_rules)

    @property
    def threshold(self) -> float:
        """The confidence from which on a reading is accepted; the rules of ``policy`` may ask for more."""
        return self.policy.threshold

    def read(self, image: ImageSource, trace: Trace | None = None) -> Readings:
        """Every number in the picture, in reading order; an empty list when there is none.

        image: path, bytes of a picture file, uint8 array [H, W] grey, [H, W, 3] BGR, [H, W, 4] BGRA, or PIL image.
        trace: a new ``Trace``, to which each stage adds what it gave.
        Readings below the threshold are in the list too, with ``accepted`` False; but one that is far less certain
        than the best of the picture is left out.
        Boxes are in the pixels of the picture as it is shown (EXIF orientation applied).
        A picture that is a strip already (``as_strip``) is read as it is; nothing is sought in it.
        Raises ``ImageError``, and on first use what ``DigitModel`` raises.
        """
        with timed(trace, "load"):
            picture = load_picture(image, max_megapixels=self.max_megapixels)
        strip = as_strip(picture.pixels)
        if strip is None:
            readings = self._read_scene(picture.pixels, trace)
        else:
            found = self._judged_strips(strip[None], trace)
            readings = [replace(reading, box=_WHOLE_STRIP) for reading in found if reading.text]
        if picture.scale != 1.0:
            readings = [replace(reading, box=_box_of(reading).scaled(picture.scale)) for reading in readings]
        if trace is not None:
            trace.pixels, trace.scale, trace.readings = picture.pixels, picture.scale, readings
        return Readings(readings, image, self.max_megapixels)

    def read_strips(self, strips: NDArray[np.uint8], trace: Trace | None = None) -> list[Reading]:
        """One reading for each strip, in order; a strip without a number gives an empty text.

        A strip that the model is unsure of is shown to the larger model, too, where there is one.

        strips: uint8 [N, 28, 140] or [N, 28, 140, 1], ink bright on a dark ground.
        trace: as for ``read``.
        Raises ``ImageError`` for another dtype or shape.
        """
        readings = self._judged_strips(strips, trace)
        if trace is not None:
            trace.readings = readings
        return readings

    def stream(
        self,
        frames: Source,
        *,
        confirm: int = 3,
        gone_after: int | None = None,
        plausible: Plausible | None = None,
        skip_unchanged: bool | None = None,
        traced: bool = False,
    ) -> Iterator[LiveResult]:
        """Read frame after frame: a ``LiveResult`` for each, with the numbers that are confirmed and what changed.

        frames: what ``open_frames`` gives, which stays open, or anything that it takes, which is closed at the end.
        confirm, gone_after, plausible: as for ``Tracker``.
        skip_unchanged: do not search a frame that shows no motion; default: for live sources only.
        traced: each result has the ``Trace`` of its reading.
        Raises ``SourceError`` as ``open_frames`` does, and ``OptionError`` for counts below 1.
        """
        from edge_runtime.video.stream import stream
        from edge_runtime.video.tracker import Tracker

        return stream(
            self, frames, Tracker(confirm, gone_after, plausible), skip_unchanged=skip_unchanged, traced=traced
        )

    def _read_scene(self, pixels: NDArray[np.uint8], trace: Trace | None) -> list[Reading]:
        """Search the picture, and once more where that was not enough; what overlaps or is weak is dropped."""
        policy = self.policy
        work = WorkingCopy(pixels)
        with timed(trace, "locate"):
            places = locate(work, self.max_lines)
        crowded = len(places) >= CROWDED_PLACES
        readings = self._recognizer.read(pixels, places, policy, trace)
        searches = [places]
        if crowded or not any(policy.trusts(reading) and not only_ones(reading) for reading in readings):
            with timed(trace, "locate"):
                searches.append(locate_more(work, self.max_lines))
            readings += self._recognizer.read(pixels, searches[1], policy, trace)
            readings = reading_order(readings, _box_of)
        if trace is not None:
            trace.searches = searches
        kept = drop_weak(drop_overlapping(readings, policy), policy)
        return policy.judged(kept, crowded=crowded)

    def _judged_strips(self, strips: NDArray[np.uint8], trace: Trace | None) -> list[Reading]:
        return self.policy.judged(self._recognizer.read_strips(strips, trace), crowded=False)


def _box_of(reading: Reading) -> Quad:
    assert reading.box is not None  # every reading of a picture has one
    return reading.box


def _larger_model(choice: DigitModel | str | os.PathLike[str], model: DigitModel) -> DigitModel:
    """The model that unsure strips are also shown to; ``model`` itself for none."""
    if isinstance(choice, DigitModel):
        return choice
    if choice == AUTO:
        choice = SECOND_LOOK if model.bundled else NONE
    if choice == NONE:
        return model
    return DigitModel(choice, threads=model.threads, providers=model.providers, session_options=model.session_options)
