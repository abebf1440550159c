"""Training: drawn scenes -> a network that sees characters, and a run folder that explains itself.

A run folder holds ``config.json`` (what was asked for, versions), ``history.json``, ``model.keras`` and
``detector.onnx`` (the averaged weights), and ``checkpoint.npz`` to carry on from. The loop uses Keras alone and runs on
any of its backends.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
import onnx
from keras import ops
from numpy.typing import NDArray

from train.core import run_folder as folder
from train.core.progress import Progress, learning_rate_factor, to_stderr

from . import network
from .config import DESIGNS, ONNX_FILE, DetectorConfig
from .evaluate import measure_views
from .export import to_onnx, with_half_weights
from .loss import loss_of
from .pool import Draw, PoolKey, ScenePool, View, draw_scenes, drawing_code_hash
from .vary import Batch, stacked, vary

CHECKPOINT_FILE: Final = "checkpoint.npz"
VALIDATION_SEED: Final = 7_001
_AVERAGE_EVERY: Final = 8  # steps between two updates of the averaged weights


def fit(
    config: DetectorConfig,
    out: Path,
    *,
    resume: bool = False,
    draw: Draw = draw_scenes,
    report: Callable[[str], None] = to_stderr,
) -> Path:
    """Train into the run folder ``out`` and return it.

    resume: carry on from the folder's checkpoint; its configuration must be the same. draw: where scenes come from.
    Raises ``RunError`` where the folder holds another run, ``DataError`` where drawing fails.
    """
    keras.utils.set_random_seed(config.seed)
    folder.begin(out, asdict(config), resume=resume)
    trainer = _Trainer(config, out, draw, report)
    if resume:
        trainer.restore()
    trainer.run()
    return out


def batches(pool: ScenePool, config: DetectorConfig, first: int) -> Iterator[Batch]:
    """Batches without end, made ahead by threads; number ``first`` and its followers are the same in every run."""

    def make(number: int) -> Batch:
        rng = np.random.default_rng([config.seed, number])
        views = [vary([pool.pick(rng) for _ in range(4)], rng) for _ in range(config.batch)]
        return stacked(views)

    with ThreadPoolExecutor(config.workers) as makers:
        ahead: deque[Future[Batch]] = deque(makers.submit(make, first + i) for i in range(2 * config.workers))
        number = first + len(ahead)
        while True:
            yield ahead.popleft().result()
            ahead.append(makers.submit(make, number))
            number += 1


class _Trainer:
    """One run: the loop, its averaged weights, its checkpoints."""

    def __init__(self, config: DetectorConfig, out: Path, draw: Draw, report: Callable[[str], None]) -> None:
        self._config, self._out, self._draw, self._report = config, out, draw, report
        self._progress = Progress()
        self._averaged = network.build(config.design)
        with_policy = keras.config.dtype_policy()
        if config.bfloat16:
            keras.config.set_dtype_policy("mixed_bfloat16")
        self._model = network.build(config.design)
        keras.config.set_dtype_policy(with_policy)
        self._averaged.set_weights(self._model.get_weights())
        self._average = self._model.get_weights()
        optimizer = keras.optimizers.AdamW(config.learning_rate, weight_decay=config.weight_decay, clipnorm=5.0)
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        self._model.compile(optimizer, loss=loss_of, jit_compile=keras.backend.backend() == "jax")
        optimizer.build(self._model.trainable_variables)
        self._source = drawing_code_hash()

    def restore(self) -> None:
        """Take up the folder's checkpoint, where there is one."""
        path = self._out / CHECKPOINT_FILE
        if not path.exists():
            self._report("stopped before its first checkpoint: starting from the beginning")
            return
        with np.load(path, allow_pickle=False) as arrays:
            groups = {
                name: [arrays[f"{name}{index}"] for index in range(int(arrays[f"{name}s"]))]
                for name in ("weight", "average", "state")
            }
        self._model.set_weights(groups["weight"])
        self._average = groups["average"]
        for variable, value in zip(self._model.optimizer.variables, groups["state"], strict=True):
            variable.assign(value)
        remedy = f"python -m train.detector fit --out {self._out}"
        self._progress = Progress(**folder.read_json(self._out / folder.HISTORY_FILE, remedy))
        self._report(f"resumed at {self._progress.seen:,} scenes")

    def run(self) -> None:
        """Train until the scenes or the minutes are used up."""
        config, progress = self._config, self._progress
        colours = DESIGNS[config.design].colours
        with ScenePool(
            PoolKey(config.seed, config.pool, colours, source=self._source), config.workers, self._draw
        ) as pool:
            validation = self._validation(colours)
            pool.wait_for_first()
            started = time.monotonic() - progress.seconds
            next_checkpoint = progress.seconds + 60 * config.checkpoint_minutes
            losses: list[float] = []
            for pictures, targets in batches(pool, config, progress.seen // config.batch):
                if self._done() >= 1:
                    return
                self._model.optimizer.learning_rate.assign(config.learning_rate * learning_rate_factor(self._done()))
                losses.append(float(self._model.train_on_batch(pictures, targets)))
                progress.seen += config.batch
                progress.seconds = time.monotonic() - started
                if progress.seen // config.batch % _AVERAGE_EVERY == 0:
                    self._update_average()
                if progress.seconds >= next_checkpoint or self._done() >= 1:
                    self._checkpoint(float(np.mean(losses)), pool.ready, validation)
                    losses, next_checkpoint = [], progress.seconds + 60 * config.checkpoint_minutes

    def _validation(self, colours: int) -> list[View]:
        """Scenes of another seed, which are never trained on."""
        key = PoolKey(VALIDATION_SEED, self._config.validation, colours, source=self._source)
        with ScenePool(key, self._config.workers, self._draw) as pool:
            pool.wait_for(self._config.validation)
            return [pool.scene(index) for index in range(self._config.validation)]

    def _update_average(self) -> None:
        """Polyak averaging (SIAM J. Control Optim. 30(4), 1992); the average warms up with the run."""
        updates = self._progress.seen // (self._config.batch * _AVERAGE_EVERY)
        keep = np.float32(min(self._config.average, updates / (updates + 10)))
        pairs = zip(self._average, self._model.get_weights(), strict=True)
        self._average = [mean * keep + now * (1 - keep) for mean, now in pairs]

    def _done(self) -> float:
        return self._progress.done(self._config.scenes, self._config.minutes)

    def _checkpoint(self, loss: float, ready: int, validation: list[View]) -> None:
        progress = self._progress
        self._averaged.set_weights(self._average)
        measured = measure_views(self._answer, validation)
        progress.history.append(
            {"scenes": progress.seen, "seconds": round(progress.seconds, 1), "loss": loss} | measured
        )
        unfinished = self._out / "unfinished.keras"
        self._averaged.save(unfinished)
        unfinished.replace(self._out / folder.MODEL_FILE)
        onnx.save(with_half_weights(to_onnx(self._averaged)), self._out / ONNX_FILE)
        self._save_state()
        folder.write_json(self._out / folder.HISTORY_FILE, asdict(progress))
        rate = progress.seen / max(progress.seconds, 1e-6)
        figures = "  ".join(f"{name} {value:.3f}" for name, value in measured.items())
        self._report(
            f"{progress.seen:9,} scenes  {rate:5.1f}/s  {progress.seconds / 60:6.1f} min  pool {ready:,}  "
            f"loss {loss:.3f}  validation: {figures}"
        )

    def _answer(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.asarray(ops.convert_to_numpy(self._averaged.predict_on_batch(pictures)), np.float32)

    def _save_state(self) -> None:
        groups = {
            "weight": self._model.get_weights(),
            "average": self._average,
            "state": [ops.convert_to_numpy(variable.value) for variable in self._model.optimizer.variables],
        }
        arrays: dict[str, Any] = {
            f"{name}{index}": a for name, group in groups.items() for index, a in enumerate(group)
        }
        unfinished = self._out / "unfinished.npz"
        arrays |= {f"{name}s": np.array(len(group)) for name, group in groups.items()}
        np.savez(unfinished, **arrays)
        unfinished.replace(self._out / CHECKPOINT_FILE)
