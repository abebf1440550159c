"""What the commands have in common: options, messages on stderr, and the command that measures one part."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from .document import Document, write_document
from .effort import FULL, QUICK, Effort

FOLDER: Final = click.Path(file_okay=False, path_type=Path)
DATA: Final = click.Path(exists=True, file_okay=False, path_type=Path)

Say = Callable[[str], None]
"""Tells on stderr what is being done."""
Measure = Callable[[Effort, Path, Say], dict[str, Any]]
"""Measures one part, given the folder of the training runs; the document is JSON-safe."""

runs_option = click.option(
    "--runs", type=FOLDER, default=Path("runs"), show_default=True, help="Folder with the training runs edge, notebook."
)
quick_option = click.option("--quick", is_flag=True, help="A rehearsal: minutes instead of half an hour, less sure.")


def part_command(name: str, measure: Measure, markdown: Callable[[Document], str]) -> click.Command:
    """The command that measures one part, writes its document and prints its tables; its help is ``measure``'s."""

    @click.command(name, help=measure.__doc__)
    @runs_option
    @quick_option
    @click.option(
        "--out", type=click.Path(dir_okay=False, path_type=Path), help=f"JSON file.  [default: runs/{name}.json]"
    )
    def command(runs: Path, quick: bool, out: Path | None) -> None:
        say = teller(name)
        document = measure(QUICK if quick else FULL, runs, say)
        target = out or Path(f"runs/{name}.json")
        write_document(target, document)
        click.echo(markdown(document), nl=False)
        say(f"written to {target}")

    return command


def teller(name: str) -> Say:
    """Lines on stderr that begin with the command's name."""
    return lambda text: click.echo(f"{name}: {text}", err=True)
