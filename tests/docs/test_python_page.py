"""docs/python.md: its blocks run as they stand, and its reference is what the package says of itself."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path

import pytest

from tests.docs import api

ROOT = Path(__file__).parents[2]
NEEDED = {"edge_runtime", "numpy"}
BLOCKS = re.findall(r"^```python\n(.*?)^```", api.PAGE.read_text("utf-8").partition("# Reference")[0], re.M | re.S)


def imported(block: str) -> set[str]:
    """The packages that a block needs."""
    nodes = list(ast.walk(ast.parse(block)))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names}


def test_there_are_recipes_for_every_library() -> None:
    named = set().union(*map(imported, BLOCKS))
    assert {"edge_runtime", "PIL", "pandas", "polars", "supervision"} <= named


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: re.sub(r"\W+", "-", block[:30]))
def test_a_block_runs_as_it_stands(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = sorted(name for name in imported(block) if importlib.util.find_spec(name) is None)
    if missing:
        assert not NEEDED & set(missing)
        pytest.skip(f"{' and '.join(missing)} not installed")
    monkeypatch.chdir(ROOT)
    exec(compile(block, "docs/python.md", "exec"), {"__name__": "__main__"})


def test_the_reference_is_what_the_package_says() -> None:
    written = api.page_with(api.reference())
    assert written == api.PAGE.read_text("utf-8"), "python -m tests.docs.api writes it anew"


def test_links_lead_somewhere() -> None:
    text = api.PAGE.read_text("utf-8")
    headings = {
        re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.+)$", text, re.M)
    }
    links = re.findall(r"\]\(#([^)\s]+)\)", text)
    assert len(links) > 5 and set(links) <= headings
