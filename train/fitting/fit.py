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
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from edge_runtime.core.errors import EdgeDigitsError
from edge_runtime.recognition.contract import SLOTS
from train.core import run_folder
from train.core.progress import Progress, learning_rate_factor, to_stderr
from train.datasets.crops import load_crops
from train.model import network
from train.model.net2net import start_from
from train.model.predict import whole_string_accuracy
from train.preview.plots import course_of_run, curves
from train.synthesis.cache_key import drawing_code_hash
from train.synthesis.pool import PoolKey, StripPool, vary
from train.synthesis.strips import make_strips

from .config import FitConfig

EMA_EVERY: Final = 8  # steps between two updates of the averaged weights
VALIDATION_SEED: Final = 7_001
_CLEAR_LINE: Final = "\r\x1b[K"
_SHOW_EVERY_S: Final = 2.0
_SHOWN_LOSSES: Final = 100  # steps that the loss of the progress line is a mean of


@dataclass
class StripProgress(Progress):
    """With the best of the evaluations' whole-string accuracy; with crops its mean with that of the held-out crops."""

    best: float = -1.0


def fit(config: FitConfig, out: Path, *, resume: bool = False, report: Callable[[str], None] = to_stderr) -> Path:
    """Train into the run folder ``out`` and return it.

    resume: carry on from the folder's checkpoint, or from the beginning where it was stopped before the first one;
    its configuration must be the same. report: is told a line at each evaluation.
    Raises ``RunError`` where the folder holds another run or ``start_from`` does not fit, ``DataError`` for bad data.
    """
    keras.utils.set_random_seed(config.seed)
    run_folder.begin(out, asdict(config), resume=resume)
    try:
        trainer = _Trainer(config, out, report)
    except EdgeDigitsError:
        if not resume:  # nothing was trained: the folder stays free for the corrected command
            (out / run_folder.CONFIG_FILE).unlink()
        raise
    if resume:
        trainer.restore()
    trainer.run()
    return out


class _Trainer:
    """One run: the loop, its averaged weights, its evaluations and checkpoints."""

    def __init__(self, config: FitConfig, out: Path, report: Callable[[str], None]) -> None:
        self._config = config
        self._out = out
        self._report = report
        self._progress = StripProgress()
        self._shown_at = 0.0
        self._model = network.build(config.network)
        if config.start_from:
            start_from(self._model, config.start_from)
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
            config.recipe,
            "validation",
            config.validation,
            VALIDATION_SEED,
            workers=config.workers,
            mnist=config.mnist,
            glyphs=config.glyphs,
        )
        self._crops = load_crops(Path(config.crops), report) if config.crops else None
        if self._crops is not None:
            train, held_out = (len(part[1]) for part in (self._crops.train, self._crops.held_out))
            report(f"crops: {train:,} train, {held_out:,} are held out")

    def restore(self) -> None:
        """Take up the last checkpoint of the folder, where there is one."""
        state = self._out / run_folder.HISTORY_FILE
        if self._checkpoint.latest_checkpoint is None or not state.exists():
            self._report("stopped before its first checkpoint: starting from the beginning")
            return
        self._checkpoint.restore_or_initialize()
        self._progress = StripProgress(**run_folder.read_json(state, f"python -m train fit --out {self._out}"))
        self._report(f"resumed at {self._progress.seen:,} strips")

    def run(self) -> None:
        """Train until the strips or the minutes are used up."""
        config, progress = self._config, self._progress
        rng = np.random.default_rng([config.seed, progress.seen])
        step = self._compiled_step()
        losses: list[Any] = []
        source = drawing_code_hash(config.recipe)
        key = PoolKey(config.recipe, config.seed, config.pool, config.mnist, config.glyphs, source)
        with StripPool(key, config.workers) as pool:
            pool.wait_for_first()
            next_evaluation = progress.seen + config.evaluate_every
            started = time.monotonic() - progress.seconds
            count = 0
            while (done := self._done()) < 1:
                strips, labels = self._batch(pool, rng)
                self._optimizer.learning_rate.assign(config.learning_rate * learning_rate_factor(done))
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
        curves(self._out / "curves.png", self._out.name, course_of_run(progress.history))

    def _batch(self, pool: StripPool, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Strips of the pool, with their share of the crops'."""
        if self._crops is None:
            return pool.batch(self._config.batch, rng)
        count = round(self._config.batch * (self._config.crops_share or 0))
        strips, labels = pool.batch(self._config.batch - count, rng)
        chosen = rng.integers(0, len(self._crops.train[1]), count)
        own = vary(self._crops.train[0][chosen], rng)
        return np.concatenate([strips, own]), np.concatenate([labels, self._crops.train[1][chosen]])

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
        return self._progress.done(self._config.strips, self._config.minutes)

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
        accuracy = score = whole_string_accuracy(self._averaged, *self._validation)
        row = {"strips": progress.seen, "seconds": round(progress.seconds, 1), "loss": loss, "whole_string": accuracy}
        said = f"whole string {accuracy:.2%}"
        if self._crops is not None:
            share = self._config.crops_share or 0.0
            row["crops"] = whole_string_accuracy(self._averaged, *self._crops.held_out)
            score = (1 - share) * accuracy + share * row["crops"]
            said += f"  held-out crops {row['crops']:.2%}"
        progress.history.append(row)
        mark = ""
        if score > progress.best:
            progress.best, mark = score, "  best"
            unfinished = self._out / "unfinished.keras"
            self._averaged.save(unfinished)
            unfinished.replace(self._out / run_folder.MODEL_FILE)
        self._checkpoint.save()
        run_folder.write_json(self._out / run_folder.HISTORY_FILE, asdict(progress))
        if sys.stderr.isatty():
            sys.stderr.write(_CLEAR_LINE)
        self._report(f"{self._line(loss, ready)}  {said}{mark}")
