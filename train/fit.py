"""Training: strips -> the best weights, and a run folder that explains itself.

::

    python -m train fit --network notebook --recipe notebook --out runs/notebook
    python -m train fit --network edge --recipe wild --out runs/edge

A run folder holds ``config.json`` (what was asked for, seeds, versions), ``history.json`` and ``curves.png``,
``model.keras`` (the averaged weights of the best evaluation), and ``checkpoint/`` to carry on from.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from edge_runtime.contract import SLOTS
from edge_runtime.strip import STRIP_VERSION

from . import network
from .errors import RunError
from .pool import PoolKey, StripPool
from .source import drawing_code_hash
from .strips import make_strips

EMA_EVERY: Final = 8  # steps between two updates of the averaged weights
VALIDATION_SEED: Final = 7_001
_PREDICT_BATCH: Final = 1000


@dataclass(frozen=True)
class FitConfig:
    """Everything that decides a run.

    strips: how many strips are shown in all; pool: how many different ones are drawn;
    minutes: a limit on training time, 0 for none. The learning rate falls along a cosine to a hundredth of
    ``learning_rate`` over whichever of the two ends first.
    start_from: a run folder whose best weights are the first ones here, to carry on with another recipe.
    """

    network: str
    recipe: str
    seed: int = 1
    strips: int = 10_000_000
    pool: int = 1_500_000
    minutes: float = 0.0
    batch: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    ema: float = 0.985  # of the averaged weights, per update
    evaluate_every: int = 200_000  # strips between two evaluations
    validation: int = 8_000
    workers: int = 2
    mnist: str | None = None
    start_from: str | None = None

    def smoke(self) -> FitConfig:
        """A toy of the same shape that trains in well under a minute."""
        return replace(self, strips=6_000, pool=2_000, batch=64, evaluate_every=3_000, validation=500, workers=1)


@dataclass
class Progress:
    """What grows while training runs."""

    seen: int = 0
    seconds: float = 0.0
    best: float = -1.0
    history: list[dict[str, float]] = field(default_factory=list)


def fit(config: FitConfig, out: Path, *, resume: bool = False, report: Callable[[str], None] = print) -> Path:
    """Train into the run folder ``out`` and return it.

    resume: carry on from the folder's checkpoint; its configuration must be the same.
    Raises ``RunError`` where the folder is in use by another configuration, ``DataError`` for bad data.
    """
    keras.utils.set_random_seed(config.seed)
    _prepare_folder(out, config, resume)
    trainer = _Trainer(config, out, report)
    if resume:
        trainer.restore()
    trainer.run()
    return out


def whole_string_accuracy(model: keras.Model, strips: NDArray[np.uint8], labels: NDArray[np.uint8]) -> float:
    """Share of strips [N, 28, 140] with all five slots right."""
    return float((predict(model, strips).argmax(axis=2) == labels).all(axis=1).mean())


def predict(model: keras.Model, strips: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Probabilities float32 [N, 5, 11] of strips uint8 [N, 28, 140]."""
    run = tf.function(lambda batch: tf.stack(model(batch, training=False), axis=1), reduce_retracing=True)
    parts = [run(strips[i : i + _PREDICT_BATCH, ..., None]).numpy() for i in range(0, len(strips), _PREDICT_BATCH)]
    return np.concatenate(parts)


class _Trainer:
    """One run: the loop, its averaged weights, its evaluations and checkpoints."""

    def __init__(self, config: FitConfig, out: Path, report: Callable[[str], None]) -> None:
        self._config = config
        self._out = out
        self._report = report
        self._progress = Progress()
        self._model = network.build(config.network)
        if config.start_from:
            self._model.set_weights(_weights_of(Path(config.start_from)))
        self._averaged = keras.models.clone_model(self._model)
        self._averaged.set_weights(self._model.get_weights())
        self._optimizer = keras.optimizers.AdamW(config.learning_rate, weight_decay=config.weight_decay, clipnorm=1.0)
        self._optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        self._optimizer.build(self._model.trainable_variables)
        self._checkpoint = tf.train.CheckpointManager(
            tf.train.Checkpoint(model=self._model, averaged=self._averaged, optimizer=self._optimizer),
            str(out / "checkpoint"),
            max_to_keep=1,
        )
        self._validation = make_strips(
            config.recipe, "validation", config.validation, VALIDATION_SEED, workers=config.workers, mnist=config.mnist
        )

    def restore(self) -> None:
        """Take up the last checkpoint of the folder."""
        latest = self._checkpoint.latest_checkpoint
        state = self._out / "history.json"
        if latest is None or not state.exists():
            raise RunError(f"{self._out}: no checkpoint to resume from; run without --resume")
        self._checkpoint.restore_or_initialize()
        self._progress = Progress(**json.loads(state.read_text()))
        self._report(f"resumed at {self._progress.seen:,} strips")

    def run(self) -> None:
        """Train until the strips or the minutes are used up."""
        config, progress = self._config, self._progress
        rng = np.random.default_rng([config.seed, progress.seen])
        step = self._compiled_step()
        losses: list[Any] = []
        source = drawing_code_hash(config.recipe)
        with StripPool(PoolKey(config.recipe, config.seed, config.pool, config.mnist, source), config.workers) as pool:
            pool.wait_for_first()
            next_evaluation = progress.seen + config.evaluate_every
            started = time.monotonic() - progress.seconds
            count = 0
            while (done := self._done()) < 1:
                strips, labels = pool.batch(config.batch, rng)
                self._optimizer.learning_rate.assign(config.learning_rate * _schedule(done))
                losses.append(step(strips, labels))
                progress.seen += config.batch
                progress.seconds = time.monotonic() - started
                count += 1
                if count % EMA_EVERY == 0:
                    self._update_average()
                if count % 400 == 0 and sys.stderr.isatty():
                    self._show(float(np.mean(losses[-400:])), pool.ready)
                if progress.seen >= next_evaluation or self._done() >= 1:
                    self._evaluate(float(np.mean(losses)), pool.ready)
                    losses, next_evaluation = [], progress.seen + config.evaluate_every
        write_curves(self._progress.history, self._out / "curves.png")

    def _compiled_step(self) -> Callable[[NDArray[np.uint8], NDArray[np.uint8]], Any]:
        signature = [tf.TensorSpec((None, 28, 140, 1), tf.uint8), tf.TensorSpec((None, SLOTS), tf.uint8)]

        @tf.function(input_signature=signature)
        def step(strips: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
            with tf.GradientTape() as tape:
                heads = tf.stack(self._model(strips, training=True), axis=1)
                loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(labels, heads))
            gradients = tape.gradient(loss, self._model.trainable_variables)
            self._optimizer.apply_gradients(zip(gradients, self._model.trainable_variables, strict=True))
            return loss

        return step

    def _update_average(self) -> None:
        """Polyak averaging (SIAM J. Control Optim. 30(4), 1992); the average warms up with the run."""
        updates = self._progress.seen // (self._config.batch * EMA_EVERY)
        keep = min(self._config.ema, updates / (updates + 10))
        for mean, now in zip(self._averaged.weights, self._model.weights, strict=True):
            mean.assign(mean * keep + now * (1 - keep))

    def _done(self) -> float:
        config, progress = self._config, self._progress
        by_time = progress.seconds / 60 / config.minutes if config.minutes else 0.0
        return max(progress.seen / config.strips, by_time)

    def _show(self, loss: float, ready: int) -> None:
        sys.stderr.write(f"\r{self._line(loss, ready)} ")
        sys.stderr.flush()

    def _line(self, loss: float, ready: int) -> str:
        progress, done = self._progress, max(self._done(), 1e-6)
        left = progress.seconds * (1 - done) / done / 60
        rate = progress.seen / max(progress.seconds, 1e-6)
        return (
            f"{progress.seen / 1e6:6.2f} M strips  {rate:5.0f}/s  pool {ready / 1e6:.2f} M  loss {loss:.4f}  "
            f"{left:5.1f} min left"
        )

    def _evaluate(self, loss: float, ready: int) -> None:
        progress = self._progress
        self._update_average()
        accuracy = whole_string_accuracy(self._averaged, *self._validation)
        progress.history.append(
            {"strips": progress.seen, "seconds": round(progress.seconds, 1), "loss": loss, "whole_string": accuracy}
        )
        mark = ""
        if accuracy > progress.best:
            progress.best, mark = accuracy, "  best"
            unfinished = self._out / "unfinished.keras"
            self._averaged.save(unfinished)
            unfinished.replace(self._out / "model.keras")
        self._checkpoint.save()
        _write_json(self._out / "history.json", asdict(progress))
        if sys.stderr.isatty():
            sys.stderr.write("\r")
        self._report(f"{self._line(loss, ready)}  whole string {accuracy:.2%}{mark}")


def write_curves(history: list[dict[str, float]], path: Path) -> None:
    """Loss and whole-string accuracy over strips, as PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

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


def _weights_of(run: Path) -> list[NDArray[np.float32]]:
    path = run / "model.keras"
    if not path.exists():
        raise RunError(f"{path}: no such model to start from")
    weights: list[NDArray[np.float32]] = keras.models.load_model(path, compile=False).get_weights()
    return weights


def _schedule(done: float) -> float:
    """Factor on the learning rate: a short warm-up, then a cosine down to a hundredth."""
    warm = min(done / 0.01, 1.0)
    return max(warm * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * min(done, 1.0)))), 1e-3)


def _prepare_folder(out: Path, config: FitConfig, resume: bool) -> None:
    document = out / "config.json"
    wanted = asdict(config)
    if document.exists():
        present = json.loads(document.read_text())
        changed = {key for key, value in wanted.items() if key != "workers" and present.get(key) != value}
        if not resume:
            raise RunError(f"{out}: holds a run already; choose another --out, or --resume to carry it on")
        if changed:
            raise RunError(f"{out}: was begun with other values of {', '.join(sorted(changed))}; resume with the same")
    out.mkdir(parents=True, exist_ok=True)
    _write_json(document, {**wanted, "strip_version": STRIP_VERSION, "versions": versions(), "commit": _commit()})


def versions() -> dict[str, str]:
    """Of what decides a result."""
    return {
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
    }


def _commit() -> str:
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return "unknown"


def _write_json(path: Path, document: dict[str, Any]) -> None:
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(json.dumps(document, indent=1))
    unfinished.replace(path)
