"""Every console and Python block of README and docs runs and prints what it shows.

The blocks of one page run in order in one folder that has ``samples/``, ``scan.tif`` of three pages and ``my-fonts/``.
A line ``…`` in the shown output stands for any lines, ``…`` within a line for any text. A block that cannot run here
says why in a comment before it: ``<!-- not run: REASON -->``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
EXCUSE = re.compile(r"<!-- not run: (\S.*?) -->\s*\Z", re.DOTALL)
ANY = "…"
ROOT_RIGHTS = re.compile(r"\bsudo\b")
EXITS = re.compile(r"#.*\bexits with (\d)")


@dataclass(frozen=True)
class Block:
    """One fenced block; ``excuse``: why it cannot run here."""

    language: str
    text: str
    line: int
    excuse: str


def blocks(page: Path) -> list[Block]:
    """The console and Python blocks of a page."""
    text = page.read_text("utf-8")
    found = []
    for match in FENCE.finditer(text):
        excuse = EXCUSE.search(text[: match.start()])
        indent = match[1]
        body = "\n".join(line.removeprefix(indent) for line in match[3].splitlines())
        found.append(Block(match[2], body, text.count("\n", 0, match.start()) + 1, excuse[1] if excuse else ""))
    return [block for block in found if block.language in ("console", "python")]


def sessions(block: str) -> list[tuple[str, list[str]]]:
    """The commands of a console block, each with the output that is shown below it."""
    found: list[tuple[str, list[str]]] = []
    continued = False
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif continued:
            found[-1] = (f"{found[-1][0]}\n{line}", [])
        else:
            found[-1][1].append(line)
        continued = bool(found) and not found[-1][1] and line.endswith("\\")
    return found


def matches(shown: list[str], printed: list[str]) -> bool:
    """Whether the output is what is shown; trailing blanks do not count."""
    parts = ["(?:.*\n)*" if line.strip() == ANY else _pattern(line.rstrip()) + r"\s*\n" for line in shown]
    return re.fullmatch("".join(parts), "".join(f"{line.rstrip()}\n" for line in printed)) is not None


def _pattern(line: str) -> str:
    return ".*".join(map(re.escape, line.split(ANY)))


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``edge-digits`` and ``python`` as the reader of the docs has them."""
    folder = tmp_path_factory.mktemp("bin")
    for name, program in (("edge-digits", "-m edge_runtime"), ("python", "")):
        path = folder / name
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" {program} "$@"\n')
        path.chmod(0o755)
    return folder


def furnish(folder: Path) -> None:
    """What the pages take for given, beside the samples: a scan of several pages and a font."""
    shutil.copytree(ROOT / "samples", folder / "samples")
    scan = [np.asarray(cv2.imread(str(folder / "samples" / name))) for name in ("note.jpg", "display.jpg", "two.jpg")]
    assert cv2.imwritemulti(str(folder / "scan.tif"), scan)
    (folder / "my-fonts").mkdir()
    shutil.copy(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSansMono.ttf"), folder / "my-fonts")


def runs(page: Path, folder: Path, commands: Path) -> None:
    """Run the blocks of a page; fails with the first that does not do what it shows."""
    furnish(folder)
    environment = {**os.environ, "PATH": f"{commands}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    for block in blocks(page):
        if block.excuse:
            continue
        steps = [(f"cat <<'E' | python -W error -\n{block.text}\nE", [])]
        for command, shown in steps if block.language == "python" else sessions(block.text):
            assert not ROOT_RIGHTS.search(command), f"{page.name}, line {block.line}: a block with sudo is not run"
            done = subprocess.run(
                ["bash", "-o", "pipefail", "-c", command], cwd=folder, env=environment, capture_output=True, text=True
            )
            where = f"{page.name}, line {block.line}: {command}\n{done.stdout}{done.stderr}"
            exits = EXITS.search(command)
            assert done.returncode == (int(exits[1]) if exits else 0), where
            if shown:
                assert matches(shown, done.stdout.splitlines()), where


@pytest.mark.parametrize("model", ["fp32", pytest.param("int8", marks=pytest.mark.slow)])
def test_the_blocks_of_readme_do_what_they_show(
    model: str, tmp_path: Path, commands: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDGE_DIGITS_MODEL", model)
    runs(ROOT / "README.md", tmp_path, commands)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES[1:], ids=lambda page: page.name)
def test_the_blocks_of_docs_do_what_they_show(page: Path, tmp_path: Path, commands: Path) -> None:
    runs(page, tmp_path, commands)


def test_a_block_that_wants_root_is_not_run(tmp_path: Path, commands: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ touch before\n$ sudo touch after\n```\n")
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(AssertionError, match="sudo"):
        runs(page, folder, commands)
    assert not (folder / "after").exists()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_placeholder_was_left(page: Path) -> None:
    assert "@@" not in page.read_text("utf-8")


def test_most_blocks_run_and_a_wrong_output_is_seen() -> None:
    every = [block for page in PAGES for block in blocks(page)]
    excused = [block for block in every if block.excuse and "tests/docs/test_recipes.py runs it" not in block.excuse]
    assert len(every) > 30
    assert len(excused) < len(every) / 2
    assert matches(["a: 1", "…", "z"], ["a: 1", "b", "c", "z"])
    assert matches(["a: …, 2"], ["a: 1, 2"])
    assert not matches(["a: 1"], ["a: 2"])
    assert not matches(["a: …, 2"], ["a: 1, 3"])
    assert not matches(["a: 1"], ["a: 1", "b"])


@pytest.mark.parametrize("page", [*PAGES, *sorted((ROOT / "examples").rglob("*.md"))], ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", text):
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), f"{page.name}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE)
            assert anchor in {_anchor(heading) for heading in headings}, f"{page.name}: {target}#{anchor}"


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
