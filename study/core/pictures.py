"""The pictures of a system: examples, the course of its training, confusion matrices, mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.recognition.contract import ALPHABET
from train.preview.plots import WIDTH, Panel, confusion, curves, figure

from .result import Context, Picture

SHOWN_EXAMPLES: Final = 60
BLANK_SIGN: Final = "·"
_CAPTION_INCHES: Final = 0.19
_TITLE_INCHES: Final = 0.36
_GAP: Final = 0.12  # between the pictures of a sheet, in pictures' widths


def draw_sheet(context: Context, kind: str, caption: str, **sheet: Any) -> Picture:
    """Pictures in rows with captions; the arguments of ``_sheet``."""
    return context.picture(kind, caption, partial(_sheet, **sheet))


def draw_examples(context: Context, title: str, images: NDArray[Any], labels: NDArray[np.integer]) -> Picture:
    """The first digits of a set with their labels."""
    captions = [str(label) for label in labels[:SHOWN_EXAMPLES]]
    caption = f"{title}: the first of the set and their labels"
    shown = images[:SHOWN_EXAMPLES]
    return draw_sheet(context, "examples", caption, title=title, images=shown, captions=captions, columns=12)


def draw_mistakes(
    context: Context,
    images: NDArray[Any],
    truths: Sequence[str],
    answers: Sequence[str],
    what: str,
    *,
    caption: str | None = None,
    columns: int = 10,
    most: int = 40,
) -> Picture:
    """The first pictures with another answer than the truth; what: of which kind, and what happened to them."""
    wrong = [index for index, (truth, answer) in enumerate(zip(truths, answers, strict=True)) if truth != answer]
    shown = wrong[:most] or [0]
    counted = f"{len(wrong)} of {len(truths):,} {what}"
    return draw_sheet(
        context,
        "mistakes",
        caption or counted,
        title=f"{context.system}: {counted}",
        images=images[shown],
        captions=[f"{truths[index]} → {answers[index]}" for index in shown],
        columns=columns,
    )


def draw_curves(context: Context, panels: Sequence[Panel]) -> Picture:
    """The course of the training."""
    draw = partial(curves, title=f"{context.system}: training", panels=panels)
    return context.picture("curves", "Course of the training", draw)


def draw_confusion(
    context: Context,
    labels_nh: NDArray[np.integer],
    answers_nh: NDArray[np.integer],
    heads: Sequence[str],
    classes: Sequence[str] = tuple(ALPHABET),
) -> Picture:
    """A matrix for each head."""
    title = f"{context.system}: who is taken for whom"
    caption = "Confusion matrices: counts, errors in colour" + (", · is blank" if BLANK_SIGN in classes else "")
    return context.picture(
        "confusion", caption, lambda path: confusion(path, title, labels_nh, answers_nh, classes, heads)
    )


def _sheet(
    path: Path,
    title: str,
    images: NDArray[Any],
    captions: Sequence[str],
    *,
    columns: int,
    cmap: str = "gray",
    limits: tuple[float, float] | None = None,
) -> None:
    """Pictures [N, h, w] in rows, each with a caption above it; limits: the values of black and white."""
    rows = -(-len(images) // columns)
    height_px, width_px = images.shape[1:]
    step_x = width_px * (1 + _GAP)
    inch_px = columns * step_x / (WIDTH - 0.2)  # pixels of a picture in an inch of the sheet
    step_y = height_px + _CAPTION_INCHES * inch_px + width_px * _GAP / 2
    height = rows * step_y / inch_px + _TITLE_INCHES + 0.05
    low, high = limits or (float(images.min()), float(images.max()))
    with figure(path, title, height) as drawn:
        axes = drawn.add_axes((0.1 / WIDTH, 0.0, 1 - 0.2 / WIDTH, 1 - _TITLE_INCHES / height))
        axes.axis("off")
        for index, (image, caption) in enumerate(zip(images, captions, strict=True)):
            left, top = index % columns * step_x, index // columns * step_y + _CAPTION_INCHES * inch_px
            place = (left, left + width_px, top + height_px, top)
            axes.imshow(image, cmap=cmap, vmin=low, vmax=high, extent=place, interpolation="nearest")
            axes.text(left + width_px / 2, top - 0.03 * inch_px, caption, ha="center", va="bottom", fontsize=8)
        axes.set(
            xlim=(-width_px * _GAP / 2, columns * step_x), ylim=(rows * step_y + 0.05 * inch_px, 0), aspect="equal"
        )
