"""The commands that make weights without training: ``python -m train average``, ``python -m train shipped-weights``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

_FILE: Final = click.Path(dir_okay=False, path_type=Path)
_FOLDER: Final = click.Path(file_okay=False, path_type=Path)
_RUN: Final = click.Path(file_okay=False, exists=True, path_type=Path)
_STRIPS: Final = 2_000  # on which batch norms get their statistics, and answers are compared


@click.command()
@click.argument("run", type=_RUN)
@click.argument("other", type=_RUN)
@click.option("--share", default=0.5, show_default=True, help="Of the second run's weights in the mean.")
@click.option("--out", type=_FOLDER, required=True, help="Run folder.")
def average(run: Path, other: Path, share: float, out: Path) -> None:
    """Average the weights of two runs of one lineage into a run folder.

    Example: python -m train average runs/stage4 runs/stage3 --out runs/edge
    """
    from .weight_average import average as mean_of

    click.echo(mean_of(run, other, out, share))


@click.command()
@click.option("--model", type=_FILE, default=None, help="An fp32 .onnx of the edge network.  [default: the shipped]")
@click.option("--out", type=_FILE, default=None, help="An .npz file.  [default: the repository's]")
def shipped_weights(model: Path | None, out: Path | None) -> None:
    """Make the weights that --start-from shipped takes, from the exported file.

    Example: python -m train shipped-weights
    """
    from train.synthesis.strips import make_strips

    from . import shipped

    strips, _ = make_strips("wild", "train", _STRIPS, seed=1)
    target = out or shipped.FILE
    difference = shipped.write_shipped(model or shipped.SOURCE, strips, target)
    click.echo(f"{target}: answers differ by at most {difference:.1e}")
