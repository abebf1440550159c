"""The command line: wrong usage, and what all commands share."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import Run, one_line
from tests.edge_runtime.recognition.tiny_model import write_model


@pytest.mark.parametrize("arguments", [["batch", "{}", "--output"], ["read", "{}/page.png", "--show"]])
def test_a_file_that_cannot_be_written_is_named_with_the_remedy(run: Run, picture: Path, arguments: list[str]) -> None:
    target = picture.parent / "missing" / ("rows.jsonl" if arguments[0] == "batch" else "shown.png")
    result = run(*(text.format(picture.parent) for text in arguments), target)
    assert result.exit_code == 1
    assert one_line(result.stderr).startswith(f"Error: {target}: No such file or directory; check that its folder")


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


def test_no_command_takes_long_to_show_its_help() -> None:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "edge_runtime", "read", "-h"], capture_output=True, timeout=30, check=True)
    assert time.perf_counter() - start < 5
