"""``edge-digits bench``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

import edge_runtime
from edge_runtime import machine

if TYPE_CHECKING:
    from edge_runtime.bench import Speed


@click.command()
@click.option(
    "--seconds",
    type=click.FloatRange(0, 600, min_open=True),
    default=2.0,
    show_default=True,
    help="Time for each model and batch size.",
)
@click.option("--threads", type=click.IntRange(1, 64), help="Processor threads.  [default: $EDGE_DIGITS_THREADS or 1]")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of a table.")
def bench(seconds: float, threads: int | None, as_json: bool) -> None:
    """Measure the models in the package, fp32 and int8, on this machine.

    They are first compared on the same strips, then timed in turns in one process. A time is that of
    one strip from uint8 pixels to calibrated probabilities; finding numbers in a picture is not in it.

    \b
    Examples:
      edge-digits bench
      edge-digits bench --seconds 10 --json > bench.json
    """  # noqa: D301 click reads the control character
    from edge_runtime.bench import LEAST_AGREEMENT, compare, sample_strips, time_in_turns
    from edge_runtime.model import BUNDLED

    models = {name: edge_runtime.DigitModel(name, threads=threads) for name in BUNDLED}
    strips = sample_strips(256)
    agreement = compare(models["fp32"], models["int8"], strips)
    if agreement.alike < LEAST_AGREEMENT:
        raise edge_runtime.ModelError(
            f"fp32 and int8 read only {agreement.alike:.0%} of {agreement.strips} strips alike, so their speed is not "
            "compared; reinstall edge-digits"
        )
    speeds = time_in_turns(models, strips, seconds)
    facts: dict[str, Any] = {
        "processor": machine.processor(),
        "versions": machine.versions(),
        "threads": models["fp32"].threads,
        "agreement": asdict(agreement),
        "speed": {name: [speed.as_dict() for speed in rows] for name, rows in speeds.items()},
    }
    click.echo(json.dumps(facts, indent=2) if as_json else _table(facts, speeds))
    for name, rows in speeds.items():
        _warn_if_unsteady(name, rows[0])


def _table(facts: dict[str, Any], speeds: dict[str, list[Speed]]) -> str:
    processor, agreement = facts["processor"], facts["agreement"]
    lines = [
        f"{processor['name']} ({processor['architecture']}, {', '.join(processor['features']) or 'no features known'})",
        f"onnxruntime {facts['versions'].get('onnxruntime', '?')}, {facts['threads']} thread(s)",
        f"fp32 and int8 read {agreement['alike']:.1%} of {agreement['strips']} strips alike, "
        f"largest difference of a probability {agreement['max_difference']:.3f}",
        "",
        "model        batch  p50 ms  p90 ms  p99 ms  strips/s   (ms for one strip)",
    ]
    for name, rows in speeds.items():
        for row in rows:
            times = f"{row.p50_ms:7.4f} {row.p90_ms:7.4f} {row.p99_ms:7.4f}"
            lines.append(f"{name:<12} {row.batch:>5} {times} {row.strips_per_s:>9,.0f}")
    return "\n".join(lines)


def _warn_if_unsteady(name: str, speed: Speed) -> None:
    if speed.p90_ms > 1.5 * speed.p50_ms:
        click.echo(f"{name}: times vary much (p90 is over 1.5 times p50); is the machine busy?", err=True)
