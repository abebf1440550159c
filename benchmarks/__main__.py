"""``python -m benchmarks COMMAND``: data to stdout, progress and errors to stderr."""

from __future__ import annotations

import click

from benchmarks.accuracy.command import accuracy
from benchmarks.candidates.architectures import architectures
from benchmarks.candidates.quantisation import quantisation
from benchmarks.footprint.command import footprint
from benchmarks.latency.command import latency
from benchmarks.report.command import every
from benchmarks.throughput.command import throughput
from edge_runtime.cli.shared.errors import Commands
from edge_runtime.core.malloc import keep_freed_memory
from tests.robustness.command import faults


class _Measures(Commands):
    remedy = "pip install --editable '.[train,export,benchmarks]'"


@click.group(cls=_Measures, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Measure the models in the package."""
    keep_freed_memory()  # as edge-digits does


main.add_command(every)
main.add_command(accuracy)
main.add_command(architectures)
main.add_command(faults)
main.add_command(footprint)
main.add_command(latency)
main.add_command(quantisation)
main.add_command(throughput)

if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
