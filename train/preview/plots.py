"""Pictures of a run: its course, the worst mistakes, who is taken for whom, how honest the confidence is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.images.annotate import save_picture
from edge_runtime.recognition.contract import ALPHABET, CLASSES, decode_classes

from .contact_sheet import contact_sheet

WORST = 60


def curves_picture(history: list[dict[str, float]], path: Path) -> None:
    """Loss and whole-string accuracy over strips, as PNG."""
    pyplot = _pyplot()
    strips = [row["strips"] / 1e6 for row in history]
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 3.6), constrained_layout=True)
    left.plot(strips, [row["loss"] for row in history])
    left.set(title="Training loss", xlabel="million strips", ylabel="cross-entropy per slot", yscale="log")
    right.plot(strips, [100 * row["whole_string"] for row in history])
    right.set(title="Validation", xlabel="million strips", ylabel="whole string, %")
    for axes in (left, right):
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def mistakes_picture(
    strips: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    texts: list[str],
    confidence: NDArray[np.float64],
    path: Path,
) -> None:
    """The most confident wrong answers: strip, truth, answer."""
    truths = [decode_classes(row) for row in labels]
    wrong = [index for index, (text, truth) in enumerate(zip(texts, truths, strict=True)) if text != truth]
    wrong = sorted(wrong, key=lambda index: -confidence[index])[:WORST]
    captions = [f"{truths[i] or 'none'} read {texts[i] or 'none'} {confidence[i]:.2f}" for i in wrong]
    save_picture(path, contact_sheet(strips[wrong], captions))


def confusion_picture(labels: NDArray[np.uint8], answers: NDArray[np.integer], path: Path) -> None:
    """Confusion matrix over all five slots, the diagonal's share left out of the colours."""
    counts = np.zeros((CLASSES, CLASSES), int)
    np.add.at(counts, (labels.ravel(), answers.ravel()), 1)
    pyplot = _pyplot()
    figure, axes = pyplot.subplots(figsize=(6.4, 5.6), constrained_layout=True)
    errors = counts.copy()
    np.fill_diagonal(errors, 0)
    axes.imshow(errors, cmap="Blues")
    names = [*ALPHABET, "blank"]
    axes.set(title="Slots: truth against answer", xlabel="answer", ylabel="truth")
    axes.set_xticks(range(CLASSES), names)
    axes.set_yticks(range(CLASSES), names)
    half = errors.max() / 2
    for row, column in np.argwhere(counts > 0):
        colour = "white" if errors[row, column] > half else "black"
        axes.text(column, row, str(counts[row, column]), ha="center", va="center", fontsize=7, color=colour)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def reliability_picture(confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int, path: Path) -> None:
    """Confidence said against accuracy found, with the number of strips in each bin."""
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    pyplot = _pyplot()
    figure, (top, bottom) = pyplot.subplots(
        2, 1, figsize=(5.2, 5.6), sharex=True, height_ratios=[3, 1], constrained_layout=True
    )
    filled = np.unique(index)
    top.plot([0, 1], [0, 1], color="grey", linewidth=1)
    said = [confidence[index == b].mean() for b in filled]
    top.plot(said, [right[index == b].mean() for b in filled], marker="o")
    top.set(title="Reliability of the whole string", ylabel="share right")
    bottom.hist(confidence, bins=bins, range=(0, 1))
    bottom.set(xlabel="confidence", ylabel="strips", yscale="log")
    for axes in (top, bottom):
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _pyplot() -> Any:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot
