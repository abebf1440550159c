"""What the commands have in common: options, talk on stderr, and the end of a measurement."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from .document import Document, write_document

FOLDER: Final = click.Path(file_okay=False, path_type=Path)
DATA: Final = click.Path(exists=True, file_okay=False, path_type=Path)

Say = Callable[[str], None]
"""Tells on stderr what is being done."""


def json_out(name: str) -> Callable[[Any], Any]:
    """``--out``, a JSON file: ``runs/NAME.json`` where it is not given."""
    path = click.Path(dir_okay=False, path_type=Path)
    return click.option("--out", type=path, default=Path(f"runs/{name}.json"), show_default=True, help="JSON file.")


def notebook_run() -> Callable[[Any], Any]:
    """``--notebook``, the run folder of the published network."""
    words = "Training run of the published network, the baseline."
    return click.option("--notebook", type=FOLDER, default=Path("runs/notebook"), show_default=True, help=words)


def seconds_of(words: str, default: float) -> Callable[[Any], Any]:
    """``--seconds``; words: what so many seconds are for."""
    number = click.FloatRange(0, 3600, min_open=True)
    return click.option("--seconds", type=number, default=default, show_default=True, help=words)


def teller(name: str) -> Say:
    """Lines on stderr that begin with the command's name."""
    return lambda text: click.echo(f"{name}: {text}", err=True)


def deliver(document: Document, tables: str, out: Path, say: Say) -> None:
    """Write the document and print its tables."""
    write_document(out, document)
    click.echo(tables, nl=False)
    say(f"written to {out}")
