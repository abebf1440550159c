"""The files of a folder in natural order."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator


def find_files(folder: str | os.PathLike[str]) -> Iterator[str]:
    """Every file below a folder in natural order (2 before 10), files and subfolders in one alphabet.

    Names that begin with a dot are left out, and links to folders are not followed. A folder that
    cannot be listed comes out as if it were a file, so that reading it names the error. Only one
    folder's names at each depth are held in memory.
    """
    try:
        with os.scandir(folder) as scan:
            names = sorted((entry.name for entry in scan if not entry.name.startswith(".")), key=natural_key)
    except OSError:
        yield os.fspath(folder)
        return
    for name in names:
        path = os.path.join(folder, name)
        if not os.path.isdir(path):
            yield path
        elif not os.path.islink(path):
            yield from find_files(path)


def natural_key(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Sort key in which runs of digits count as numbers and letters do not differ by case."""
    pieces = (piece for piece in re.split(r"([0-9]+)", name.casefold()) if piece)
    return [(0, int(piece), "") if "0" <= piece[0] <= "9" else (1, 0, piece) for piece in pieces], name
