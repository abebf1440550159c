"""``python -m study run``: the notebook's systems, trained again."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

import click

from edge_runtime.cli.shared.errors import Commands
from study.catalogue import NAMES as SYSTEMS

INSTALL: Final = "install what the study needs, in a checkout: pip install --editable '.[study]'"
_FOLDER: Final = click.Path(file_okay=False, path_type=Path)


class _StudyCommands(Commands):
    remedy = INSTALL


@click.group(cls=_StudyCommands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The notebook's other systems, trained again."""


@main.command()
@click.argument("names", type=click.Choice(SYSTEMS), nargs=-1, metavar="[NAME]...")
@click.option("--quick", is_flag=True, help="A toy of everything, on little data, in two minutes.")
@click.option("--notebook", type=_FOLDER, default=Path("runs/notebook"), show_default=True, help="Its run folder.")
@click.option("--edge", type=_FOLDER, default=Path("runs/edge"), show_default=True, help="Its run folder.")
@click.option("--record", type=_FOLDER, default=None, help="Copy the report, its pictures and results here too.")
@click.option("--out", type=_FOLDER, required=True, help="Folder of the study.")
def run(names: tuple[str, ...], quick: bool, notebook: Path, edge: Path, record: Path | None, out: Path) -> None:
    """Train the notebook's systems, all or those that are named; measure and draw them, and write STUDY.md.

    A stopped study is carried on. The five-head networks are taken from their run folders.

    \b
    Examples:
      python -m study run --out runs/study --record study
      python -m study run sigmoid-mnist keras-cnn --out runs/study
      python -m study run --quick --out runs/study-quick
    """  # noqa: D301 click reads the control character
    from study import runner

    runs = {"notebook": notebook, "edge": edge}
    say = partial(click.echo, err=True)
    click.echo(runner.study(out, runs=runs, say=say, only=names, quick=quick, record=record))


if __name__ == "__main__":
    main(prog_name="python -m study")
