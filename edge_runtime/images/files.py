"""The files of a folder in natural order."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterator, Sequence
from enum import Enum, auto
from fnmatch import fnmatchcase


def find_files(
    folder: str | os.PathLike[str],
    leave_out: Collection[str | os.PathLike[str]] = (),
    patterns: Collection[str] = (),
) -> Iterator[str]:
    """Every file below a folder in natural order (2 before 10), files and subfolders in one alphabet.

    patterns: only files that one of them fits, as shells do it but with capitals and small letters alike: ``*.jpg`` by
    the file's name, in whatever folder; with a slash, such as ``2024/*.jpg`` or ``**/front/*.png``, by its path below
    ``folder``.
    Names that begin with a dot are left out, links to folders are not followed, and what ``leave_out`` names
    (files or folders, by any path) is left out as well. A folder that cannot be listed comes out as if it were a
    file, so that reading it names the error. Only one folder's names at each depth are held in memory.
    """
    left_out = {os.path.realpath(path) for path in leave_out}
    names_left_out = {os.path.basename(path) for path in left_out}
    folder = os.fspath(folder)
    fits = _Patterns(folder, patterns)
    depths = [_entries_of(folder)]  # a loop, since folders may be nested deeper than Python calls
    while depths:
        entry = next(depths[-1], None)
        if entry is None:
            depths.pop()
            continue
        path, kind = entry
        if os.path.basename(path) in names_left_out and os.path.realpath(path) in left_out:
            continue
        if kind is _Kind.FOLDER:
            depths.append(_entries_of(path))
        elif kind is _Kind.UNLISTED or (fits(path) and not _is_link_to_folder(path)):
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


def as_written(path: str) -> str:
    r"""The path as it stands in rows: what is not Unicode in it as \udcXX."""
    return path if path.isascii() else path.encode("utf-8", "backslashreplace").decode("utf-8")


class _Kind(Enum):
    FILE = auto()
    FOLDER = auto()
    UNLISTED = auto()  # a folder that cannot be listed


class _Patterns:
    """Whether a path fits one of the patterns; where there are none, all do."""

    def __init__(self, folder: str, patterns: Collection[str]) -> None:
        self._below = len(os.path.join(folder, ""))
        self._patterns = [pattern.casefold().replace(os.sep, "/").split("/") for pattern in patterns]

    def __call__(self, path: str) -> bool:
        if not self._patterns:
            return True
        parts = path[self._below :].casefold().split(os.sep)
        return any(_fits(parts[-1:] if len(pattern) == 1 else parts, pattern) for pattern in self._patterns)


def _fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Part for part; ``**`` stands for any number of them."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_fits(parts[start:], pattern[1:]) for start in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _fits(parts[1:], pattern[1:])


def _entries_of(folder: str) -> Iterator[tuple[str, _Kind]]:
    """Path of each entry, and what it is; the folder itself where it cannot be listed."""
    names: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.name.startswith("."):
                    names.append(entry.name)
    except OSError:
        yield folder, _Kind.UNLISTED
    names.sort(key=natural_key)
    for name in names:
        path = os.path.join(folder, name)
        yield path, _Kind.FOLDER if _is_folder(path) else _Kind.FILE


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
