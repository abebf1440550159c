"""``python -m benchmarks COMMAND``: data to stdout, progress and errors to stderr."""

from __future__ import annotations

import click

from benchmarks.accuracy.command import accuracy
from benchmarks.accuracy.limits import limits
from benchmarks.core.options import part_command
from benchmarks.footprint import command as footprint
from benchmarks.footprint import report as footprint_report
from benchmarks.latency import command as latency
from benchmarks.latency import report as latency_report
from benchmarks.report.command import every
from benchmarks.throughput import command as throughput
from benchmarks.throughput import report as throughput_report
from edge_runtime.cli.shared.errors import Commands
from edge_runtime.core.malloc import keep_freed_memory


class _Measures(Commands):
    remedy = "pip install --editable '.[train,export,benchmarks]'"


@click.group(cls=_Measures, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Measure the models in the package."""
    keep_freed_memory()  # as edge-digits does


for command in (
    every,
    accuracy,
    limits,
    part_command("latency", latency.measure, latency_report.markdown),
    part_command("throughput", throughput.measure, throughput_report.markdown),
    part_command("footprint", footprint.measure, footprint_report.markdown),
):
    main.add_command(command)

if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
