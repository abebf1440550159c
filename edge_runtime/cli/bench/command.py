"""``edge-digits bench``."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

import edge_runtime
from edge_runtime.cli.shared.options import threads_option
from edge_runtime.core import machine

if TYPE_CHECKING:
    from .measure_strip import Speed
    from .measure_whole import FrameSpeed


@click.command()
@click.option(
    "--seconds",
    type=click.FloatRange(0, 600, min_open=True),
    default=2.0,
    show_default=True,
    help="Time for each model and batch size.",
)
@threads_option
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of a table.")
def bench(seconds: float, threads: int | None, as_json: bool) -> None:
    """Measure the models in the package and the whole reader on this machine.

    fp32 and int8 are first compared on the same strips, then timed in turns in one process. A strip's
    time is that from uint8 pixels to calibrated probabilities. A frame is a 640x480 JPEG file, from
    its bytes to the reading; finding the number is most of it. A start is a new process until its
    first reading.

    \b
    Examples:
      edge-digits bench
      edge-digits bench --seconds 10 --json > bench.json
    """  # noqa: D301 click reads the control character
    from edge_runtime.recognition.model import BUNDLED

    from .measure_strip import LEAST_AGREEMENT, compare, sample_strips, time_in_turns
    from .measure_whole import time_frame, time_start

    models = {name: edge_runtime.DigitModel(name, threads=threads) for name in BUNDLED}
    strips = sample_strips(256)
    agreement = compare(models["fp32"], models["int8"], strips)
    if agreement.alike < LEAST_AGREEMENT:
        raise edge_runtime.ModelError(
            f"fp32 and int8 read only {agreement.alike:.0%} of {agreement.strips} strips alike, so their speed is not "
            "compared; reinstall edge-digits"
        )
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    speeds = time_in_turns(models, strips, seconds)
    frames = time_frame({name: edge_runtime.DigitReader(models[name]) for name in ("fp32", "int8")}, seconds)
    with TemporaryDirectory() as folder:
        start = time_start(Path(folder))
    facts: dict[str, Any] = {
        "edge_digits": edge_runtime.__version__,
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "models": {name: model.sha256 for name, model in models.items()},
        "auto": edge_runtime.DigitModel("auto").name,
        "processor": machine.processor(),
        "versions": machine.versions(),
        "load": load,
        "threads": models["fp32"].threads,
        "agreement": asdict(agreement),
        "speed": {name: [speed.as_dict() for speed in rows] for name, rows in speeds.items()},
        "frame": {name: speed.as_dict() for name, speed in frames.items()},
        "start": asdict(start),
        "warnings": _warnings(speeds, frames),
    }
    click.echo(json.dumps(facts, indent=2) if as_json else _table(facts, speeds))
    for warning in facts["warnings"]:
        click.echo(warning, err=True)


def _table(facts: dict[str, Any], speeds: dict[str, list[Speed]]) -> str:
    processor, agreement = facts["processor"], facts["agreement"]
    features = ", ".join(processor["features"]) or "no features known"
    lines = [
        f"{processor['name']} ({processor['architecture']}, {features})",
        f"edge-digits {facts['edge_digits']}, onnxruntime {facts['versions'].get('onnxruntime', '?')}, "
        f"{facts['threads']} thread(s); auto takes {facts['auto']}",
        f"fp32 and int8 read {agreement['alike']:.1%} of {agreement['strips']} strips alike, "
        f"largest difference of a probability {agreement['max_difference']:.3f}",
        "",
        "model        batch  p50 ms  p90 ms  p99 ms  strips/s   (ms for one strip)",
    ]
    for name, rows in speeds.items():
        for row in rows:
            times = f"{row.p50_ms:7.4f} {row.p90_ms:7.4f} {row.p99_ms:7.4f}"
            lines.append(f"{name:<12} {row.batch:>5} {times} {row.strips_per_s:>9,.0f}")
    lines.append("")
    for name, frame in facts["frame"].items():
        times = f"{frame['p50_ms']:7.2f} {frame['p90_ms']:7.2f} {frame['p99_ms']:7.2f}"
        lines.append(f"{name:<12} frame {times}             (ms for a 640x480 JPEG, from file to reading)")
    resident = facts["start"]["resident_bytes"]
    memory = f", {resident / 1e6:.0f} MB in memory after it" if resident else ""
    lines.append(f"start to the first reading {facts['start']['seconds']:.2f} s{memory}")
    return "\n".join(lines)


def _warnings(speeds: dict[str, list[Speed]], frames: dict[str, FrameSpeed]) -> list[str]:
    rows = [(name, found[0].p50_ms, found[0].p90_ms) for name, found in speeds.items()]
    rows += [(f"{name}, frame", found.p50_ms, found.p90_ms) for name, found in frames.items()]
    return [
        f"{name}: times vary much (p90 is over 1.5 times p50); is the machine busy?"
        for name, p50_ms, p90_ms in rows
        if p90_ms > 1.5 * p50_ms
    ]
