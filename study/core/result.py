"""What a system of the study is given and what it gives: the same types for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Final, Self

import numpy as np

from train.core.errors import RunError

PICTURES: Final = "pictures"

Progress = Callable[[float, str], None]
"""Is told the share that is done, 0 to 1, and a few words."""


class MissingRun(RunError):  # noqa: N818 says what it is
    """The run folder of a network that the study shows is not there."""


@dataclass(frozen=True)
class Figure:
    """A share of ``of`` digits, pairs or strips that is right, 0 to 1."""

    name: str
    share: float
    of: int


@dataclass(frozen=True)
class Picture:
    """A PNG in the folder ``pictures`` and what can be seen on it."""

    file: str
    caption: str


@dataclass(frozen=True)
class Layer:
    """A row of a model's summary; ``output`` is the shape without the batch."""

    name: str
    output: str
    parameters: int


@dataclass(frozen=True)
class Result:
    """What a system came to. ``headline`` stands in the report's table beside the published figure."""

    headline: str
    figures: tuple[Figure, ...]
    pictures: tuple[Picture, ...]
    layers: tuple[Layer, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """A result with what it was made with; one JSON file a system.

    settings: the hyper-parameters; seconds: of everything, drawing included; machine: processor and its number.
    """

    system: str
    quick: bool
    settings: Mapping[str, Any]
    seconds: float
    machine: str
    versions: Mapping[str, str]
    result: Result

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Record:
        """The inverse of ``asdict`` after a way through JSON; ``KeyError`` or ``TypeError`` where it does not fit."""
        result = document["result"]
        return cls(
            **{
                **document,
                "result": Result(
                    headline=result["headline"],
                    figures=tuple(Figure(**row) for row in result["figures"]),
                    pictures=tuple(Picture(**row) for row in result["pictures"]),
                    layers=tuple(Layer(**row) for row in result["layers"]),
                    remarks=tuple(result["remarks"]),
                ),
            }
        )


@dataclass(frozen=True)
class Context:
    """What a system is given.

    out: the study's folder; quick: a toy run on little data; runs: run folder of each five-head network.
    """

    system: str
    out: Path
    quick: bool
    runs: Mapping[str, Path]
    progress: Progress

    def picture(self, kind: str, caption: str, draw: Callable[[Path], None]) -> Picture:
        """Have a picture drawn into its place."""
        file = f"{self.system}-{kind}.png"
        draw(self.out / PICTURES / file)
        return Picture(file, caption)


@dataclass(frozen=True)
class Settings:
    """A system's hyper-parameters; each system has its own. ``QUICK``: what a toy run on little data has instead."""

    QUICK: ClassVar[Mapping[str, Any]] = {}

    def fitted_to(self, context: Context) -> Self:
        """As published, or a toy; ``MissingRun`` where something is not there that the system needs."""
        return replace(self, **self.QUICK) if context.quick else self


def figure(name: str, right: Any) -> Figure:
    """From bool [N], right or not."""
    return Figure(name, float(right.mean()), len(right))


def dense_layers(names: Sequence[str], weights: Sequence[Any], biases: Sequence[Any]) -> tuple[Layer, ...]:
    """The summary's rows of layers with weights [inputs, outputs] and biases [outputs], the input before them."""
    rows = zip(names, weights, biases, strict=True)
    dense = (Layer(name, str(w.shape[1]), int(np.prod(w.shape)) + int(b.shape[0])) for name, w, b in rows)
    return (Layer("input", str(weights[0].shape[0]), 0), *dense)


def headline(figures: tuple[Figure, ...]) -> str:
    """All figures in one line."""
    return ", ".join(f"{item.share:.2%} {item.name}" for item in figures)
