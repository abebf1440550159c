"""Runs the systems one after the other; each leaves a JSON file, so that a stopped study is carried on."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from edge_runtime.core import machine
from study.core.result import PICTURES, Context, MissingRun, Progress, Record
from train.core.errors import RunError
from train.core.run_folder import read_json, write_json

from .catalogue import CATALOGUE, NAMES, Row
from .report import render

REPORT: Final = "STUDY.md"
RESULTS: Final = "results"
_SAY_EVERY_S: Final = 15.0
_PACKAGES: Final = ("numpy", "scipy", "scikit-learn", "tensorflow", "keras", "matplotlib")

Say = Callable[[str], None]


def study(
    out: Path,
    *,
    runs: Mapping[str, Path],
    say: Say,
    only: Sequence[str] = (),
    quick: bool = False,
    record: Path | None = None,
) -> Path:
    """Run what is not there yet and write ``STUDY.md``; returns its path.

    runs: run folders of the five-head networks by name; only: names of systems, all where empty;
    record: a folder that gets a copy of the report, its pictures and the results.
    A result of other settings, or of another model in a run folder, is made anew. Raises ``RunError`` where the folder
    holds a quick study and a full one is asked for, or the reverse.
    """
    for part in (RESULTS, PICTURES):
        (out / part).mkdir(parents=True, exist_ok=True)
    records = _read_records(out, quick)
    missing: dict[str, str] = {}
    chosen = [row for row in CATALOGUE if not only or row.name in only]
    for row in chosen:
        context = Context(row.name, out, quick, runs, _progress(row.name, say))
        module = import_module(f"study.networks.{row.module}")
        try:
            settings = module.SETTINGS[row.name].fitted_to(context)
        except MissingRun as error:
            if row.name in records:
                say(f"{row.name}: kept as it is, though there is {error}")
                continue
            missing[row.name] = str(error)
            say(f"{row.name}: missing: {error}")
            continue
        if row.name in records and records[row.name].settings == _json_safe(settings):
            say(f"{row.name}: is there already: {records[row.name].result.headline}")
            continue
        records[row.name] = _run(row, module, settings, context, say)
        _write(out, records[row.name])
        (out / REPORT).write_text(render(records, missing, quick=quick), "utf-8")
    (out / REPORT).write_text(render(records, missing, quick=quick), "utf-8")
    if record is not None:
        _copy(out, record, records)
    return out / REPORT


def _run(row: Row, module: Any, settings: Any, context: Context, say: Say) -> Record:
    say(f"{row.name}: {row.title}, {row.data}")
    started = time.monotonic()
    result = module.run(settings, context)
    seconds = time.monotonic() - started
    processor = machine.processor()
    say(f"{row.name}: {result.headline} in {seconds:.0f} s")
    return Record(
        system=row.name,
        quick=context.quick,
        settings=_json_safe(settings),
        seconds=round(seconds, 1),
        machine=f"{processor['name']}, {processor['processors']} processors",
        versions=machine.installed_versions(_PACKAGES),
        result=result,
    )


def _json_safe(settings: Any) -> dict[str, Any]:
    """As it comes back from a JSON file."""
    document: dict[str, Any] = json.loads(json.dumps(asdict(settings)))
    return document


def _read_records(out: Path, quick: bool) -> dict[str, Record]:
    records = {}
    for name in NAMES:
        path = out / RESULTS / f"{name}.json"
        if not path.exists():
            continue
        try:
            records[name] = Record.from_dict(read_json(path, f"python -m study run {name}"))
        except (KeyError, TypeError) as error:
            raise RunError(f"{path}: not a result of this version of the study ({error}); delete it") from error
        if records[name].quick != quick:
            raise RunError(f"{out}: holds {'a full' if quick else 'a quick'} study; choose another --out")
    return records


def _write(out: Path, record: Record) -> None:
    write_json(out / RESULTS / f"{record.system}.json", asdict(record))


def _copy(out: Path, target: Path, records: Mapping[str, Record]) -> None:
    """The report with all that it names, and no picture of an earlier one."""
    for part in (RESULTS, PICTURES):
        shutil.rmtree(target / part, ignore_errors=True)
        (target / part).mkdir(parents=True)
    shutil.copyfile(out / REPORT, target / REPORT)
    for name, kept in records.items():
        _write(target, kept)
        for picture in records[name].result.pictures:
            shutil.copyfile(out / PICTURES / picture.file, target / PICTURES / picture.file)


def _progress(name: str, say: Say) -> Progress:
    """A line now and then, with the time that is left."""
    started = shown = time.monotonic()

    def progress(done: float, words: str) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown < _SAY_EVERY_S or done <= 0:
            return
        shown = now
        left_s = (now - started) * (1 - done) / done
        say(f"{name}: {done:.0%}, {left_s / 60:.1f} min left, {words}")

    return progress
