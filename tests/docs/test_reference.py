"""What the docs list - errors, environment variables, commands and their options - is what the code has."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import click
import pytest

from edge_runtime.cli.main import main
from edge_runtime.core import errors

ROOT = Path(__file__).resolve().parents[2]
USAGE = ROOT / "docs" / "usage.md"
TROUBLESHOOTING = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")


def test_the_error_tree_is_that_of_the_code() -> None:
    assert errors.__doc__ is not None
    tree = textwrap.dedent(errors.__doc__.partition("::\n\n")[2].partition("\n\n")[0])
    assert f"```text\n{tree}\n```" in TROUBLESHOOTING


def test_the_error_tree_names_every_error() -> None:
    assert errors.__doc__ is not None
    defined = {name for name, value in vars(errors).items() if isinstance(value, type)}
    assert defined == set(re.findall(r"\w+Error", errors.__doc__.partition("::")[2])) - {"ValueError"}


def test_every_environment_variable_is_explained() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "edge_runtime").rglob("*.py"))
    variables = set(re.findall(r"\bEDGE_DIGITS_[A-Z_]+\b", code))
    assert variables
    assert not [name for name in variables if f"`{name}`" not in TROUBLESHOOTING]


@pytest.mark.parametrize("command", main.commands.values(), ids=main.commands)
def test_every_command_and_option_stands_in_the_usage_page(command: click.Command) -> None:
    section = re.search(rf"^## {command.name}\n(.*?)(?=^## |\Z)", USAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert section is not None
    assert f"edge-digits {command.name}" in section[1]
    common = USAGE.read_text("utf-8").partition("\n## ")[0]
    options = [name for option in command.params if isinstance(option, click.Option) for name in option.opts]
    told = set(re.findall(r"--[a-z][a-z-]*", section[1] + common))
    assert not [name for name in options if name.startswith("--") and name not in told]


@pytest.mark.parametrize("command", main.commands.values(), ids=main.commands)
def test_every_command_has_help_with_an_example(command: click.Command) -> None:
    assert command.help is not None
    assert f"edge-digits {command.name}" in command.help
