"""README's terminal sessions show what the program prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge_runtime.cli.main import main

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("model", ["fp32", "int8"])
def test_the_first_session_is_what_read_prints(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    session = re.search(r"```console\n\$ edge-digits (read [^\n]*)\n(.*?)```", readme, re.DOTALL)
    assert session is not None
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("EDGE_DIGITS_MODEL", model)
    assert CliRunner().invoke(main, session[1].split()).stdout == session[2]
