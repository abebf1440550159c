"""The commands that draw pictures: ``preview``, ``samples``, ``doc-pictures``, ``signs``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from edge_runtime.images.annotate import save_picture
from edge_runtime.recognition.contract import decode_classes
from train.datasets.crops import load_crops
from train.synthesis.strips import RECIPES, make_strips

from .contact_sheet import contact_sheet, side_by_side, strips_of_pictures

_FILE: Final = click.Path(dir_okay=False, exists=True)
_FOLDER: Final = click.Path(file_okay=False, path_type=Path)
_PICTURES: Final = click.Path(file_okay=False, exists=True, path_type=Path)


@click.command()
@click.option("--recipe", type=click.Choice(RECIPES), default="wild", show_default=True, help="What strips look like.")
@click.option("--count", type=click.IntRange(1), default=100, show_default=True, help="Strips on the sheet.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the strips.")
@click.option("--mnist", type=click.Path(), help="An .npz or a folder of IDX files.")
@click.option("--glyphs", type=_FILE, help="A bank of your fonts, by train glyphs build.")
@click.option("--crops", type=_PICTURES, help="Your labelled crops, in place of drawn strips.")
@click.option("--beside", type=_PICTURES, help="Pictures whose strips stand beside the others.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default="preview.png", show_default=True)
def preview(
    recipe: str, count: int, seed: int, beside: Path | None, crops: Path | None, out: Path, **source: Any
) -> None:
    """Write a contact sheet of labelled strips, of the digits and typefaces that validate.

    \b
    Examples:
      python -m train preview --recipe wild --out preview.png
      python -m train preview --crops my-crops --out crops.png      # are they cut and labelled rightly?
      python -m train preview --beside pictures/ --out beside.png   # can the two be told apart?
    """  # noqa: D301 click reads the control character
    if crops is None:
        strips, labels = make_strips(recipe, "validation", count, seed, **source)
    else:
        strips, labels = (part[:count] for part in load_crops(crops, partial(click.echo, err=True)).train)
    sheet = contact_sheet(strips, [decode_classes(row) or "(none)" for row in labels])
    if beside is not None:
        sheet = side_by_side(sheet, contact_sheet(*strips_of_pictures(beside, count, seed)))
    save_picture(out, sheet)
    click.echo(out)


@click.command()
@click.option("--out", type=_FOLDER, default="samples", show_default=True)
def samples(out: Path) -> None:
    """Draw the sample pictures anew.

    Example: python -m train samples --out samples
    """
    from .samples import write_samples

    click.echo(f"{len(write_samples(out))} pictures in {out}")


@click.command()
@click.option("--out", type=_FOLDER, default="docs/images", show_default=True)
def doc_pictures(out: Path) -> None:
    """Draw the pictures of README and docs anew, from what the reader does with samples/.

    Example: python -m train doc-pictures
    """
    from .doc_pictures import write_doc_pictures

    for path in write_doc_pictures(Path("samples"), out):
        click.echo(path)


@click.command()
@click.option("--count", type=click.IntRange(1), default=60, show_default=True, help="Pictures.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the pictures.")
@click.option("--out", type=_FOLDER, required=True, help="Folder.")
def signs(count: int, seed: int, out: Path) -> None:
    """Draw pictures of coloured printed numbers in scenes, with labels.csv, to measure the reader on.

    Example: python -m train signs --out runs/signs
    """
    from .signs import write_signs

    write_signs(out, count, seed)
    click.echo(out)
