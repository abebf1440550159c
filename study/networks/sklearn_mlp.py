"""scikit-learn's ``MLPClassifier``, and what its hidden units look at."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from study.core.data import QUICK_DIGITS, load_mnist, scaled
from study.core.pictures import draw_sheet
from study.core.protocol import Fitted, on_mnist
from study.core.result import Context, Picture, Result, Settings, dense_layers
from train.datasets.mnist import TRAIN_DIGITS
from train.preview.plots import Panel

SHOWN_UNITS: Final = 40


@dataclass(frozen=True)
class SklearnSettings(Settings):
    """Hyper-parameters, the rest as scikit-learn has them; digits: how many train; alpha: of the L2 penalty."""

    QUICK: ClassVar = {"digits": QUICK_DIGITS, "iterations": 5}

    digits: int = TRAIN_DIGITS
    hidden: int = 196
    solver: str = "sgd"
    rate: float = 0.1
    iterations: int = 50
    alpha: float = 1e-4
    seed: int = 1


SETTINGS: Final = {"sklearn-mlp": SklearnSettings()}


def run(wanted: SklearnSettings, context: Context) -> Result:
    """Train, measure, and draw the first layer's weights."""
    mnist = load_mnist(wanted.digits)
    network = MLPClassifier(
        hidden_layer_sizes=(wanted.hidden,),
        solver=wanted.solver,
        learning_rate_init=wanted.rate,
        max_iter=wanted.iterations,
        alpha=wanted.alpha,
        random_state=wanted.seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the published number of iterations is what is asked for
        network.fit(scaled(mnist.train.images), mnist.train.labels)
    x = range(1, len(network.loss_curve_) + 1)
    panel = Panel("Loss", "iteration", "cross-entropy and penalty", {"loss": (x, network.loss_curve_)}, log=True)
    fitted = Fitted(
        lambda images: network.predict(scaled(images)),
        dense_layers(("dense, ReLU", "dense, softmax"), network.coefs_, network.intercepts_),
        (panel,),
        (f"{network.n_iter_} iterations of at most {wanted.iterations}, over all training digits each.",),
    )
    result = on_mnist(fitted, mnist, context)
    return replace(result, pictures=(*result.pictures, _weights(network.coefs_[0], context)))


def _weights(weights: NDArray[np.floating], context: Context) -> Picture:
    """weights: [784, H]."""
    shown = weights.T[:SHOWN_UNITS].reshape(-1, 28, 28)
    limit = float(np.abs(shown).max()) / 2
    return draw_sheet(
        context,
        "weights",
        "What the first hidden units look at: their weights as pictures",
        title=f"{context.system}: weights of the first layer, from blue (against) to red (for)",
        images=shown,
        captions=[f"unit {index}" for index in range(1, len(shown) + 1)],
        columns=10,
        cmap="RdBu_r",
        limits=(-limit, limit),
    )
