"""The public face: names, docstrings, types, entry points."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import edge_runtime
from edge_runtime.cli.main import main

NAMES = sorted(edge_runtime.__all__)


def in_fresh_process(code: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.splitlines()


def test_every_public_name_is_of_the_module_that_the_type_checkers_are_told() -> None:
    tree = ast.parse(Path(edge_runtime.__file__).read_text("utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
    told = {}
    for node in block.body:
        assert isinstance(node, ast.ImportFrom) and node.level == 1
        told |= {alias.asname: f"edge_runtime.{node.module}" for alias in node.names if alias.asname == alias.name}
    assert sorted(told) == sorted(set(NAMES) - {"__version__"})
    for name, module in told.items():
        assert getattr(edge_runtime, name).__module__ == module, name


def test_a_star_import_gives_exactly_the_public_names() -> None:
    (given,) = in_fresh_process("old = {*dir(), 'old'}; from edge_runtime import *; print(*set(dir()) - old)")
    assert sorted(given.split()) == NAMES


def test_a_listing_shows_the_names_before_they_are_used() -> None:
    (listed,) = in_fresh_process("import edge_runtime; print(*dir(edge_runtime))")
    assert set(NAMES) <= set(listed.split())


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        edge_runtime.no_such_name  # noqa: B018


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("__")])
def test_every_public_thing_is_described(name: str) -> None:
    thing = getattr(edge_runtime, name)
    assert thing.__doc__ and len(thing.__doc__) > 20
    if not inspect.isclass(thing):
        return
    for member_name, member in vars(thing).items():
        if not member_name.startswith("_") and (callable(member) or isinstance(member, (property, classmethod))):
            assert inspect.getdoc(getattr(thing, member_name)), f"{name}.{member_name}"


def test_the_package_is_marked_as_typed() -> None:
    assert (Path(edge_runtime.__file__).parent / "py.typed").is_file()


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_has_help_with_an_example(command: str) -> None:
    result = CliRunner().invoke(main, [command, "-h"])
    assert result.exit_code == 0
    assert CliRunner().invoke(main, [command, "--help"]).stdout == result.stdout
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert {"Example:", "Examples:"} & set(lines)
    assert any(line.startswith(f"edge-digits {command}") for line in lines)
    assert "\\b" not in result.stdout
    for parameter in main.commands[command].params:
        assert not isinstance(parameter, click.Option) or parameter.help, parameter.name


def test_the_commands_are_those_of_the_manual() -> None:
    assert list(main.commands) == ["read", "batch", "webcam", "info", "bench"]


@pytest.mark.parametrize(("argument", "told"), [("--version", edge_runtime.__version__), ("-h", "Commands:")])
def test_the_package_runs_as_a_module(argument: str, told: str) -> None:
    command = [sys.executable, "-m", "edge_runtime", argument]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert told in done.stdout and not done.stderr
