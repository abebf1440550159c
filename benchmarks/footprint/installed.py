"""What an installation takes on disk, package by package, from the lists of files that pip keeps."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from benchmarks.core.document import REPOSITORY
from edge_runtime import DependencyError

METHOD: Final = (
    "Sizes are sums of the sizes of files, compiled Python left out, of a package and all that it requires and that is "
    "installed here. Of OpenCV's builds, which stand in for each other, the installed one counts."
)
OURS: Final = "edge-digits"
_OPENCV: Final = (
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
)


def runtimes_bytes(packages: Iterable[str]) -> dict[str, dict[str, int]]:
    """Of the product and of each of the packages with all that they require: bytes by package, largest first."""
    return {OURS: runtime_bytes(), **{package: installed_bytes([package]) for package in packages}}


def runtime_bytes(repository: Path = REPOSITORY) -> dict[str, int]:
    """The product and all that it requires: bytes by package, largest first."""
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    files = (repository / "edge_runtime").rglob("*")
    own = sum(path.stat().st_size for path in files if path.is_file() and not _is_compiled(path))
    return _largest_first({OURS: own, **installed_bytes(project["dependencies"])})


def installed_bytes(requirements: Iterable[str]) -> dict[str, int]:
    """Packages that are asked for, and all that they ask for: bytes by package, largest first.

    requirements: as in a package's metadata, such as ``numpy>=1.26``. What is not installed is left out. Raises
    ``DependencyError`` where a package has no list of its files.
    """
    found: dict[str, int] = {}
    waiting = [name for name in map(_name, requirements) if name]
    while waiting:
        package = _installed(waiting.pop())
        if package is None or _normal(package.name) in found:
            continue
        found[_normal(package.name)] = package_bytes(package)
        waiting += [name for name in map(_name, package.requires or []) if name]
    return _largest_first(found)


def package_bytes(package: Distribution, suffix: str = "") -> int:
    """Size of its files, or of those whose name ends with ``suffix``."""
    if package.files is None:
        raise DependencyError(f"{package.name}: its installation has no list of files; install it with pip")
    paths = [Path(str(package.locate_file(file))) for file in package.files if file.name.endswith(suffix)]
    return sum(path.stat().st_size for path in paths if path.is_file() and not _is_compiled(path))


def _name(requirement: str) -> str | None:
    """The package's name; None where it is asked for by an extra only."""
    requirement, _, condition = requirement.partition(";")
    found = re.match(r"[A-Za-z0-9._-]+", requirement.strip())
    return None if found is None or "extra" in condition else _normal(found.group())


def _installed(name: str) -> Distribution | None:
    for candidate in (name, *(_OPENCV if name in _OPENCV else ())):
        try:
            return distribution(candidate)
        except PackageNotFoundError:
            continue
    return None


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _is_compiled(path: Path) -> bool:
    return "__pycache__" in path.parts


def _largest_first(sizes: dict[str, int]) -> dict[str, int]:
    return dict(sorted(sizes.items(), key=lambda item: -item[1]))
