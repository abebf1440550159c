"""The commands that make data sets anew: ``python -m train glyphs build|preview``, ``python -m train pen-digits``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from train.core.errors import DataError

from .glyph_bank import DEFAULT, STYLES, load_glyphs

_PICTURE: Final = click.Path(dir_okay=False, path_type=Path)
_FOLDER: Final = click.Path(file_okay=False, exists=True, path_type=Path)


@click.group()
def glyphs() -> None:
    """Banks of typefaces: make one from your fonts, look at one."""


@glyphs.command()
@click.option("--fonts", type=_FOLDER, required=True, help="Folder of .ttf, .otf, .woff or .woff2 files.")
@click.option("--style", type=click.Choice(STYLES), default="sans", show_default=True, help="Of all the fonts.")
@click.option("--faces", type=_PICTURE, default=None, help="Only the faces of this list (see glyph_faces.csv).")
@click.option("--out", type=_PICTURE, required=True, help="The bank, an .npz file.")
def build(fonts: Path, style: str, faces: Path | None, out: Path) -> None:
    """Render the digits, marks and letters of fonts into a bank, to train on with ``fit --glyphs``.

    A font without usable digits is named and left out; the exit code then is 1, and the bank holds the others.

    Example: python -m train glyphs build --fonts my-fonts --out my-glyphs.npz
    """
    from .glyph_build import build_folder, build_listed  # here, since reading a bank must not load what makes it

    if out.suffix != ".npz":
        raise DataError(f"{out}: a bank is an .npz file; name it so")

    def say(line: str) -> None:
        click.echo(line, err=True)

    refused = build_folder(fonts, style, out, say) if faces is None else build_listed(fonts, faces, out, say)
    click.echo(out)
    if refused:
        click.get_current_context().exit(1)


@glyphs.command()
@click.option("--bank", type=_PICTURE, default=DEFAULT, help="The bank.  [default: that of the repository]")
@click.option("--start", type=click.IntRange(0), default=0, show_default=True, help="First face.")
@click.option("--count", type=click.IntRange(1), default=100, show_default=True, help="Faces on the sheet.")
@click.option("--out", type=_PICTURE, required=True, help="Picture to write.")
def preview(bank: Path, start: int, count: int, out: Path) -> None:
    """Write a contact sheet of a bank.

    Example: python -m train glyphs preview --bank my-glyphs.npz --out glyphs.png
    """
    from .glyph_tables import preview as draw_preview

    draw_preview(load_glyphs(bank), out, start, count)
    click.echo(out)


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def pen_digits(source: Path) -> None:
    """Rebuild train/data/pen_digits.npz from KEEL's penbased.dat.

    Example: python -m train pen-digits penbased.dat
    """
    from . import tablet

    click.echo(f"{tablet.build(source)} digits in {tablet.DATA}")
