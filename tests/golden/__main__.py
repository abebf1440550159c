"""``python -m tests.golden``: what differs between the golden record and the code."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .record import (
    EXACT,
    RECORD,
    comparable,
    differences,
    golden_pictures,
    load,
    pictures_below,
    save,
    take,
    tolerance_between,
)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--write", is_flag=True, help="Make the record anew, and print what differs from the old one.")
@click.option("--exact", is_flag=True, help="Allow no tolerance: confidence to three places, boxes to the pixel.")
@click.option("--draw", is_flag=True, help="Draw the golden pictures anew from their seed; needs the training code.")
@click.option("--folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Pictures to read.")
@click.option("--record", type=click.Path(dir_okay=False, path_type=Path), help="The record of --folder.")
def main(write: bool, exact: bool, draw: bool, folder: Path | None, record: Path | None) -> None:
    """Compare what the reader says of pictures with a record of it; exit status 1 where they differ."""
    if (folder is None) != (record is None):
        raise click.UsageError("--folder and --record are given together or not at all")
    if draw:
        if folder:
            raise click.UsageError("--draw draws the golden pictures; leave out --folder")
        from .draw import draw_pictures  # the check itself needs the runtime alone

        draw_pictures()
        return
    record = record or RECORD
    if not write and not record.exists():
        raise click.UsageError(f"{record}: no such record; make it with --write")
    new = take(pictures_below(folder) if folder else golden_pictures())
    lines = []
    if record.exists():
        old = load(record)
        compared = comparable(old, new)
        lines = differences(old, compared, EXACT if exact or write else tolerance_between(old, new))
        if compared is not new:
            names = ", ".join(compared["readings"])
            click.echo(f"the record is from another kind of processor: compared {names} only", err=True)
    for line in lines:
        click.echo(line)
    count = len(next(iter(new["readings"].values())))
    click.echo(f"{count} pictures, {len(lines)} differences", err=True)
    if write:
        save(new, record)
    elif lines:
        sys.exit(1)


if __name__ == "__main__":
    main(prog_name="python -m tests.golden")
