"""Recipes for other libraries run where these are installed; the reference in docs/python.md is what the code says."""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge_runtime.cli.batch import batch
from tests.docs import api

ROOT = Path(__file__).parents[2]
OURS = {"edge_runtime", "numpy"}


def imported(block: str) -> set[str]:
    """The packages that a block needs."""
    nodes = list(ast.walk(ast.parse(block)))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names}


PAGES = (api.PAGE, ROOT / "docs" / "usage.md")
BLOCKS = [
    block for page in PAGES for block in re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
]
RECIPES = [block for block in BLOCKS if imported(block) - OURS - set(sys.stdlib_module_names)]


def test_there_are_recipes_for_every_library() -> None:
    assert {"PIL", "pandas", "polars", "supervision"} <= set().union(*map(imported, RECIPES))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the sample pictures and of their rows in every form."""
    made = tmp_path_factory.mktemp("recipes")
    shutil.copytree(ROOT / "samples", made / "samples")
    forms = ["jsonl", "csv", *(["parquet"] if importlib.util.find_spec("pyarrow") else [])]
    for form in forms:
        arguments = [str(made / "samples"), "--pattern", "*.jpg", "--output", str(made / f"rows.{form}")]
        assert CliRunner().invoke(batch, arguments).exit_code == 0
    return made


@pytest.mark.parametrize("block", RECIPES, ids=lambda block: re.sub(r"\W+", "-", block[:24]))
def test_a_recipe_runs_as_it_stands(block: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needed = imported(block) | ({"pyarrow"} if ".parquet" in block else set())
    missing = sorted(name for name in needed if importlib.util.find_spec(name) is None)
    if missing:
        pytest.skip(f"{' and '.join(missing)} not installed")
    monkeypatch.chdir(folder)
    exec(compile(block, "a recipe", "exec"), {"__name__": "__main__"})


def test_the_reference_is_what_the_package_says() -> None:
    assert api.page_with(api.reference()) == api.PAGE.read_text("utf-8"), "python -m tests.docs.api writes it anew"
