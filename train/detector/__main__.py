"""``python -m train.detector``: train the character detector, and measure it on real pictures."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before TensorFlow is imported by a command

import click

from edge_runtime.cli.shared.errors import Commands

from .config import DESIGNS, DetectorConfig

_DEFAULTS = {field.name: field.default for field in fields(DetectorConfig)}
_FOLDER = click.Path(file_okay=False, path_type=Path)


class _DetectorCommands(Commands):
    remedy = "install what training needs, in a checkout: pip install --editable '.[train,export]'"


@click.group(cls=_DetectorCommands)
def main() -> None:
    """Train the character detector, and measure it."""


@main.command()
@click.option("--out", type=_FOLDER, required=True, help="Run folder.")
@click.option("--resume", is_flag=True, help="Carry on from the folder's checkpoint.")
@click.option("--design", type=click.Choice(list(DESIGNS)), default=_DEFAULTS["design"], show_default=True)
@click.option("--scenes", type=click.IntRange(1), default=_DEFAULTS["scenes"], show_default=True, help="Shown in all.")
@click.option("--pool", type=click.IntRange(1), default=_DEFAULTS["pool"], show_default=True, help="Different ones.")
@click.option("--minutes", type=click.FloatRange(0), default=0.0, help="Limit on training time; 0 for none.")
@click.option("--batch", type=click.IntRange(1), default=_DEFAULTS["batch"], show_default=True)
@click.option("--learning-rate", type=float, default=_DEFAULTS["learning_rate"], show_default=True)
@click.option("--seed", type=click.IntRange(0), default=_DEFAULTS["seed"], show_default=True)
@click.option("--bfloat16", is_flag=True, help="Feature maps in 16 bits, where the processor multiplies them.")
@click.option("--checkpoint-minutes", type=float, default=_DEFAULTS["checkpoint_minutes"], show_default=True)
@click.option("--workers", type=click.IntRange(1), default=_DEFAULTS["workers"], show_default=True, help="That draw.")
def fit(out: Path, resume: bool, **settings: object) -> None:
    """Train into a run folder."""
    from . import fit as training

    training.fit(DetectorConfig(**settings), out, resume=resume)  # type: ignore[arg-type]


@main.command()
@click.option("--run", "run_folder", type=_FOLDER, required=True, help="Run folder, or an .onnx file.")
@click.option("--data", "folders", type=_FOLDER, multiple=True, required=True, help="Folders of labelled pictures.")
@click.option("--limit", type=click.IntRange(1), default=None, help="At most so many pictures of each folder.")
@click.option("--scale", "scales", type=click.IntRange(32), multiple=True, help="Long sides to measure one by one.")
@click.option("--details", is_flag=True, help="Every picture: what is wanted, what is found.")
def evaluate(
    run_folder: Path, folders: tuple[Path, ...], limit: int | None, scales: tuple[int, ...], details: bool
) -> None:
    """Measure the detector's maps alone on real pictures, which are never trained on."""
    from . import evaluate as measuring

    click.echo(measuring.report(run_folder, folders, scales, limit, details), nl=False)


if __name__ == "__main__":
    main(prog_name="python -m train.detector")
