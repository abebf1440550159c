"""What the study consists of, with what was published. Needs nothing but Python: the command line reads it too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Row:
    """One system.

    module: of ``study.networks``, with ``SETTINGS`` by system name and ``run(settings, context)``;
    minutes: what a full run takes on two processors of a server, roughly.
    """

    name: str
    title: str
    data: str
    published: str
    module: str
    minutes: float


CATALOGUE: Final = (
    Row(
        "digits8",
        "8×8 digits: a look at the data, t-SNE",
        "scikit-learn digits, 1,797×64",
        "a picture",
        "digits8",
        0.2,
    ),
    Row("sigmoid-digits8", "NumPy MLP, sigmoid", "8×8 digits", "99.78% train", "sigmoid_mlp", 0.5),
    Row("sigmoid-mnist", "NumPy MLP, sigmoid", "MNIST", "99.98% train, 97.57% test", "sigmoid_mlp", 6),
    Row("relu-digits8", "NumPy ReLU network, softmax loss", "8×8 digits", "99.22% train", "relu_mlp", 1),
    Row(
        "relu-mnist",
        "NumPy ReLU network, softmax loss",
        "MNIST",
        "95.11% train, 94.92% test",
        "relu_mlp",
        12,
    ),
    Row(
        "tape-mnist",
        "TensorFlow five-layer network, variables and a gradient tape",
        "MNIST",
        "96.0% test (dropout left on)",
        "tape_mlp",
        3,
    ),
    Row("keras-mlp", "Keras MLP", "MNIST", "98.31% test", "keras_single", 1.5),
    Row("keras-cnn", "Keras CNN", "MNIST", "99.28% test", "keras_single", 6),
    Row("sklearn-mlp", "scikit-learn MLPClassifier", "MNIST", "100% train, 96.41% test", "sklearn_mlp", 1),
    Row(
        "two-heads",
        "Two-head CNN",
        "pairs of MNIST digits in 56×56",
        "99.10% / 98.96% (tested on training digits)",
        "two_heads",
        20,
    ),
    Row(
        "notebook",
        "Five-head network `notebook`",
        "28×140 strips",
        "99.44 / 99.00 / 97.79 / 98.63 / 98.03%, mean 98.58%",
        "five_heads",
        0.2,
    ),
    Row("edge", "Five-head network `edge`", "28×140 strips", "-", "five_heads", 0.2),
)

NAMES: Final = tuple(row.name for row in CATALOGUE)
