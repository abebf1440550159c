"""The command line: wrong usage, and what all commands share."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge_runtime.cli.main import main
from tests.conftest import Run, one_line
from tests.edge_runtime.recognition.tiny_model import write_model

MOST_HELP_S = 1.0  # of one processor; it takes about 0.2


@pytest.mark.parametrize("arguments", [["batch", "{}", "--output"], ["read", "{}/page.png", "--show"]])
def test_a_file_that_cannot_be_written_is_named_with_the_remedy(run: Run, picture: Path, arguments: list[str]) -> None:
    target = picture.parent / "missing" / ("rows.jsonl" if arguments[0] == "batch" else "shown.png")
    result = run(*(text.format(picture.parent) for text in arguments), target)
    assert result.exit_code == 1
    assert one_line(result.stderr).startswith(f"Error: {target}: No such file or directory; check that its folder")


@pytest.mark.skipif(sys.platform == "win32", reason="processor times of Unix")
@pytest.mark.parametrize("command", list(main.commands))
def test_no_command_takes_long_to_show_its_help(command: str) -> None:
    """Processor time, since the machine may be busy. A second is several times what NumPy alone takes to load."""
    before = os.times()
    subprocess.run([sys.executable, "-m", "edge_runtime", command, "-h"], capture_output=True, timeout=60, check=True)
    after = os.times()
    spent_s = after.children_user + after.children_system - before.children_user - before.children_system
    assert spent_s < MOST_HELP_S


@pytest.mark.parametrize(
    "arguments",
    [
        ["read"],
        ["read", "a.png", "--format", "xml"],
        ["read", "a.png", "b.png", "--show", "c.png"],
        ["read", "a.png", "--show", "c.doc"],
        ["read", "a.png", "--long"],
        ["read", "a.png", "--pages", "first"],
        ["read", "a.png", "--min-confidence", "2"],
        ["read", "a.png", "--threads", "0"],
        ["read", "a.png", "--no-such-option"],
        ["batch"],
        ["batch", "no/such/folder"],
        ["batch", ".", "--output", "rows.xml"],
        ["batch", ".", "--workers", "0"],
        ["webcam", ".", "--headless", "--confirm", str(10**20)],
        ["webcam", ".", "--headless", "--least", "5", "--most", "4"],
        ["bench", "--seconds", "0"],
        ["no-such-command"],
    ],
)
def test_wrong_usage_exits_with_2(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == "" and "Usage:" in result.stderr


def test_a_model_that_cannot_be_used_is_one_line_and_exit_1(run: Run, picture: Path, tmp_path: Path) -> None:
    other = write_model(tmp_path / "other.onnx", names={"strip": "image"})
    for arguments in (["read", picture], ["batch", tmp_path], ["webcam", tmp_path, "--headless"]):
        result = run(*arguments, "--model", other)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "other.onnx" in one_line(result.stderr)
