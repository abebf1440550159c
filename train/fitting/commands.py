"""The commands that make weights: ``fit``, ``evaluate``, ``average``, ``shipped-weights``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from train.synthesis.strips import RECIPES, make_strips

from .config import NOTEBOOK, FitConfig

NETWORKS: Final = ("edge", "second-look", "notebook")
CROPS_SHARE: Final = 0.2  # of a batch
EVALUATIONS: Final = 5  # at least, also of a short run

_FOLDER: Final = click.Path(file_okay=False, path_type=Path)
_RUN: Final = click.Path(file_okay=False, exists=True, path_type=Path)
_OUT_FILE: Final = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--network", type=click.Choice(NETWORKS), default="edge", show_default=True, help="What is trained.")
@click.option("--recipe", type=click.Choice(RECIPES), default="wild", show_default=True, help="What strips look like.")
@click.option("--out", type=_FOLDER, required=True, help="Run folder.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of weights and strips.")
@click.option("--strips", type=click.IntRange(1), help="Strips shown in all.")
@click.option("--pool", type=click.IntRange(1), help="Different strips drawn.")
@click.option("--minutes", type=click.FloatRange(0), default=0.0, help="Limit on the training time; 0 for none.")
@click.option("--learning-rate", type=click.FloatRange(0, min_open=True), help="Of the first step.")
@click.option("--workers", type=click.IntRange(1), help="Processes that draw strips.")
@click.option("--mnist", type=click.Path(), help="An .npz or a folder of IDX files.")
@click.option("--glyphs", type=click.Path(dir_okay=False, exists=True), help="A bank of your fonts, by glyphs build.")
@click.option("--crops", type=click.Path(file_okay=False, exists=True), help="Your pictures with a labels.csv.")
@click.option("--crops-share", type=click.FloatRange(0, 1, True, True), help="Of a batch.  [default: 0.2]")
@click.option("--start-from", metavar="RUN|shipped", help="Whose weights are the first.")
@click.option("--resume", is_flag=True, help="Carry on from the folder's checkpoint.")
@click.option("--smoke", is_flag=True, help="A toy run of under a minute.")
def fit(out: Path, resume: bool, smoke: bool, **options: Any) -> None:
    """Train a network into a run folder.

    \b
    Examples:
      python -m train fit --network edge --recipe wild --out runs/edge
      python -m train fit --start-from shipped --crops my-crops --strips 200000 --pool 50000 --out runs/mine
    """  # noqa: D301 click reads the control character
    if options["glyphs"] and options["recipe"] != "wild":
        raise click.UsageError(f"--glyphs serves the wild recipe alone, not {options['recipe']}")
    if options["crops_share"] is not None and not options["crops"]:
        raise click.UsageError("--crops-share goes with --crops FOLDER")
    if options["crops"] and options["crops_share"] is None:
        options["crops_share"] = CROPS_SHARE
    from . import fit as training

    defaults = NOTEBOOK if options["recipe"].startswith("notebook") else {}
    config = FitConfig(**{**defaults, **{name: value for name, value in options.items() if value is not None}})
    config = replace(config, evaluate_every=min(config.evaluate_every, max(config.strips // EVALUATIONS, 1)))
    click.echo(training.fit(config.smoke() if smoke else config, out, resume=resume))


@click.command()
@click.argument("run", type=_RUN)
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True, help="Processes that draw strips.")
def evaluate(run: Path, workers: int) -> None:
    """Measure a run: heads, whole strings by length, calibration, coverage; mistakes and curves as pictures.

    Example: python -m train evaluate runs/edge
    """
    from . import evaluate as evaluation

    click.echo(evaluation.evaluate(run, workers=workers))


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
@click.option("--model", type=_OUT_FILE, help="An fp32 .onnx of the edge network.  [default: the shipped]")
@click.option("--out", type=_OUT_FILE, help="An .npz file.  [default: the repository's]")
def shipped_weights(model: Path | None, out: Path | None) -> None:
    """Make the weights that --start-from shipped takes, from the exported file.

    Example: python -m train shipped-weights
    """
    from train.model import shipped

    strips, _ = make_strips("wild", "train", 2_000, 1)
    target = out or shipped.FILE
    difference = shipped.write_shipped(model or shipped.SOURCE, strips, target)
    click.echo(f"{target}: answers differ by at most {difference:.1e}")
