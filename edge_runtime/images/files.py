"""The files of a folder in natural order."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterator

SortKey = tuple[tuple[str, str], ...]


def find_files(folder: str | os.PathLike[str], leave_out: Collection[str | os.PathLike[str]] = ()) -> Iterator[str]:
    """Every file below a folder in natural order (2 before 10), files and subfolders in one alphabet.

    Names that begin with a dot are left out, links to folders are not followed, and what ``leave_out`` names
    (files or folders, by any path) is left out as well. A folder that cannot be listed comes out as if it were a
    file, so that reading it names the error. Only one folder's names at each depth are held in memory.
    """
    left_out = {os.path.realpath(path) for path in leave_out}
    names_left_out = {os.path.basename(path) for path in left_out}
    folder = os.fspath(folder)
    depths = [_entries_of(folder)]  # a loop, since folders may be nested deeper than Python calls
    while depths:
        entry = next(depths[-1], None)
        if entry is None:
            depths.pop()
            continue
        path, is_folder = entry
        if os.path.basename(path) in names_left_out and os.path.realpath(path) in left_out:
            continue
        if is_folder:
            depths.append(_entries_of(path))
        elif not _is_link_to_folder(path):
            yield path


def listing_error(path: str) -> OSError | None:
    """Why the names in a folder cannot be had; None where they can, and for what is no folder."""
    try:
        with os.scandir(path) as entries:
            for _ in entries:
                pass
    except NotADirectoryError:
        return None
    except OSError as error:
        return error
    return None


def natural_key(name: str) -> tuple[str, str]:
    """Sort key in which runs of digits count as numbers and letters do not differ by case.

    A number is written as a null character, which no name holds, its length and its digits: shorter is smaller, and
    any number comes before any letter. Names that are not Unicode count as they are written in rows.
    """
    name = as_written(name)
    return re.sub("[0-9]+", _sortable, name.casefold()), name


def path_key(path: str) -> SortKey:
    """Sort key of a path, by which those that ``find_files`` gives for one folder are in order."""
    return tuple(natural_key(part) for part in path.split(os.sep))


def as_written(path: str) -> str:
    r"""The path as it stands in rows: what is not Unicode in it as \udcXX."""
    return path if path.isascii() else path.encode("utf-8", "backslashreplace").decode("utf-8")


def _entries_of(folder: str) -> Iterator[tuple[str, bool]]:
    """Path of each entry, and whether it is a folder to go down into; the folder itself where it cannot be listed."""
    names: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.name.startswith("."):
                    names.append(entry.name)
    except OSError:
        yield folder, False
    names.sort(key=natural_key)
    for name in names:
        path = os.path.join(folder, name)
        yield path, _is_folder(path)


def _is_folder(path: str) -> bool:
    """A real one, not a link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _is_link_to_folder(path: str) -> bool:
    return os.path.islink(path) and os.path.isdir(path)


def _sortable(digits: re.Match[str]) -> str:
    number = digits[0].lstrip("0")
    return f"\0{chr(len(number) + 1)}{number}"
