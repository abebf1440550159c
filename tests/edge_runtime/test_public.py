"""The public face: names, docstrings, types, entry points."""

from __future__ import annotations

import importlib.util
import inspect
import subprocess
import sys
from pathlib import Path

import click
import pytest

import edge_runtime
from edge_runtime.cli.main import main

NAMES = sorted(edge_runtime.__all__)


def test_every_public_name_can_be_had() -> None:
    for name in NAMES:
        assert getattr(edge_runtime, name) is not None
    assert set(NAMES) <= set(dir(edge_runtime))


def test_a_star_import_gives_exactly_the_public_names() -> None:
    space: dict[str, object] = {}
    exec("from edge_runtime import *", space)
    assert sorted(set(space) - {"__builtins__"}) == NAMES


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


def test_every_error_has_the_one_root() -> None:
    for name in ("ImageError", "ModelError", "SourceError", "DependencyError"):
        assert issubclass(getattr(edge_runtime, name), edge_runtime.EdgeDigitsError)


@pytest.mark.parametrize("command", sorted(main.commands))
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_command_has_help_with_an_example(command: str, flag: str) -> None:
    from click.testing import CliRunner

    result = CliRunner().invoke(main, [command, flag])
    assert result.exit_code == 0
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert {"Example:", "Examples:"} & set(lines)
    assert any(line.startswith(f"edge-digits {command}") for line in lines)
    assert "\\b" not in result.stdout
    for parameter in main.commands[command].params:
        assert not isinstance(parameter, click.Option) or parameter.help, parameter.name


def test_the_commands_are_those_of_the_manual() -> None:
    assert list(main.commands) == ["read", "batch", "webcam", "info", "bench"]


@pytest.mark.parametrize("arguments", [["--version"], ["-h"]])
def test_the_package_runs_as_a_module(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "edge_runtime", *arguments], capture_output=True, text=True, timeout=60, check=True
    )
    assert "edge" in done.stdout and not done.stderr
    assert edge_runtime.__version__ in done.stdout or "Commands:" in done.stdout


def test_no_public_module_needs_the_training_rooms() -> None:
    for module in ("train", "export"):
        assert importlib.util.find_spec(f"edge_runtime.{module}") is None
