"""``python -m study``: the notebook's systems, trained again."""

from __future__ import annotations

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
@click.option("--only", is_flag=True, help="Before NAME…: these systems alone, added to what is there.")
@click.argument("names", type=click.Choice(SYSTEMS), nargs=-1, metavar="[NAME]...")
@click.option("--quick", is_flag=True, help="A toy of everything, on little data, in two minutes.")
@click.option("--notebook", type=_FOLDER, default=Path("runs/notebook"), show_default=True, help="Its run folder.")
@click.option("--edge", type=_FOLDER, default=Path("runs/edge"), show_default=True, help="Its run folder.")
@click.option("--record", type=_FOLDER, default=None, help="Copy the report, its pictures and results here too.")
@click.option("--out", type=_FOLDER, required=True, help="Folder of the study.")
def run(
    only: bool, names: tuple[str, ...], quick: bool, notebook: Path, edge: Path, record: Path | None, out: Path
) -> None:
    """Train the notebook's other systems, measure and draw them, and write STUDY.md.

    A stopped study is carried on. The five-head networks are taken from their run folders.

    Example: python -m study run --only sigmoid-mnist keras-cnn --out runs/study
    """
    from study import runner

    if bool(names) != only:
        raise click.UsageError(f"--only is followed by names of systems: {', '.join(SYSTEMS)}")
    try:
        report = runner.study(
            out,
            runs={"notebook": notebook, "edge": edge},
            say=lambda line: click.echo(line, err=True),
            only=names,
            quick=quick,
            record=record,
        )
    except ModuleNotFoundError as missing:
        raise click.ClickException(f"{missing}; {INSTALL}") from missing
    click.echo(report)


if __name__ == "__main__":
    main(prog_name="python -m study")
