"""The five-head networks, from their run folders, on the frozen strips of test digits."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge_runtime.recognition.contract import ALPHABET, OUTPUT_NAMES, decode_classes
from study.core import plots
from study.core.data import first
from study.core.protocol import BLANK_SIGN, draw_confusion, draw_curves
from study.core.result import Context, Figure, MissingRun, Picture, Result, figure
from study.systems import strip_steps
from train.core import run_folder as folder
from train.core.config import FitConfig
from train.datasets.mnist import load_digits
from train.synthesis.strips import notebook_strips, test_strips

SHOWN: Final = 30
QUICK_TEST_STRIPS: Final = 300
_CLASSES: Final = (*ALPHABET, BLANK_SIGN)
_SEED: Final = 3


@dataclass(frozen=True)
class Settings:
    """Which model it is; an empty hash stands for a toy that is trained on the spot."""

    network: str
    recipe: str
    model_sha256: str


def settings(name: str, context: Context) -> Settings:
    """Of the run folder's model; ``MissingRun`` where there is none."""
    if context.quick:
        return Settings(name, "notebook", "")
    run = context.runs[name]
    model = run / folder.MODEL_FILE
    if not model.is_file():
        raise MissingRun(f"no model in {run}; train it: python -m train fit --network {name} --out {run}")
    return Settings(name, folder.read_config(run)["recipe"], hashlib.sha256(model.read_bytes()).hexdigest())


def run(wanted: Settings, context: Context) -> Result:
    """Measure heads and whole strings as ``python -m train evaluate`` does."""
    if not context.quick:
        return _measure(wanted, context.runs[wanted.network], context)
    from train.fit import fit

    with tempfile.TemporaryDirectory() as scratch:
        toy = fit(FitConfig(wanted.network, wanted.recipe).smoke(), Path(scratch) / "run", report=lambda _line: None)
        return _measure(wanted, toy, context)


def _measure(wanted: Settings, run: Path, context: Context) -> Result:
    from train.evaluate import Answers
    from train.fit import predict

    from .fit import layers

    model = folder.load_model(run)
    strips, labels = test_strips()
    if context.quick:
        strips, labels = strips[:QUICK_TEST_STRIPS], labels[:QUICK_TEST_STRIPS]
    answers = Answers(strips, labels, predict(model, strips))
    _, whole, texts = answers.decoded(temperature=1.0)  # a temperature changes confidences, never texts
    figures = (
        *(figure(name, answers.heads_right[:, slot]) for slot, name in enumerate(OUTPUT_NAMES)),
        figure("mean of the heads", answers.heads_right),
        figure("whole string", whole),
        *(
            figure(f"whole string, {length} digits", whole[answers.lengths == length])
            for length in np.unique(answers.lengths)
        ),
    )
    pictures = (
        *(_data_pictures(context) if wanted.network == "notebook" else ()),
        *_curves(run, context),
        draw_confusion(context, labels, answers.probabilities.argmax(axis=2), OUTPUT_NAMES, _CLASSES),
        _mistakes(answers, texts, whole, context),
    )
    remark = f"Trained on strips of the recipe `{wanted.recipe}`; {model.count_params():,} parameters."
    return Result(_headline(figures), figures, pictures, layers(model), (remark,))


def _headline(figures: tuple[Figure, ...]) -> str:
    heads = " / ".join(f"{100 * item.share:.2f}" for item in figures[: len(OUTPUT_NAMES)])
    mean, whole = figures[len(OUTPUT_NAMES) : len(OUTPUT_NAMES) + 2]
    return f"{heads}%, mean {mean.share:.2%}, whole string {whole.share:.2%}"


def _data_pictures(context: Context) -> tuple[Picture, ...]:
    """Training strips, and how one comes about."""
    digits = first(load_digits("train"), 200)
    strips, labels = notebook_strips(digits, np.random.default_rng(_SEED))
    captions = [decode_classes(row) for row in labels[:SHOWN]]
    steps = partial(strip_steps.draw, digits=digits, seed=_SEED)
    examples = partial(plots.sheet, title="28×140 strips", images=strips[:SHOWN], captions=captions, columns=5)
    return (
        context.picture("steps", "Digit, rotated, joined, final", steps),
        context.picture("examples", "Training strips of the notebook's recipe and their labels", examples),
    )


def _curves(run: Path, context: Context) -> tuple[Picture, ...]:
    """None where the folder has no history: an average of runs has none."""
    path = run / folder.HISTORY_FILE
    if not path.exists():
        return ()
    history = folder.read_json(path, f"python -m train fit --out {run}")["history"]
    strips = [row["strips"] / 1e6 for row in history]
    loss = [row["loss"] for row in history]
    right = [100 * row["whole_string"] for row in history]
    return (
        draw_curves(
            context,
            (
                plots.Panel("Loss", "million strips", "cross-entropy per slot", {"loss": (strips, loss)}, log=True),
                plots.Panel("Validation strips", "million strips", "whole string, %", {"validation": (strips, right)}),
            ),
        ),
    )


def _mistakes(answers: Any, texts: list[str], whole: Any, context: Context) -> Picture:
    wrong = np.flatnonzero(~whole)
    shown = wrong[:SHOWN] if len(wrong) else np.arange(1)
    captions = [f"{decode_classes(answers.labels[index])} → {texts[index] or 'none'}" for index in shown]
    draw = partial(
        plots.sheet,
        title=f"{context.system}: {len(wrong)} of {len(whole):,} test strips misread, true → read",
        images=answers.strips[shown],
        captions=captions,
        columns=5,
    )
    return context.picture("mistakes", "The first misread test strips: true → read", draw)
