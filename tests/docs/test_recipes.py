"""docs/python.md: recipes for other libraries run where these are installed; the reference is what the code says."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path

import pytest

from tests.docs import api

ROOT = Path(__file__).parents[2]
OURS = {"edge_runtime", "numpy"}


def imported(block: str) -> set[str]:
    """The packages that a block needs."""
    nodes = list(ast.walk(ast.parse(block)))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names}


BLOCKS = re.findall(r"^```python\n(.*?)^```", api.PAGE.read_text("utf-8"), re.M | re.S)
RECIPES = [block for block in BLOCKS if imported(block) - OURS - {"pathlib"}]


def test_there_are_recipes_for_every_library() -> None:
    assert {"PIL", "pandas", "polars", "supervision"} <= set().union(*map(imported, RECIPES))


@pytest.mark.parametrize("block", RECIPES, ids=lambda block: re.sub(r"\W+", "-", block[:24]))
def test_a_recipe_runs_as_it_stands(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = sorted(name for name in imported(block) if importlib.util.find_spec(name) is None)
    if missing:
        pytest.skip(f"{' and '.join(missing)} not installed")
    monkeypatch.chdir(ROOT)
    exec(compile(block, "docs/python.md", "exec"), {"__name__": "__main__"})


def test_the_reference_is_what_the_package_says() -> None:
    assert api.page_with(api.reference()) == api.PAGE.read_text("utf-8"), "python -m tests.docs.api writes it anew"
