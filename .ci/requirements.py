"""Print the runtime's requirements and those of the named extras, with OpenCV in its build without windows.

Tests and training run on machines without a screen, where opencv-python may fail to load for want of libGL.
Usage: python .ci/requirements.py [EXTRA ...]
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


def requirements(extras: list[str]) -> list[str]:
    """The lines of a requirements file; ``KeyError`` where an extra does not exist."""
    project = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]
    wanted = set(project["dependencies"]).union(*(project["optional-dependencies"][extra] for extra in extras))
    return sorted(line.replace("opencv-python>", "opencv-python-headless>") for line in wanted)


if __name__ == "__main__":
    print("\n".join(requirements(sys.argv[1:])))
