"""A picture of an embedding: dots in the colours of their classes, and thumbnails where there is room."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from matplotlib import colormaps
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from numpy.typing import NDArray

from study.core import plots
from study.core.data import Digits8

_ROOM: Final = 0.035  # between two thumbnails, as a share of the picture


def draw(path: Path, title: str, places: NDArray[np.floating], digits: Digits8) -> None:
    """places: [N, 2], in any unit."""
    low, high = places.min(axis=0), places.max(axis=0)
    places = (places - low) / (high - low)
    colours = colormaps["tab10"]
    with plots.figure(path, title, 6.4, layout="constrained") as drawn:
        axes = drawn.subplots()
        for label in range(10):
            axes.scatter(*places[digits.labels == label].T, s=6, color=colours(label), label=str(label))
        for index in thumbnails(places):
            frame = {"edgecolor": colours(int(digits.labels[index])), "boxstyle": "square,pad=0.1", "linewidth": 1.0}
            picture = OffsetImage(digits.images[index], cmap="gray_r", zoom=1.4)
            axes.add_artist(AnnotationBbox(picture, places[index], pad=0, bboxprops=frame))
        axes.set(xlabel="first dimension", ylabel="second dimension", xticks=[], yticks=[])
        axes.legend(title="class", loc="center left", bbox_to_anchor=(1, 0.5), markerscale=2.5)


def thumbnails(places: NDArray[np.floating]) -> list[int]:
    """Indices of points that are far enough from those before them; places from 0 to 1."""
    shown: list[int] = []
    for index, place in enumerate(places):
        if not shown or np.square(places[shown] - place).sum(axis=1).min() > _ROOM**2:
            shown.append(index)
    return shown
