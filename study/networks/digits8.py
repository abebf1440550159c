"""The 8×8 digits: what the data are, and a t-SNE embedding with the share of neighbours that are of the same class."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

import numpy as np
from matplotlib import colormaps
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from numpy.typing import NDArray
from sklearn.manifold import TSNE
from sklearn.neighbors import NearestNeighbors

from study.core.data import DIGITS8, QUICK_DIGITS8, Digits8, load_digits8
from study.core.pictures import draw_examples
from study.core.result import Context, Result, Settings, figure
from train.preview import plots

_ROOM: Final = 0.035  # between two thumbnails, as a share of the picture


@dataclass(frozen=True)
class Digits8Settings(Settings):
    """Of the embedding; neighbours: how many of each digit are looked at."""

    QUICK: ClassVar = {"digits": QUICK_DIGITS8}

    digits: int = DIGITS8
    perplexity: float = 30.0
    neighbours: int = 10
    seed: int = 1


SETTINGS: Final = {"digits8": Digits8Settings()}


def run(wanted: Digits8Settings, context: Context) -> Result:
    """Draw the data and embed them."""
    digits = load_digits8(wanted.digits)
    flat = digits.images.reshape(len(digits.images), -1)
    tsne = TSNE(perplexity=wanted.perplexity, init="pca", learning_rate="auto", random_state=wanted.seed)
    places = tsne.fit_transform(flat)
    figures = (
        figure("neighbour purity of the embedding", purity(places, digits.labels, wanted.neighbours)),
        figure("neighbour purity of the 64 pixels", purity(flat, digits.labels, wanted.neighbours)),
    )
    size = "×".join(f"{side:,}" for side in digits.images.shape)
    remarks = (
        f"images {size}, grey values {digits.images.min():g} to {digits.images.max():g}; "
        f"as a table {len(flat):,}×64; labels {len(digits.labels)}, one-hot {len(digits.labels)}×10.",
        f"Purity: the share of a digit's {wanted.neighbours} nearest neighbours that are of its own class, on average.",
    )
    pictures = (
        context.picture("one-hot", "A digit of each class and its one-hot label", partial(_one_hot, digits=digits)),
        draw_examples(context, "8×8 digits", digits.images, digits.labels),
        context.picture(
            "embedding",
            "t-SNE embedding: a dot for each digit, some of them as thumbnails",
            lambda path: _embedding(path, places, digits),
        ),
    )
    return Result(f"{figures[0].share:.2%} neighbour purity of the embedding", figures, pictures, remarks=remarks)


def purity(points: NDArray[np.floating], labels: NDArray[np.integer], neighbours: int) -> NDArray[np.bool_]:
    """Which of each point's nearest neighbours, itself left out, are of its class: bool [N, neighbours]."""
    search = NearestNeighbors(n_neighbors=neighbours).fit(points)
    return labels[search.kneighbors(return_distance=False)] == labels[:, None]


def _one_hot(path: Path, digits: Digits8) -> None:
    firsts = [int(np.flatnonzero(digits.labels == label)[0]) for label in range(10)]
    with plots.figure(path, "8×8 digits: one of each class, and its label as one-hot vector", 4.2) as drawn:
        grid = drawn.add_gridspec(2, 10, height_ratios=(1, 3.6), left=0.09, right=0.98, top=0.86, bottom=0.12)
        for label, first in enumerate(firsts):
            axes = drawn.add_subplot(grid[0, label])
            axes.imshow(digits.images[first], cmap="gray")
            axes.set(title=str(label), xticks=[], yticks=[])
        axes = drawn.add_subplot(grid[1, :])
        vectors = np.eye(10, dtype=int)
        axes.imshow(vectors, cmap="Blues", aspect="auto")
        axes.grid(False)
        axes.set(xlabel="digit", ylabel="place in the vector", xticks=range(10), yticks=range(10))
        for row, column in np.ndindex(10, 10):
            colour = "white" if vectors[row, column] else "grey"
            axes.text(column, row, str(vectors[row, column]), ha="center", va="center", color=colour)


def _embedding(path: Path, places: NDArray[np.floating], digits: Digits8) -> None:
    """Dots in the colours of their classes, and thumbnails where there is room; places: [N, 2], in any unit."""
    low, high = places.min(axis=0), places.max(axis=0)
    places = (places - low) / (high - low)
    colours = colormaps["tab10"]
    with plots.figure(path, "8×8 digits, t-SNE embedding", 6.4, layout="constrained") as drawn:
        axes = drawn.subplots()
        for label in range(10):
            axes.scatter(*places[digits.labels == label].T, s=6, color=colours(label), label=str(label))
        shown: list[int] = []
        for index, place in enumerate(places):
            if shown and np.square(places[shown] - place).sum(axis=1).min() <= _ROOM**2:
                continue
            shown.append(index)
            frame = {"edgecolor": colours(int(digits.labels[index])), "boxstyle": "square,pad=0.1", "linewidth": 1.0}
            picture = OffsetImage(digits.images[index], cmap="gray_r", zoom=1.4)
            axes.add_artist(AnnotationBbox(picture, place, pad=0, bboxprops=frame))
        axes.set(xlabel="first dimension", ylabel="second dimension", xticks=[], yticks=[])
        axes.legend(title="class", loc="center left", bbox_to_anchor=(1, 0.5), markerscale=2.5)
