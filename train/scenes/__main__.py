"""``python -m train.scenes``: a contact sheet of drawn scenes."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click
import cv2

from .kinds.table import TABLE
from .scene import scenes
from .sheet import grid, labelled, pictures_of


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="PNG to write.")
@click.option("--kind", type=click.Choice([*TABLE, "each"]), default=None, help="One kind alone, or some of each.")
@click.option("--labels", is_flag=True, help="Draw boxes, kinds and links.")
@click.option(
    "--beside", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of pictures to mix in."
)
@click.option(
    "--count", type=click.IntRange(1), default=48, show_default=True, help="Scenes; of each kind with 'each'."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option(
    "--side", type=click.IntRange(32), default=240, show_default=True, help="Pixels of a picture on the sheet."
)
@click.option("--columns", type=click.IntRange(1), default=8, show_default=True)
def main(
    out: Path, kind: str | None, labels: bool, beside: Path | None, count: int, seed: int, side: int, columns: int
) -> None:
    """Draw scenes and write them as one picture; tell the time of a scene on stderr."""
    pictures = []
    for place, name in enumerate(TABLE if kind == "each" else [kind]):
        seed += place  # or all kinds would show the same light
        next(scenes(seed, 1, kind=name))  # what is loaded once is not counted
        start = time.process_time()
        drawn = list(scenes(seed, count, kind=name))
        spent = (time.process_time() - start) / count * 1000
        click.echo(f"{name or 'any'}: {spent:.1f} ms a scene", err=True)
        pictures += [labelled(scene) if labels else scene.pixels for scene in drawn]
    if beside is not None:
        real = pictures_of(beside, len(pictures), seed)
        pictures = [picture for two in zip(pictures, real, strict=False) for picture in two]
    if not cv2.imwrite(str(out), grid(pictures, columns, side)):
        raise click.FileError(str(out), "cannot be written")


if __name__ == "__main__":
    sys.exit(main())
