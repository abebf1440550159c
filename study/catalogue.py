"""What the study consists of, with what was published. Needs nothing but Python: the command line reads it too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Row:
    """One system.

    module: of ``study.networks``, with ``SETTINGS`` by system name and ``run(settings, context)``.
    """

    name: str
    title: str
    data: str
    published: str
    module: str


CATALOGUE: Final = (
    Row("digits8", "8×8 digits: a look at the data, t-SNE", "scikit-learn digits, 1,797×64", "a picture", "digits8"),
    Row("sigmoid-digits8", "NumPy MLP, sigmoid", "8×8 digits", "99.78% train", "numpy_mlp"),
    Row("sigmoid-mnist", "NumPy MLP, sigmoid", "MNIST", "99.98% train, 97.57% test", "numpy_mlp"),
    Row("relu-digits8", "NumPy ReLU network, softmax loss", "8×8 digits", "99.22% train", "numpy_mlp"),
    Row("relu-mnist", "NumPy ReLU network, softmax loss", "MNIST", "95.11% train, 94.92% test", "numpy_mlp"),
    Row(
        "tape-mnist",
        "TensorFlow five-layer network, variables and a gradient tape",
        "MNIST",
        "96.0% test (dropout left on)",
        "tape_mlp",
    ),
    Row("keras-mlp", "Keras MLP", "MNIST", "98.31% test", "keras_single"),
    Row("keras-cnn", "Keras CNN", "MNIST", "99.28% test", "keras_single"),
    Row("sklearn-mlp", "scikit-learn MLPClassifier", "MNIST", "100% train, 96.41% test", "sklearn_mlp"),
    Row(
        "two-heads",
        "Two-head CNN",
        "pairs of MNIST digits in 56×56",
        "99.10% / 98.96% (tested on training digits)",
        "two_heads",
    ),
    Row(
        "notebook",
        "Five-head network `notebook`",
        "28×140 strips",
        "99.44 / 99.00 / 97.79 / 98.63 / 98.03%, mean 98.58%",
        "five_heads",
    ),
    Row("edge", "Five-head network `edge`", "28×140 strips", "-", "five_heads"),
)

NAMES: Final = tuple(row.name for row in CATALOGUE)
