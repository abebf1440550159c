"""Charts of one look: white ground, title, named axes, as wide as a README shows them; and those of a training run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image  # which Matplotlib needs anyway

matplotlib.use("Agg")  # before pyplot is imported
from matplotlib import pyplot
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, StrMethodFormatter

from edge_runtime.images.annotate import save_picture
from edge_runtime.recognition.contract import decode_classes

from .contact_sheet import contact_sheet

WORST: Final = 60  # mistakes on a run's sheet

WIDTH: Final = 8.0  # inches
DPI: Final = 110
_STYLE: Final = {
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "figure.facecolor": "white",
    "legend.frameon": False,
}
_COLOURS: Final = 128

Line = tuple[Sequence[float], Sequence[float]]


@dataclass(frozen=True)
class Panel:
    """Curves with one pair of axes; lines: x and y by name."""

    title: str
    x_label: str
    y_label: str
    lines: Mapping[str, Line]
    log: bool = False


@contextmanager
def figure(path: Path, title: str, height: float, **options: Any) -> Iterator[Any]:
    """A figure with the common look, saved at the end."""
    with pyplot.rc_context(_STYLE):
        drawn = pyplot.figure(figsize=(WIDTH, height), dpi=DPI, **options)
        drawn.suptitle(title, fontsize=11, fontweight="bold")
        try:
            yield drawn
            _save(path, drawn)
        finally:
            pyplot.close(drawn)


def _save(path: Path, drawn: Any) -> None:
    """With a palette, which halves the file."""
    content = BytesIO()
    drawn.savefig(content, dpi=DPI, format="png")
    picture = Image.open(content).convert("RGB")
    picture.quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def curves(path: Path, title: str, panels: Sequence[Panel]) -> None:
    """The course of a training, side by side."""
    with figure(path, title, 3.3, layout="constrained") as drawn:
        for axes, panel in zip(drawn.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
            for name, (x, y) in panel.lines.items():
                axes.plot(x, y, label=name, linewidth=1.4)
            axes.set(title=panel.title, xlabel=panel.x_label, ylabel=panel.y_label)
            axes.xaxis.set_major_locator(MaxNLocator(integer=_whole_numbers(panel)))
            if panel.log:
                _scale_by_decades(axes)
            if len(panel.lines) > 1:
                axes.legend()


def _whole_numbers(panel: Panel) -> bool:
    """Whether it is epochs or steps that are counted."""
    return all(isinstance(value, int) for x, _ in panel.lines.values() for value in x)


def _scale_by_decades(axes: Any) -> None:
    """A logarithmic y with plain numbers, also between the decades where there are few of them."""
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.yaxis.set_minor_locator(LogLocator(subs=(2, 5)))
    axes.yaxis.set_minor_formatter(StrMethodFormatter("{x:g}") if high < 100 * low else NullFormatter())


def confusion(
    path: Path,
    title: str,
    labels_nh: NDArray[np.integer],
    answers_nh: NDArray[np.integer],
    classes: Sequence[str],
    heads: Sequence[str],
) -> None:
    """One matrix for each head: counts as numbers, the errors alone in colour. labels, answers: [N, heads]."""
    columns = min(len(heads), 2)
    rows = -(-len(heads) // columns)
    size = 4.4 if columns == 1 else 3.9
    with figure(path, title, rows * size + 0.3, layout="constrained") as drawn:
        grid = drawn.subplots(rows, columns, squeeze=False).ravel()
        for axes, head, labels, answers in zip(grid, heads, labels_nh.T, answers_nh.T, strict=False):
            _matrix(axes, head, counts_of(labels, answers, len(classes)), classes)
        for axes in grid[len(heads) :]:
            axes.axis("off")


def counts_of(labels: NDArray[np.integer], answers: NDArray[np.integer], classes: int) -> NDArray[np.int64]:
    """int64 [classes, classes]: how often each class (row) was taken for each (column)."""
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (labels, answers), 1)
    return counts


def _matrix(axes: Any, title: str, counts: NDArray[np.int64], classes: Sequence[str]) -> None:
    errors = counts.copy()
    np.fill_diagonal(errors, 0)
    axes.imshow(errors, cmap="Blues", vmax=max(int(errors.max()), 1))
    axes.grid(False)
    axes.set(title=title, xlabel="answer", ylabel="truth")
    axes.set_xticks(range(len(classes)), classes)
    axes.set_yticks(range(len(classes)), classes)
    for row, column in np.argwhere(counts > 0):
        colour = "white" if errors[row, column] > errors.max() / 2 else "black"
        axes.text(column, row, str(counts[row, column]), ha="center", va="center", fontsize=6, color=colour)


def course_of_run(history: Sequence[Mapping[str, float]]) -> tuple[Panel, Panel]:
    """Loss and whole-string accuracy over strips, from a run's ``history.json``."""
    strips = [row["strips"] / 1e6 for row in history]
    loss, right = [row["loss"] for row in history], [100 * row["whole_string"] for row in history]
    return (
        Panel("Loss", "million strips", "cross-entropy per slot", {"loss": (strips, loss)}, log=True),
        Panel("Validation strips", "million strips", "whole string, %", {"validation": (strips, right)}),
    )


def mistakes_picture(
    strips: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    texts: Sequence[str],
    confidence: NDArray[np.float64],
    path: Path,
) -> None:
    """The most confident wrong answers: strip, truth, answer."""
    truths = [decode_classes(row) for row in labels]
    wrong = [index for index, (text, truth) in enumerate(zip(texts, truths, strict=True)) if text != truth]
    wrong = sorted(wrong, key=lambda index: -confidence[index])[:WORST]
    captions = [f"{truths[i] or 'none'} read {texts[i] or 'none'} {confidence[i]:.2f}" for i in wrong]
    save_picture(path, contact_sheet(strips[wrong], captions))


def reliability(path: Path, confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int) -> None:
    """Confidence said against accuracy found, with the number of strips in each bin."""
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    filled = np.unique(index)
    said = [confidence[index == b].mean() for b in filled]
    with figure(path, "Reliability of the whole string", 5.6, layout="constrained") as drawn:
        top, bottom = drawn.subplots(2, 1, sharex=True, height_ratios=[3, 1])
        top.plot([0, 1], [0, 1], color="grey", linewidth=1)
        top.plot(said, [right[index == b].mean() for b in filled], marker="o")
        top.set(ylabel="share right")
        bottom.hist(confidence, bins=bins, range=(0, 1))
        bottom.set(xlabel="confidence", ylabel="strips", yscale="log")
