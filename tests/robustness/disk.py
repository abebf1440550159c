"""Fault: the disk is full, the pipe is closed. One clear line, what was written is whole, and it can be resumed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.robustness.kills import make_pictures, read_rows
from tests.robustness.outcome import Outcome, Say, child_environment, edge_digits

FILES: Final = 240
QUICK_FILES: Final = 60
LIMIT_BYTES: Final = 16 * 1024  # some thirty rows
_FULL: Final = Path("/dev/full")
_TIMEOUT_S: Final = 120
_TMPFS_BYTES: Final = 16 * 1024


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code and what it said on stderr."""

    code: int
    errors: str


def run(quick: bool, say: Say) -> Outcome:
    """Every kind of full disk that this machine allows, then the closed pipe."""
    wrong: list[str] = []
    left_out: list[str] = []
    tried = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "pictures"
        files = make_pictures(folder, QUICK_FILES if quick else FILES, Path(scratch) / "drawn")
        for name, attempt in _ATTEMPTS.items():
            say(f"disk: {name}")
            place = Path(scratch) / name.replace(" ", "-").replace(".", "-")
            place.mkdir()
            problems = attempt(folder, place, files)
            if problems is None:
                left_out.append(f"{name}: this system does not allow it")
                continue
            tried.append(name)
            wrong += [f"{name}: {problem}" for problem in problems]
    done = (
        "edge-digits batch writing into a file that may not grow (RLIMIT_FSIZE), onto a full tmpfs, to a full device "
        "and into a pipe that is closed; it must end with one line on stderr and leave whole rows; then resumed "
        "with room."
    )
    return Outcome(
        done, {"files": len(files), "kinds": tried, "kinds_tried": len(tried)}, tuple(wrong), tuple(left_out)
    )


def _limited_file(folder: Path, place: Path, files: Sequence[str]) -> list[str] | None:
    if not hasattr(os, "fork"):
        return None
    output = place / "rows.jsonl"
    command = edge_digits("batch", str(folder), "--output", str(output))
    problems = _check_complaint(_run(command, before=_limit_file_size), output.name)
    return problems + _check_rows(output, files) + _check_resumed(folder, output, files)


def _limited_csv(folder: Path, place: Path, files: Sequence[str]) -> list[str] | None:
    """A .csv stands under its final name only when it is whole."""
    if not hasattr(os, "fork"):
        return None
    output = place / "rows.csv"
    problems = _check_complaint(_run(edge_digits("batch", str(folder), "--output", str(output)), _limit_file_size), "")
    return problems + (["an incomplete .csv stands under its final name"] if output.exists() else [])


def _full_tmpfs(folder: Path, place: Path, files: Sequence[str]) -> list[str] | None:
    with _tmpfs(place) as mounted:
        if not mounted:
            return None
        output = place / "rows.jsonl"
        command = edge_digits("batch", str(folder), "--output", str(output))
        problems = _check_complaint(_run(command), output.name) + _check_rows(output, files)
        subprocess.run(["mount", "-o", "remount,size=64m", str(place)], check=True)
        return problems + _check_resumed(folder, output, files)


def _full_device(folder: Path, place: Path, files: Sequence[str]) -> list[str] | None:
    if not _FULL.exists():
        return None
    with _FULL.open("wb") as full:
        ended = _run(edge_digits("batch", str(folder)), stdout=full.fileno())
    return _check_complaint(ended, "")


def _closed_pipe(folder: Path, place: Path, files: Sequence[str]) -> list[str] | None:
    """As ``edge-digits batch FOLDER | head -1``: rows as far as they were wanted, and no stack of calls."""
    child = subprocess.Popen(
        edge_digits("batch", str(folder)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=child_environment()
    )
    assert child.stdout is not None and child.stderr is not None
    first = child.stdout.readline()
    child.stdout.close()
    errors = child.stderr.read().decode("utf-8", "replace")
    child.stderr.close()
    child.wait(_TIMEOUT_S)
    problems = [] if json.loads(first)["path"] == files[0] else ["the first row is not that of the first file"]
    return problems + (["it shows a stack of calls"] if "Traceback" in errors else [])


_ATTEMPTS: Final[dict[str, Callable[[Path, Path, Sequence[str]], list[str] | None]]] = {
    "limit of a file's size": _limited_file,
    "limit of a file's size .csv": _limited_csv,
    "full tmpfs": _full_tmpfs,
    "full device": _full_device,
    "closed pipe": _closed_pipe,
}


def _run(command: Sequence[str], before: Callable[[], None] | None = None, stdout: int = subprocess.DEVNULL) -> Ended:
    done = subprocess.run(
        command,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=child_environment(),
        preexec_fn=before,
        timeout=_TIMEOUT_S,
    )
    return Ended(done.returncode, done.stderr.decode("utf-8", "replace"))


def _limit_file_size() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT_BYTES, LIMIT_BYTES))


def _check_complaint(ended: Ended, named: str) -> list[str]:
    lines = ended.errors.strip().splitlines()
    problems = [] if ended.code == 1 else [f"exit code {ended.code}, expected 1"]
    if "Traceback" in ended.errors:
        problems.append("it shows a stack of calls")
    elif len([line for line in lines if line.startswith("Error")]) != 1 or named not in ended.errors:
        problems.append(f"expected one line with the error, and {named or 'it'} named: {ended.errors.strip()!r}")
    return problems


def _check_rows(output: Path, files: Sequence[str]) -> list[str]:
    """Rows that were written are whole, in order, and of the first files."""
    rows = read_rows(output)
    if not rows:
        return ["no row was kept"]
    if [row and row["path"] for row in rows] != list(files[: len(rows)]):
        return ["the rows that were written are not those of the first files"]
    return []


def _check_resumed(folder: Path, output: Path, files: Sequence[str]) -> list[str]:
    ended = _run([*edge_digits("batch", str(folder), "--output", str(output)), "--resume"])
    paths = [row and row["path"] for row in read_rows(output)]
    problems = [] if ended.code == 0 else [f"resumed with room: exit code {ended.code}: {ended.errors.strip()!r}"]
    return problems + ([] if paths == list(files) else ["resumed with room: the rows are not those of all files"])


@contextmanager
def _tmpfs(place: Path) -> Iterator[bool]:
    """A file system of a few kilobytes; False where it may not be mounted."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={_TMPFS_BYTES}", "tmpfs", str(place)]
    try:
        mounted = sys.platform.startswith("linux") and not subprocess.run(command, capture_output=True).returncode
    except OSError:  # no such command
        mounted = False
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(place)], check=True)
