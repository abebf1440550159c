"""``python -m train``: preview the strips, train a network, evaluate a run, make data sets."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before TensorFlow is imported by a command

import click

from edge_runtime.cli.shared.errors import Commands
from edge_runtime.recognition.contract import decode_classes

INSTALL: Final = "install what training needs, in a checkout: pip install --editable '.[train]'"
NETWORKS: Final = ("edge", "second-look", "notebook")

CROPS_SHARE: Final = 0.2  # of a batch

_FILE: Final = click.Path(dir_okay=False, exists=True)
_OWN: Final = click.Path(file_okay=False, exists=True)
_FOLDER: Final = click.Path(file_okay=False, path_type=Path)
_RUN: Final = click.Path(file_okay=False, exists=True, path_type=Path)
_PICTURE: Final = click.Path(dir_okay=False, path_type=Path)
_SHARE: Final = click.FloatRange(0, 1, min_open=True, max_open=True)

try:
    from train.datasets.commands import glyphs, pen_digits
    from train.synthesis.strips import RECIPES, make_strips
except ModuleNotFoundError as missing:
    sys.exit(f"Error: {missing}; {INSTALL}")


def _one_line(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    return f"Warning: {message}\n"


warnings.formatwarning = _one_line  # where in our code it was raised is no news to the user


class _TrainCommands(Commands):
    remedy = INSTALL


@click.group(cls=_TrainCommands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The data set and the five-head networks of edge-digits."""


@main.command()
@click.option("--recipe", type=click.Choice(RECIPES), default="wild", show_default=True, help="What strips look like.")
@click.option(
    "--split",
    type=click.Choice(["train", "validation", "test"]),
    default="validation",
    show_default=True,
    help="Which of the digits and typefaces.",
)
@click.option("--count", type=click.IntRange(1), default=100, show_default=True, help="Strips on the sheet.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the strips.")
@click.option("--mnist", type=click.Path(), default=None, help="An .npz or a folder of IDX files.")
@click.option(
    "--beside",
    type=_RUN,
    default=None,
    help="Folder of pictures whose strips, as the reader cuts them, stand beside the drawn ones.",
)
@click.option("--out", type=_PICTURE, default=Path("preview.png"), show_default=True)
def preview(recipe: str, split: str, count: int, seed: int, mnist: str | None, beside: Path | None, out: Path) -> None:
    """Write a contact sheet of labelled strips.

    \b
    Examples:
      python -m train preview --recipe wild --out preview.png
      python -m train preview --beside pictures/ --out beside.png   # can the two be told apart?
    """  # noqa: D301 click reads the control character
    from edge_runtime.images.annotate import save_picture
    from train.preview.contact_sheet import contact_sheet, side_by_side

    strips, labels = make_strips(recipe, split, count, seed, mnist=mnist)  # type: ignore[arg-type]
    sheet = contact_sheet(strips, [decode_classes(row) or "(none)" for row in labels])
    if beside is not None:
        from train.preview.real_strips import strips_of_pictures

        sheet = side_by_side(sheet, contact_sheet(*strips_of_pictures(beside, count, seed)))
    save_picture(out, sheet)
    click.echo(out)


@main.command()
@click.option("--out", type=_FOLDER, default=Path("samples"), show_default=True)
def samples(out: Path) -> None:
    """Draw the sample pictures anew.

    Example: python -m train samples --out samples
    """
    from train.preview.samples import write_samples

    click.echo(f"{len(write_samples(out))} pictures in {out}")


@main.command()
@click.option("--out", type=_FOLDER, default=Path("docs/images"), show_default=True)
def doc_pictures(out: Path) -> None:
    """Draw the pictures of README and docs anew, from what the reader does with samples/.

    Example: python -m train doc-pictures
    """
    from train.preview.doc_pictures import write_doc_pictures

    for path in write_doc_pictures(Path("samples"), out):
        click.echo(path)


@main.command()
@click.option("--count", type=click.IntRange(1), default=60, show_default=True, help="Pictures.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the pictures.")
@click.option("--out", type=_FOLDER, required=True, help="Folder.")
def signs(count: int, seed: int, out: Path) -> None:
    """Draw pictures of coloured printed numbers in scenes, with labels.csv, to measure the reader on.

    Example: python -m train signs --out runs/signs
    """
    from train.preview.signs import write_signs

    write_signs(out, count, seed)
    click.echo(out)


@main.command()
@click.option("--network", type=click.Choice(NETWORKS), default="edge", show_default=True, help="What is trained.")
@click.option("--recipe", type=click.Choice(RECIPES), default="wild", show_default=True, help="What strips look like.")
@click.option("--out", type=_FOLDER, required=True, help="Run folder.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of weights and strips.")
@click.option("--strips", type=click.IntRange(1), default=None, help="Strips shown in all.")
@click.option("--pool", type=click.IntRange(1), default=None, help="Different strips drawn.")
@click.option("--minutes", type=click.FloatRange(0), default=0.0, help="Limit on the training time; 0 for none.")
@click.option("--learning-rate", type=click.FloatRange(0, min_open=True), default=None, help="Of the first step.")
@click.option("--workers", type=click.IntRange(1), default=None, help="Processes that draw strips.")
@click.option("--mnist", type=click.Path(), default=None, help="An .npz or a folder of IDX files.")
@click.option("--glyphs", type=_FILE, default=None, help="A bank of your fonts, by train glyphs build.")
@click.option("--crops", type=_OWN, default=None, help="Your labelled crops: pictures and a labels.csv (file,label).")
@click.option(
    "--crops-share", type=click.FloatRange(0, 1, True, True), default=None, help="Of a batch.  [default: 0.2]"
)
@click.option("--start-from", metavar="RUN|shipped", default=None, help="Whose weights are the first.")
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
    from train.core.config import FitConfig

    from . import fit as training

    config = FitConfig(**{**_defaults(options), **{k: v for k, v in options.items() if v is not None}})
    click.echo(training.fit(config.smoke() if smoke else config, out, resume=resume))


@main.command()
@click.argument("run", type=_RUN)
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True, help="Processes that draw strips.")
@click.option("--record", type=_PICTURE, default=None, help="Write the figures here too.")
def evaluate(run: Path, workers: int, record: Path | None) -> None:
    """Measure a run: heads, whole strings by length, calibration, coverage; mistakes and curves as pictures.

    Example: python -m train evaluate runs/edge
    """
    from . import evaluate as evaluation

    click.echo(evaluation.evaluate(run, workers=workers))
    if record is not None:
        record.write_bytes((run / "evaluation.json").read_bytes())


@main.command()
@click.argument("run", type=_RUN)
@click.argument("other", type=_RUN)
@click.option("--share", default=0.5, show_default=True, help="Of the second run's weights in the mean.")
@click.option("--out", type=_FOLDER, required=True, help="Run folder.")
def average(run: Path, other: Path, share: float, out: Path) -> None:
    """Average the weights of two runs of one lineage into a run folder.

    Example: python -m train average runs/stage4 runs/stage3 --out runs/edge
    """
    from train.model.weight_average import average as mean_of

    click.echo(mean_of(run, other, out, share))


@main.command()
@click.option("--model", type=_PICTURE, default=None, help="An fp32 .onnx of the edge network.  [default: the shipped]")
@click.option("--out", type=_PICTURE, default=None, help="An .npz file.  [default: the repository's]")
def shipped_weights(model: Path | None, out: Path | None) -> None:
    """Make the weights that --start-from shipped takes, from the exported file.

    Example: python -m train shipped-weights
    """
    from train.model import shipped

    strips, _ = make_strips("wild", "train", 2_000, 1)
    target = out or shipped.FILE
    difference = shipped.write_shipped(model or shipped.SOURCE, strips, target)
    click.echo(f"{target}: answers differ by at most {difference:.1e}")


main.add_command(glyphs)
main.add_command(pen_digits)


def _defaults(options: dict[str, Any]) -> dict[str, Any]:
    """For the notebook's recipe: four passes over the training digits (about 13,700 strips each), shown some eight
    times. The notebook itself drew one pass: ``--pool 13500``.
    """
    if str(options["recipe"]).startswith("notebook"):
        return {
            "pool": 54_000,
            "strips": 450_000,
            "evaluate_every": 27_000,
            "validation": 1_200,
            "learning_rate": 1e-3,
        }
    return {}


if __name__ == "__main__":
    main(prog_name="python -m train")
