"""The five-head networks, from their run folders, on the frozen strips of test digits."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from edge_runtime.recognition.contract import ALPHABET, OUTPUT_NAMES, decode_classes
from study.core.data import first
from study.core.pictures import BLANK_SIGN, draw_confusion, draw_curves, draw_mistakes, draw_sheet
from study.core.result import Context, Figure, MissingRun, Picture, Result, Settings, figure
from train.core.run_folder import HISTORY_FILE, MODEL_FILE, read_config, read_json
from train.datasets.mnist import Digits, load_digits
from train.fitting.config import FitConfig
from train.preview import plots
from train.synthesis.strips import join_rotated, notebook_strips, rotate, test_strips

SHOWN: Final = 30
QUICK_TEST_STRIPS: Final = 300
_STEPS_OF: Final = 4  # digits whose way to a strip is shown
_CLASSES: Final = (*ALPHABET, BLANK_SIGN)
_SEED: Final = 3


@dataclass(frozen=True)
class FiveHeadsSettings(Settings):
    """Which model it is; an empty hash stands for a toy that is trained on the spot."""

    network: str
    recipe: str = "notebook"
    model_sha256: str = ""

    def fitted_to(self, context: Context) -> Self:
        """Of the run folder's model; ``MissingRun`` where there is none."""
        if context.quick:
            return self
        run = context.runs[self.network]
        model = run / MODEL_FILE
        if not model.is_file():
            raise MissingRun(f"no model in {run}; train it: python -m train fit --network {self.network} --out {run}")
        digest = hashlib.sha256(model.read_bytes()).hexdigest()
        return replace(self, recipe=read_config(run)["recipe"], model_sha256=digest)


SETTINGS: Final = {name: FiveHeadsSettings(name) for name in ("notebook", "edge")}


def run(wanted: FiveHeadsSettings, context: Context) -> Result:
    """Measure heads and whole strings as ``python -m train evaluate`` does."""
    if not context.quick:
        return _measure(wanted, context.runs[wanted.network], context)
    from train.fitting.fit import fit

    with tempfile.TemporaryDirectory() as scratch:
        config = replace(FitConfig(wanted.network, wanted.recipe).smoke(), strips=3_000, evaluate_every=1_500)
        return _measure(wanted, fit(config, Path(scratch) / "run", report=lambda _line: None), context)


def _measure(wanted: FiveHeadsSettings, run: Path, context: Context) -> Result:
    from train.fitting.evaluate import Answers
    from train.model.network import load
    from train.model.predict import predict

    from .keras_fit import layers

    model = load(run)
    strips, labels = test_strips()
    if context.quick:
        strips, labels = strips[:QUICK_TEST_STRIPS], labels[:QUICK_TEST_STRIPS]
    answers = Answers(strips, labels, predict(model, strips))
    _, whole, texts = answers.decoded(temperature=1.0)  # a temperature changes confidences, never texts
    figures = _figures(answers, whole)
    pictures = (
        *(_data_pictures(context) if wanted.network == "notebook" else ()),
        *_curves(run, context),
        draw_confusion(context, labels, answers.probabilities.argmax(axis=2), OUTPUT_NAMES, _CLASSES),
        draw_mistakes(
            context,
            strips,
            [decode_classes(row) for row in labels],
            [text or "none" for text in texts],
            "test strips misread, true → read",
            caption="The first misread test strips: true → read",
            columns=5,
            most=SHOWN,
        ),
    )
    heads = " / ".join(f"{100 * item.share:.2f}" for item in figures[: len(OUTPUT_NAMES)])
    mean, strings = figures[len(OUTPUT_NAMES) : len(OUTPUT_NAMES) + 2]
    headline = f"{heads}%, mean {mean.share:.2%}, whole string {strings.share:.2%}"
    remark = f"Trained on strips of the recipe `{wanted.recipe}`; {model.count_params():,} parameters."
    return Result(headline, figures, pictures, layers(model), (remark,))


def _figures(answers: Any, whole: NDArray[np.bool_]) -> tuple[Figure, ...]:
    """Of each head, of their mean, of whole strings, and of those of each length."""
    lengths = np.unique(answers.lengths)
    return (
        *(figure(name, answers.heads_right[:, slot]) for slot, name in enumerate(OUTPUT_NAMES)),
        figure("mean of the heads", answers.heads_right),
        figure("whole string", whole),
        *(figure(f"whole string, {length} digits", whole[answers.lengths == length]) for length in lengths),
    )


def _data_pictures(context: Context) -> tuple[Picture, ...]:
    """Training strips, and how one comes about."""
    digits = first(load_digits("train"), 200)
    strips, labels = notebook_strips(digits, np.random.default_rng(_SEED))
    captions = [decode_classes(row) for row in labels[:SHOWN]]
    sheet = {"title": "28×140 strips", "images": strips[:SHOWN], "captions": captions, "columns": 5}
    return (
        context.picture("steps", "Digit, rotated, joined, final", partial(_draw_steps, digits=digits)),
        draw_sheet(context, "examples", "Training strips of the notebook's recipe and their labels", **sheet),
    )


def _draw_steps(path: Path, digits: Digits) -> None:
    """Digit, rotated, joined, final, for the first four digits."""
    rng = np.random.default_rng(_SEED)
    rotated = [rotate(image, rng) for image in digits.images[:_STEPS_OF]]
    joined, final = np.hstack(rotated), join_rotated(rotated)

    def show(place: Any, title: str, image: NDArray[np.uint8]) -> None:
        axes = drawn.add_subplot(place)
        axes.imshow(image, cmap="gray", vmin=0, vmax=255)
        axes.set(title=title, xticks=[], yticks=[])
        axes.grid(False)

    def facts(image: NDArray[np.uint8]) -> str:
        return f"{image.shape[0]}×{image.shape[1]}, grey values {image.min()} to {image.max()}"

    with plots.figure(path, "From digits to a strip", 5.6) as drawn:
        grid = drawn.add_gridspec(4, _STEPS_OF, hspace=0.45, left=0.06, right=0.97, top=0.88, bottom=0.03)
        for column, turned in enumerate(rotated):
            show(grid[0, column], f"digit {digits.labels[column]}", digits.images[column])
            show(grid[1, column], "rotated", turned)
        show(grid[2, :], f"joined, {facts(joined)}", joined)
        show(grid[3, :], f"final, stretched and resized, {facts(final)}", final)


def _curves(run: Path, context: Context) -> tuple[Picture, ...]:
    """None where the folder has no history: an average of runs has none."""
    path = run / HISTORY_FILE
    if not path.exists():
        return ()
    history = read_json(path, f"python -m train fit --out {run}")["history"]
    return (draw_curves(context, plots.course_of_run(history)),)
