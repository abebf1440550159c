"""``python -m benchmarks limits``: the tables of docs/limits.md and the summary of README come from it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.__main__ import main
from benchmarks.accuracy import limits
from benchmarks.core.document import REPOSITORY
from edge_runtime import DigitReader


@pytest.mark.slow
def test_the_command_writes_tables_and_summary_between_their_marks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").mkdir()
    for name in ("README.md", "docs/limits.md"):
        shutil.copy(REPOSITORY / name, tmp_path / name)
    monkeypatch.setattr(limits, "REPOSITORY", tmp_path)
    result = CliRunner().invoke(main, ["limits", "--count", "1", "--write"])
    assert result.exit_code == 0
    readme, page = ((tmp_path / name).read_text("utf-8") for name in ("README.md", "docs/limits.md"))
    assert result.stdout in page and "| `12.5`" in page
    assert readme.partition("<!-- summary:begin -->")[2].count("\n- **") >= 4
    assert page.partition("<!-- limits:begin -->")[0] == _before_marks()


def _before_marks() -> str:
    return (REPOSITORY / "docs" / "limits.md").read_text("utf-8").partition("<!-- limits:begin -->")[0]


def test_a_clear_number_is_read_and_a_tiny_one_is_not() -> None:
    reader = DigitReader("fp32", threads=1)
    clear, tiny = (limits.shares(reader, "", height, 3, 4, height, 0) for height in (48, 6))
    assert (clear.exact, clear.wrong, tiny.exact) == (1.0, 0.0, 0.0)
