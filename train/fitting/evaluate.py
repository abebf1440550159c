"""How well a run reads, and how far its confidence can be trusted.

The temperature and the reject threshold are fitted on validation strips; all figures are of test strips,
which no choice depends on. Everything goes to ``evaluation.json`` and pictures in the run folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
from numpy.typing import NDArray

from edge_runtime.recognition.contract import ALPHABET, BLANK, OUTPUT_NAMES, decode_classes
from edge_runtime.recognition.decode import decode, temper
from train.core import run_folder
from train.model import network
from train.model.predict import predict
from train.preview.plots import confusion, mistakes_picture, reliability
from train.synthesis.strips import make_strips, test_strips

from .calibration import BINS, calibration_error, coverage, threshold_for

PRECISIONS: Final = (0.99, 0.995, 0.999)
THRESHOLD_PRECISION: Final = 0.99
"""The shipped threshold is the lowest confidence at which this share of accepted validation strips is right."""

OWN_TEST_COUNT: Final = 10_000
OWN_TEST_SEED: Final = 9_001
FIT_COUNT: Final = 20_000
FIT_SEED: Final = 9_002


Decoded = tuple[NDArray[np.float64], NDArray[np.bool_], list[str]]
"""Of each strip: confidence, right or not, text."""


@dataclass(frozen=True)
class Answers:
    """What a network said of labelled strips: probabilities [N, 5, 11], labels [N, 5], decoded right or not."""

    strips: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    probabilities: NDArray[np.float32]

    @property
    def heads_right(self) -> NDArray[np.bool_]:
        """[N, 5], each slot taken for itself, as the notebook counts."""
        return self.probabilities.argmax(axis=2) == self.labels

    def decoded(self, temperature: float) -> Decoded:
        """Confidence and correctness of the whole string, and its text."""
        readings = decode(temper(self.probabilities, temperature))
        truths = [decode_classes(row) for row in self.labels]
        right = np.array([reading.text == truth for reading, truth in zip(readings, truths, strict=True)])
        return np.array([reading.confidence for reading in readings]), right, [reading.text for reading in readings]

    @property
    def lengths(self) -> NDArray[np.intp]:
        """Digits of each label, 0 to 5."""
        return (self.labels != BLANK).sum(axis=1)


def evaluate(run: Path, *, workers: int = 2) -> str:
    """Evaluate ``runs/NAME``, write its files, and return a short report as text."""
    model = network.load(run)
    config = run_folder.read_config(run)
    recipe, mnist = config["recipe"], config.get("mnist")
    draw = partial(make_strips, recipe, workers=workers, mnist=mnist, glyphs=config.get("glyphs"))
    fitted_on = draw("validation", FIT_COUNT, FIT_SEED)
    temperature, threshold = _calibrate(_ask(model, *fitted_on))

    sets = {"notebook": _ask(model, *test_strips(mnist))}
    if recipe != "notebook":  # whose test strips are the frozen ones
        sets[recipe] = _ask(model, *draw("test", OWN_TEST_COUNT, OWN_TEST_SEED))
    decoded = {name: answers.decoded(temperature) for name, answers in sets.items()}
    document: dict[str, Any] = {
        "network": config["network"],
        "recipe": recipe,
        "parameters": model.count_params(),
        "temperature": temperature,
        "reject_threshold": threshold,
        "sets": {name: _figures(answers, decoded[name], threshold) for name, answers in sets.items()},
    }
    run_folder.write_json(run / "evaluation.json", document)
    for name, answers in sets.items():
        confidence, right, texts = decoded[name]
        mistakes_picture(answers.strips, answers.labels, texts, confidence, run / f"mistakes-{name}.png")
        truth, said = answers.labels.reshape(-1, 1), answers.probabilities.argmax(axis=2).reshape(-1, 1)
        confusion(run / f"confusion-{name}.png", "Slots", truth, said, [*ALPHABET, "blank"], [f"{name} strips"])
        reliability(run / f"reliability-{name}.png", confidence, right, BINS)
    return _report(document)


def _ask(model: keras.Model, strips: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Answers:
    return Answers(strips, labels, predict(model, strips))


def _calibrate(answers: Answers) -> tuple[float, float]:
    """Temperature of least negative log-likelihood of the slots, and the threshold for the wanted precision."""
    rows, slots = np.indices(answers.labels.shape)

    def loss(temperature: float) -> float:
        likely = temper(answers.probabilities, temperature)[rows, slots, answers.labels]
        return float(-np.log(np.maximum(likely, 1e-12)).mean())

    grid = np.geomspace(0.5, 3.0, 61)
    temperature = round(float(min(grid, key=loss)), 3)
    confidence, right, _ = answers.decoded(temperature)
    return temperature, round(threshold_for(confidence, right, THRESHOLD_PRECISION), 4)


def _figures(answers: Answers, decoded: Decoded, threshold: float) -> dict[str, Any]:
    heads = answers.heads_right.mean(axis=0)
    confidence, right, texts = decoded
    accepted = confidence >= threshold
    lengths = answers.lengths
    none = lengths == 0
    spoke = np.array([bool(text) for text in texts]) & accepted
    return {
        "strips": len(answers.labels),
        "heads": {name: float(value) for name, value in zip(OUTPUT_NAMES, heads, strict=True)},
        "heads_mean": float(heads.mean()),
        "whole_string": float(right.mean()),
        "whole_string_by_length": {str(n): float(right[lengths == n].mean()) for n in np.unique(lengths)},
        "expected_calibration_error": calibration_error(confidence, right),
        "coverage": {str(p): coverage(confidence, right, p) for p in PRECISIONS},
        "at_threshold": {
            "accepted": float(accepted.mean()),
            "precision": float(right[accepted].mean()) if accepted.any() else None,
            "false_answers_on_no_number": float(spoke[none].mean()) if none.any() else None,
        },
    }


def _report(document: dict[str, Any]) -> str:
    lines = [
        f"{document['network']} network, {document['parameters']:,} parameters; "
        f"temperature {document['temperature']}, threshold {document['reject_threshold']}"
    ]
    for name, figures in document["sets"].items():
        heads = " / ".join(f"{value:.2%}" for value in figures["heads"].values())
        lengths = "  ".join(f"{n}: {value:.2%}" for n, value in figures["whole_string_by_length"].items())
        covered = "  ".join(f"{float(p):.1%}: {value:.2%}" for p, value in figures["coverage"].items())
        at = figures["at_threshold"]
        lines += [
            f"{name} test strips ({figures['strips']})",
            f"  heads         {heads}, mean {figures['heads_mean']:.2%}",
            f"  whole string  {figures['whole_string']:.2%}  by length  {lengths}",
            f"  coverage at precision  {covered}",
            f"  calibration error {figures['expected_calibration_error']:.4f}",
            f"  at the threshold {at['accepted']:.2%} accepted, {at['precision'] or 0:.2%} of them right",
        ]
        if at["false_answers_on_no_number"] is not None:
            lines.append(f"  answers where there is no number: {at['false_answers_on_no_number']:.2%}")
    return "\n".join(lines)
