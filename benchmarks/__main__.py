"""``python -m benchmarks COMMAND``: data to stdout, progress and errors to stderr."""

from __future__ import annotations

import click

from benchmarks.accuracy.command import accuracy
from benchmarks.accuracy.limits import limits
from benchmarks.footprint.command import footprint
from benchmarks.latency.command import latency
from benchmarks.report.command import every
from benchmarks.throughput.command import throughput
from edge_runtime.cli.shared.errors import Commands


class _Measures(Commands):
    remedy = "pip install --editable '.[train,export,benchmarks]'"


@click.group(cls=_Measures, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Measure the models in the package."""


for command in (every, accuracy, limits, latency, throughput, footprint):
    main.add_command(command)

if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
