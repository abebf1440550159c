"""The run folder: begun, described and read back, with errors that name the file and the command that makes it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from edge_runtime.core import machine
from edge_runtime.recognition.strip import STRIP_VERSION

from .errors import RunError

CONFIG_FILE: Final = "config.json"
HISTORY_FILE: Final = "history.json"
MODEL_FILE: Final = "model.keras"
_LIBRARIES: Final = ("tensorflow", "keras")


def begin(folder: Path, config: Mapping[str, Any], *, resume: bool) -> None:
    """Make the folder and write ``config.json``; to resume, compare with it and note by which code.

    Raises ``RunError`` where the folder holds a run already, there is none to resume, or its settings were others.
    """
    document = folder / CONFIG_FILE
    wanted = {**config, "strip_version": STRIP_VERSION}
    made_with = {"versions": {**machine.versions(), **machine.installed_versions(_LIBRARIES)}, "commit": _commit()}
    if not resume:
        if document.exists():
            raise RunError(f"{folder}: holds a run already; choose another --out, or --resume to carry it on")
        folder.mkdir(parents=True, exist_ok=True)
        write_json(document, {**wanted, **made_with})
        return
    if not document.exists():
        raise RunError(f"{folder}: no run to resume here; start one without --resume")
    present = read_config(folder)
    changed = sorted(key for key, value in wanted.items() if key != "workers" and present.get(key) != value)
    if changed:
        raise RunError(f"{folder}: was begun with other values of {', '.join(changed)}; resume with the same")
    write_json(document, {**present, "resumed": [*present.get("resumed", []), made_with]})


def read_config(folder: Path) -> dict[str, Any]:
    """``config.json`` of a run; ``RunError`` where it is missing or broken."""
    return read_json(folder / CONFIG_FILE, f"python -m train fit --out {folder}")


def read_lineage(folder: Path) -> dict[str, Any]:
    """What was asked for (``config.json``) and what was done, since a run may be stopped early.

    Under ``started_from`` the same of the run which gave the first weights, where it is still there.
    """
    config = read_config(folder)
    if (folder / HISTORY_FILE).exists():
        done = read_json(folder / HISTORY_FILE, f"python -m train fit --out {folder}")
        config |= {"strips_shown": done["seen"], "minutes_taken": round(done["seconds"] / 60, 1)}
    start = config.get("start_from")
    if not start or not (Path(start) / CONFIG_FILE).exists():
        return config
    return {**config, "started_from": read_lineage(Path(start))}


def read_json(path: Path, remedy: str) -> dict[str, Any]:
    """A JSON object; ``RunError`` names the file, and ``remedy`` is the command that makes it."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror}); make it with {remedy}") from error
    except ValueError as error:
        raise RunError(f"{path}: not JSON ({error}); make it again with {remedy}") from error
    if not isinstance(document, dict):
        raise RunError(f"{path}: a JSON {type(document).__name__}, expected an object; make it again with {remedy}")
    return document


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write a document under its name only when it is whole."""
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(json.dumps(document, indent=1), "utf-8")
    unfinished.replace(path)


def _commit() -> str:
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return "unknown"
