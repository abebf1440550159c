"""Training: strips -> the best weights, and a run folder that explains itself.

::

    python -m train fit --network notebook --recipe notebook --out runs/notebook
    python -m train fit --network edge --recipe wild --out runs/edge

A run folder holds ``config.json`` (what was asked for, seeds, versions), ``history.json`` and ``curves.png``,
``model.keras`` (the averaged weights of the best evaluation), and ``checkpoint/`` to carry on from.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from edge_runtime.core.errors import EdgeDigitsError
from edge_runtime.recognition.contract import SLOTS
from train.core import run_folder as folder
from train.core.config import FitConfig
from train.core.errors import RunError
from train.model.net2net import take_weights
from train.preview.plots import curves_picture
from train.synthesis.cache_key import drawing_code_hash
from train.synthesis.pool import PoolKey, StripPool
from train.synthesis.strips import make_strips

from .model import network

EMA_EVERY: Final = 8  # steps between two updates of the averaged weights
VALIDATION_SEED: Final = 7_001
_PREDICT_BATCH: Final = 1000
_CLEAR_LINE: Final = "\r\x1b[K"
_SHOW_EVERY_S: Final = 2.0
_SHOWN_LOSSES: Final = 100  # steps that the loss of the progress line is a mean of


@dataclass
class Progress:
    """What grows while training runs."""

    seen: int = 0
    seconds: float = 0.0
    best: float = -1.0
    history: list[dict[str, float]] = field(default_factory=list)


def to_stderr(text: str) -> None:
    """One line of progress."""
    print(text, file=sys.stderr, flush=True)


def fit(config: FitConfig, out: Path, *, resume: bool = False, report: Callable[[str], None] = to_stderr) -> Path:
    """Train into the run folder ``out`` and return it.

    resume: carry on from the folder's checkpoint, or from the beginning where it was stopped before the first one;
    its configuration must be the same. report: is told a line at each evaluation.
    Raises ``RunError`` where the folder holds another run or ``start_from`` does not fit, ``DataError`` for bad data.
    """
    keras.utils.set_random_seed(config.seed)
    folder.begin(out, asdict(config), resume=resume)
    try:
        trainer = _Trainer(config, out, report)
    except EdgeDigitsError:
        if not resume:  # nothing was trained: the folder stays free for the corrected command
            (out / folder.CONFIG_FILE).unlink()
        raise
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
        self._shown_at = 0.0
        self._model = network.build(config.network)
        if config.start_from:
            _take_weights(self._model, Path(config.start_from))
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
        """Take up the last checkpoint of the folder, where there is one."""
        state = self._out / folder.HISTORY_FILE
        if self._checkpoint.latest_checkpoint is None or not state.exists():
            self._report("stopped before its first checkpoint: starting from the beginning")
            return
        self._checkpoint.restore_or_initialize()
        self._progress = Progress(**folder.read_json(state, f"python -m train fit --out {self._out}"))
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
                self._show(losses, pool.ready)
                if progress.seen >= next_evaluation or self._done() >= 1:
                    self._evaluate(float(np.mean(losses)), pool.ready)
                    losses, next_evaluation = [], progress.seen + config.evaluate_every
        curves_picture(self._progress.history, self._out / "curves.png")

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

    def _show(self, losses: list[Any], ready: int) -> None:
        """The line of progress, on a terminal, now and then."""
        now = time.monotonic()
        if now - self._shown_at < _SHOW_EVERY_S or not sys.stderr.isatty():
            return
        self._shown_at = now
        best = f"{self._progress.best:.2%}" if self._progress.best >= 0 else "not measured yet"
        line = self._line(float(np.mean(losses[-_SHOWN_LOSSES:])), ready)
        sys.stderr.write(f"{_CLEAR_LINE}{line}  best whole string {best}")
        sys.stderr.flush()

    def _line(self, loss: float, ready: int) -> str:
        progress, done = self._progress, min(max(self._done(), 1e-6), 1.0)
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
            unfinished.replace(self._out / folder.MODEL_FILE)
        self._checkpoint.save()
        folder.write_json(self._out / folder.HISTORY_FILE, asdict(progress))
        if sys.stderr.isatty():
            sys.stderr.write(_CLEAR_LINE)
        self._report(f"{self._line(loss, ready)}  whole string {accuracy:.2%}{mark}")


def _take_weights(model: keras.Model, run: Path) -> None:
    """Start from the best weights of another run, of as many channels or fewer; ``RunError`` where they do not fit."""
    try:
        take_weights(model, folder.load_model(run))
    except ValueError as error:
        raise RunError(
            f"{run}: its weights do not fit the {model.name} network; start from another run ({error})"
        ) from None


def _schedule(done: float) -> float:
    """Factor on the learning rate: a short warm-up, then a cosine down to a hundredth."""
    warm = min(done / 0.01, 1.0)
    return max(warm * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * min(done, 1.0)))), 1e-3)
