"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


def json_out(name: str) -> Callable[[Any], Any]:
    """``--out``, a JSON file: ``runs/NAME.json`` where it is not given."""
    path = click.Path(dir_okay=False, path_type=Path)
    return click.option("--out", type=path, default=Path(f"runs/{name}.json"), show_default=True, help="JSON file.")
